# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 2: every transcript shows the facts that it states."""

import ssl

import pytest

import stage
import transcript

NAMES = [made.name for made in transcript.every()]
VERSIONS = {"TLS 1.3": ssl.TLSVersion.TLSv1_3, "TLS 1.2": ssl.TLSVersion.TLSv1_2}


class Shown:
    """What tshark shows of staged transcripts."""

    def __init__(self, home, path, staged, tls):
        options = ["-2", *tls.options]
        self.frames = home.frames(path, *options)
        self.columns = home.columns(path, *options)
        self.staged = {one.transcript.name: one for one in staged}


@pytest.fixture(scope="module", params=VERSIONS)
def shown(request, home, transcripts, tls):
    """All transcripts in one capture; those that fix frame numbers in one of their own."""
    together = [one for one in transcripts.values() if not any(segment.at for segment in one.segments)]
    apart = [one for one in transcripts.values() if one not in together]
    result = {}
    for number, group in enumerate([together] + [[one] for one in apart]):
        path = home.file(f"facts-{number}.pcap")
        staged = stage.stage(group, path, tls, VERSIONS[request.param])
        made = Shown(home, path, staged, tls)
        result.update({name: (made, made.staged[name]) for name in made.staged})
    return result


def partner(staged, line, prefix):
    """The frame of the last line of the other side before this one that begins with a prefix."""
    earlier = staged.transcript.lines[: staged.transcript.lines.index(line)]
    found = [one for one in earlier if one.side != line.side and one.text.startswith(prefix)]
    assert found, f"no line begins with {prefix!r}"
    return staged.frames[found[-1].segment]


def check_answers(shown, staged, line, number, prefix):
    asked = shown.frames[number].values("smtpx.response_to")
    if prefix == "nothing":
        assert not asked, f"answers {asked}"
        return
    if prefix == "opening":
        assert asked == [str(staged.opening)]
        return
    command = partner(staged, line, prefix)
    assert str(command) in asked, f"answers {asked}, not {command}"
    if not staged.transcript.only and not is_one_of_several(shown, number, command):
        assert str(number) in shown.frames[command].values("smtpx.response_in")


def is_one_of_several(shown, number, command):
    """Is this another reply to a message that was answered before (LMTP, PRDR)? The command knows the first."""
    first = [int(frame) for frame in shown.frames[command].values("smtpx.response_in")]
    again = shown.frames[number].values("smtpx.reply.recipient") or any(
        shown.frames[frame].values("smtpx.reply.code") == ["353"] for frame in first)
    # Where a reply to RCPT is missing, nobody knows whose each is.
    again = again or shown.frames[number].values("smtpx.session.protocol") == ["LMTP"]
    # A server that was deceived seemed to answer the command before that was known.
    again = again or any("lookalike_end" in shown.frames[frame].values("smtpx.anomaly")
                         for frame in range(min(first) + 1, number + 1))
    return bool(again) and min(first) < number


def check(shown, staged, line, fact):
    number = staged.frames[line.segment]
    frame = shown.frames[number]
    protocol, info = shown.columns[number]
    name, _, wanted = fact.partition(" = ") if " = " in fact else (fact.removesuffix(" ="), "", "")
    if fact.startswith("answers "):
        check_answers(shown, staged, line, number, fact.removeprefix("answers "))
    elif fact.startswith("!"):
        assert not frame.values(fact[1:])
    elif fact.startswith("?"):
        assert frame.values(fact[1:])
    elif name == "info":
        assert info == wanted
    elif name == "protocol":
        assert protocol == wanted
    else:
        assert frame.values(name) == [value.strip(" ") if len(value.strip()) else "" for value in wanted.split(" | ")]


@pytest.mark.parametrize("name", NAMES)
def test_facts(shown, name):
    made, staged = shown[name]
    assert any(line.facts for line in staged.transcript.lines), "a transcript without a fact tests nothing"
    for line in staged.transcript.lines:
        for fact in line.facts:
            try:
                check(made, staged, line, fact)
            except AssertionError as trouble:
                raise AssertionError(f"{line.side}: {line.text}\n  {fact}\n{trouble}") from None


def test_r1_as_published(shown, home):
    """Frame numbers, times, lengths, sequence and acknowledgement numbers."""
    _, staged = shown["r1_gmail_starttls"]
    text = home.text("-r", staged.path, "-Y", "tcp.len > 0 && frame.number <= 582", "-T", "fields", "-e", "frame.number",
                     "-e", "frame.time_relative", "-e", "tcp.srcport", "-e", "tcp.len", "-e", "tcp.seq", "-e", "tcp.ack")
    assert [line.split("\t") for line in text.splitlines()] == [
        ["575", "42.581202000", "587", "76", "1", "1"],
        ["576", "42.585125000", "53267", "22", "1", "77"],
        ["579", "42.834316000", "587", "170", "77", "23"],
        ["580", "42.834900000", "53267", "10", "23", "247"],
        ["582", "43.097867000", "587", "30", "247", "33"],
    ]


@pytest.mark.parametrize("name", NAMES)
def test_pairs_agree(shown, name):
    """Each reply's command knows the reply, and the other way round."""
    made, staged = shown[name]
    for number in staged.all_frames:
        frame = made.frames[number]
        for here, there in (("smtpx.response_to", "smtpx.response_in"), ("smtpx.response_in", "smtpx.response_to")):
            for other in frame.values(here):
                if int(other) not in staged.all_frames:
                    continue  # the opening of the connection
                if here == "smtpx.response_in" or not is_one_of_several(made, number, int(other)):
                    assert str(number) in made.frames[int(other)].values(there)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_malformed(shown, name):
    made, staged = shown[name]
    for number in staged.all_frames:
        assert not [item.name for item in made.frames[number].every("_ws.malformed")]


@pytest.mark.parametrize("name", NAMES)
def test_no_time_is_negative(shown, name):
    made, staged = shown[name]
    for number in staged.all_frames:
        for field in ("smtpx.response_time", "smtpx.transaction.duration", "smtpx.reply.duration", "smtpx.wait"):
            assert all(float(value) >= 0 for value in made.frames[number].values(field)), f"{field}, frame {number}"
