# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 3: three of the four invariances, over all transcripts; the fourth, order, is in test_clicks.py.

split      any TCP segmentation gives the same fields
pass       one pass shows what two passes show, forward references aside
transport  a session inside TLS means what it means in clear
"""

import random
import re
import ssl

import pytest

import capture
import stage
import transcript
import whole
from canonical import breaks_off, in_both, is_last_line, is_moved, is_proven, is_reread, is_retold, meaning
from stage import on_port

NAMES = [made.name for made in transcript.every()]


def options(tls):
    return [*tls.options, "-o", "smtpx.legacy_filters:FALSE"]


MOST_PIECES = 1020  # of a line; if there are more than SMTP_MOST_WAITS it is not waited for, see test_slow_line


def pieces(size):
    """Cuts octets in pieces of a size; in larger ones where a line would have too many of them."""
    def cut(side, octets):
        longest = max(map(len, octets.split(b"\n")))
        step = max(size, -(-longest // MOST_PIECES))
        return [octets[start:start + step] for start in range(0, len(octets), step)]

    return cut


def anywhere(seed):
    """Cuts octets at random places; the same seed cuts alike."""
    chance = random.Random(seed)

    def cut(side, octets):
        count = min(len(octets) - 1, chance.choice((0, 1, 1, 2, 3, 5, 8)))
        places = sorted(chance.sample(range(1, len(octets)), count)) if count > 0 else []
        return [octets[start:end] for start, end in zip([0] + places, places + [len(octets)])]

    return cut


CUTS = {"whole": pieces(1 << 30), "1 octet": pieces(1), "2 octets": pieces(2), "3 octets": pieces(3),
        "7 octets": pieces(7), **{f"anywhere {seed}": anywhere(seed) for seed in range(6)}}


def read(home, path, staged, *arguments):
    """What each means; of many small segments most have nothing that counts."""
    frames = home.frames(path, "-2", "-Y", "smtpx || imf", *arguments)
    return {one.transcript.name: meaning(frames, one.all_frames) for one in staged}


def is_whole(one):
    return not any(segment.lost for segment in one.segments)


@pytest.fixture(scope="module")
def splittable(transcripts):
    return [on_port(one, 465 if one.tls else 25) for one in transcripts.values() if is_whole(one)]


@pytest.fixture(scope="module")
def as_written(home, splittable, tls):
    path = home.file("as-written.pcap")
    return read(home, path, stage.stage(splittable, path, tls), *options(tls))


@pytest.fixture(scope="module", params=whole.some(CUTS, "1 octet", "3 octets", "7 octets", "anywhere 0", "anywhere 1"))
def cut_otherwise(request, home, splittable, tls):
    path = home.file("cut.pcap")
    return read(home, path, stage.stage(splittable, path, tls, cut=CUTS[request.param]), *options(tls))


@pytest.mark.parametrize("name", NAMES)
def test_split(name, as_written, cut_otherwise, transcripts):
    if not is_whole(transcripts[name]):
        pytest.skip("octets are lost in it: which, depends on the segments")
    for mine, theirs in zip(cut_otherwise[name], as_written[name]):
        assert mine == theirs


@pytest.fixture(scope="module")
def everything(home, transcripts, tls):
    path = home.file("everything.pcap")
    stage.stage([on_port(one, one.port) for one in transcripts.values()], path, tls)
    return path


def is_smtpx(frame):
    return any(protocol.name == "smtpx" for protocol in frame.protocols)


def test_pass(home, everything, tls):
    once = home.frames(everything, *options(tls))
    twice = home.frames(everything, "-2", *options(tls))
    assert once.keys() == twice.keys()
    last = {number for number in once if is_last_line(once[number], twice[number])}
    # A greeting that could be another protocol's, on a port that is nobody's, is known by what follows it.
    late = {number for number in twice if is_smtpx(twice[number]) and not is_smtpx(once[number])} - last
    assert 0 < len(late) < 12 and all(twice[number].values("smtpx.reply.code") in (["220"], []) for number in late)
    for number in late:
        del once[number], twice[number]
    ahead = {number for number in once if breaks_off(once[number], twice[number])}
    assert 0 < len(ahead) < len(once) / 50 and 0 < len(last) < len(once) / 50
    reread = {number for number in once if is_reread(once[number], twice[number])}
    assert 0 < len(reread) < len(once) / 50
    for number in reread:
        assert not once[number].values("smtpx.reply")
        del once[number], twice[number]
    retold = {number for number in once if is_retold(once[number], twice[number])}
    assert 0 < len(retold) < 4
    for number in retold:
        del once[number], twice[number]
    moved = {number for number in once.keys() - last if is_moved(once[number], twice[number])}
    assert len(moved) < 6
    # Two replies of each message that was obeyed.
    assert 0 < len([number for number in once.keys() - last if is_proven(once[number], twice[number])]) < 12
    for number in once.keys() - last:
        first, second = in_both(once[number], twice[number], number in ahead)
        assert first == second, f"frame {number}"
    once_columns = home.columns(everything, *options(tls))
    twice_columns = home.columns(everything, "-2", *options(tls))
    for number, frame in twice.items():
        if number in last | moved:
            continue
        names = {protocol.name for protocol in frame.protocols}
        if number in ahead:
            assert all(map(str.startswith, twice_columns[number], once_columns[number]))
        elif "smtpx" in names:
            assert once_columns[number][1] == twice_columns[number][1]
            # Which version of TLS it is, TLS learns from later frames.
            assert "tls" in names or once_columns[number][0] == twice_columns[number][0]


def counted(home, path, wanted, *arguments):
    """How many frames a filter finds where nothing else is looked at."""
    text = home.text("-r", path, "-q", "-z", f"io,stat,0,{wanted}", *arguments)
    return int(re.search(r"<>.*?\|\s*(\d+)\s*\|", text).group(1))


def test_named_where_nobody_looks(home, everything, tls):
    """No item of smtpx's is asked for, so none is made; frame.protocols names it all the same."""
    frames = home.frames(everything, *options(tls))
    wanted = sum(is_smtpx(frame) for frame in frames.values())
    assert wanted > 1000
    assert counted(home, everything, "smtpx", *options(tls)) == wanted
    assert counted(home, everything, 'frame.protocols contains "smtpx"', *options(tls)) == wanted


TRANSPORTS = {
    "a record each": (ssl.TLSVersion.TLSv1_3, None, None),
    "TLS 1.2": (ssl.TLSVersion.TLSv1_2, None, None),
    "records cut anywhere": (ssl.TLSVersion.TLSv1_3, anywhere(7), None),
    "records of 3 octets": (ssl.TLSVersion.TLSv1_3, pieces(3), None),
    "several records in a segment": (ssl.TLSVersion.TLSv1_3, anywhere(8), pieces(1 << 30)),
    # Wireshark takes no more than 500 layers in a frame, and each record is two.
    "records of 1 octet in a segment": (ssl.TLSVersion.TLSv1_2, pieces(1), pieces(3000)),
    "segments that cut records": (ssl.TLSVersion.TLSv1_3, anywhere(9), anywhere(10)),
}


@pytest.fixture(scope="module", params=whole.some(TRANSPORTS, "TLS 1.2", "records of 3 octets", "segments that cut records"))
def inside_tls(request, home, splittable, tls):
    version, records, segments = TRANSPORTS[request.param]
    plain = [on_port(one, 465) for one in splittable if one.plain]
    for one in plain:
        one.tls = True
        one.segments = capture.split(one.segments, records) if records else one.segments
    path = home.file("inside.pcap")
    return read(home, path, stage.stage(plain, path, tls, version, cut=segments), *options(tls))


# Remarks on what is said in clear, or must not be said inside TLS.
OF_CLEAR = {"secret_in_clear", "requiretls_in_clear", "tls_refused"}
OF_TLS = OF_CLEAR | {"starttls_inside_tls", "no_ehlo_after_tls"}


def without_clear(shown):
    """Without the remarks on that."""
    fields, *rest = shown
    return [pair for pair in fields if not {pair[1], pair[0].removeprefix("smtpx.anomaly.")} & OF_TLS], *rest


@pytest.mark.parametrize("name", NAMES)
def test_transport(name, as_written, inside_tls, transcripts):
    one = transcripts[name]
    if one.tls or one.tls_from is not None:
        pytest.skip("it is inside TLS anyway")
    if not (one.opened and is_whole(one)) or one.only:
        pytest.skip("TLS without its beginning, a side or some octets says nothing")
    assert without_clear(inside_tls[name]) == without_clear(as_written[name])
    assert not {value for _, value in inside_tls[name][0]} & OF_CLEAR
