# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 3: what is set while a capture is open counts as if set from the start.

Preferences in the running program, Decode As, protocols and heuristics switched off.
"""

import pytest

import capture
import stage
import whole
from capture import Connection, Segment
from clicks import ask, frame, labels, load, rows, setting

# On ports that are nobody's, with nothing that says SMTP for certain.
VAGUE = [Segment("C", b"NOOP\r\n"), Segment("S", b"250 ok\r\n"), Segment("C", b"XFOO bar\r\n"), Segment("S", b"500 no\r\n")]
LATE = [Segment("S", b"220 mx.example ESMTP\r\n"), Segment("C", b"EHLO c.example\r\n"), Segment("S", b"250 mx.exa"),
        Segment("S", b"mple\r\n"), Segment("C", b"QUIT\r\n"), Segment("S", b"221 bye\r\n")]
LATE_LINES = 5

# Preference, its default, and what it is changed to.
CHANGES = {
    "smtpx.tcp.port": ("24,25,587", "25,4000"),
    "smtpx.tls.port": ("465", "4650"),
    "smtpx.replace_builtin": ("TRUE", "FALSE"),
    "smtpx.legacy_filters": ("TRUE", "FALSE"),
    "smtpx.desegment_lines": ("TRUE", "FALSE"),
    "smtpx.reassemble_messages": ("TRUE", "FALSE"),
    "smtpx.show_secrets": ("FALSE", "TRUE"),
    "smtpx.max_message_octets": ("268435456", "40"),
    "tcp.desegment_tcp_streams": ("TRUE", "FALSE"),
    "tcp.reassemble_out_of_order": ("FALSE", "TRUE"),
    "tcp.try_heuristic_first": ("FALSE", "TRUE"),
    "tls.desegment_ssl_records": ("TRUE", "FALSE"),
    "tls.desegment_ssl_application_data": ("TRUE", "FALSE"),
    "tls.keylog_file": ("{keys}", ""),
}


def cut(side, octets):
    half = max(1, len(octets) // 2)
    return [octets[start:start + half] for start in range(0, len(octets), half)]


def out_of_order(connection):
    """A connection's packets, two that carry octets changed about."""
    writer = capture.Writer()
    capture.write(writer, connection)
    packets = writer.parts[1:]
    packets[5], packets[6] = packets[6], packets[5]
    return packets


@pytest.fixture(scope="module")
def mixed(home, transcripts, tls):
    """Many transcripts, some of them cut in half by TCP, odd sessions, packets out of order."""
    every = [stage.on_port(one, one.port) for one in transcripts.values()]
    whole, _ = stage.connect(every[::5] + [one for one in every if "proxy" in one.name], tls)
    halved, _ = stage.connect([one for one in every[1::9] if one.plain] + [one for one in every if one.tls], tls, cut=cut)
    odd = [Connection(VAGUE, port=4000), Connection(tls.wrap(VAGUE), port=4650), Connection(VAGUE, port=587)]
    path = home.file("mixed.pcap")
    writer = capture.Writer()
    for connection in capture.numbered(whole + halved + odd):
        capture.write(writer, connection)
    writer.parts += out_of_order(Connection(LATE, client="10.7.7.7"))
    writer.save(path)
    return path


@pytest.fixture(scope="module")
def clicks(home, mixed):
    found, = ask(home, [load(mixed)], [rows("tcp.len > 0")])
    return [frame(row["num"]) for row in whole.every(found, 4)]


def lists(time=1):
    """sharkd never finds a filter's packets anew: the same text gets the packets of the first time."""
    return [rows("smtpx" + " " * time), rows("smtp.req.command" + " " * time, "smtp.req.command")]


@pytest.fixture(scope="module")
def keys(tls):
    return f"tls.keylog_file: {tls.keylog}"


@pytest.fixture(scope="module")
def unchanged(home, mixed, keys, clicks):
    return ask(home, [load(mixed)], clicks + lists(), *home.profile("unchanged", preferences=[keys]))


@pytest.mark.parametrize("name", CHANGES)
def test_changed_while_open(home, mixed, keys, tls, clicks, unchanged, name):
    """Changed in the running program and loaded again: as if started with it; and back again."""
    default, other = (value.format(keys=tls.keylog) for value in CHANGES[name])
    started = ask(home, [load(mixed)], clicks + lists(),
                  *home.profile(f"with-{name}", preferences=[keys, f"{name}: {other}"]))
    before = [load(mixed), *clicks[::5], *lists(1), setting(name, other), load(mixed)]
    steps = [*clicks, *lists(2), setting(name, default), load(mixed), *clicks, *lists(3)]
    answers = ask(home, before, steps, *home.profile("unchanged"))
    changed, back = answers[:len(started)], answers[-len(started):]
    assert changed == started
    assert changed != unchanged, "what is tried has an effect"
    assert back == unchanged


@pytest.mark.parametrize("limit, reassembled", [(25, True), (24, False)])
def test_largest_message(home, limit, reassembled):
    """A message of as many octets as permitted is put together, a larger one is not."""
    text = [b"Subject: 25 octets\r\n", b"\r\nx\r\n.\r\n"]
    asked = [("S", b"220 mx.example ESMTP\r\n"), ("C", b"DATA\r\n"), ("S", b"354 go\r\n")]
    path = written(home, [Segment(*one) for one in asked] + [Segment("C", one) for one in text], 25)
    limited = ("-o", f"smtpx.max_message_octets:{limit}")
    assert found(home, path, "smtpx.message.octets == 25 && imf.subject", *limited) == reassembled
    assert found(home, path, "smtpx.anomaly.message_size", *limited) == (not reassembled)


# ---- Decode As ----

def protocols(home, path, *arguments):
    """The set of what is above TCP."""
    text = home.text("-r", path, "-Y", "tcp.len > 0", "-T", "fields", "-e", "frame.protocols", *arguments)
    return {line.removeprefix("raw:ip:tcp") for line in text.splitlines()}


def found(home, path, expression, *arguments):
    """How many packets a filter finds."""
    return len(home.text("-r", path, "-Y", expression, "-T", "fields", "-e", "frame.number", *arguments).split())


def written(home, segments, *ports):
    path = home.file("settings.pcap")
    capture.save(path, capture.numbered([Connection(segments, port=port) for port in ports]))
    return path


@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_decoded_as_smtpx(home, tls, passes):
    """What nothing but the user's word makes SMTP, in clear and inside TLS."""
    arguments = (*tls.options, *passes)
    clear, inside = (4000, VAGUE, ":smtpx"), (4650, tls.wrap(VAGUE), ":tls:smtpx")
    for table, (port, segments, above) in (("tcp", clear), ("tls", inside)):
        path = written(home, segments, port)
        assert not any("smtp" in line for line in protocols(home, path, *arguments))
        assert above in protocols(home, path, "-d", f"{table}.port=={port},smtpx", *arguments)
        assert found(home, path, "smtpx.response_to", "-d", f"{table}.port=={port},smtpx", *arguments) == 2


@pytest.mark.parametrize("passes", [(), ("-2",)])
@pytest.mark.parametrize("port, other", [(25, "http"), (587, "http"), (25, "data"), (2525, "http")])
def test_decoded_as_another(home, bare, transcripts, port, other, passes):
    """On the user's word smtpx leaves a port, its own or one where the heuristics would find mail."""
    path = home.file("another.pcap")
    stage.stage([stage.on_port(transcripts["r5_textbook"], port)], path, None)
    arguments = ("-r", path, "-V", "-d", f"tcp.port=={port},{other}", *passes)
    mine = home.text(*arguments)
    assert mine == bare.text(*arguments) and "smtpx" not in mine
    assert any(":smtpx" in line for line in protocols(home, path))


def test_decode_as_of_the_running_program(home, transcripts):
    """Kept in a profile, read by another program: there smtpx neither takes nor gives more than here."""
    taken = home.profile("taken", decode_as_entries=["decode_as_entry: tcp.port,4000,(none),SMTPX"])
    given = home.profile("given", decode_as_entries=["decode_as_entry: tcp.port,25,SMTP,HTTP"])
    odd, usual = written(home, VAGUE, 4000), home.file("usual.pcap")
    stage.stage([transcripts["r5_textbook"]], usual, None)
    for path, profile, count in ((odd, (), 0), (odd, taken, len(VAGUE)), (usual, given, 0)):
        answer, = ask(home, [load(path)], [rows("smtpx")], *profile)
        assert len(answer) == count
    assert ask(home, [load(usual)], [rows("smtpx")])[0]


# ---- Switched off ----

OFF = {
    "option": lambda home: ("--disable-protocol", "smtpx"),
    "profile": lambda home: home.profile("off", disabled_protos=["smtpx"]),
}


@pytest.mark.parametrize("passes", [(), ("-2",)])
@pytest.mark.parametrize("way", OFF)
def test_disabled_is_absent(home, bare, mixed, tls, way, passes):
    """Over every port, heuristics and Decode As included: byte for byte Wireshark without smtpx."""
    arguments = ("-r", mixed, "-V", *tls.options, *passes)
    mine = home.text(*arguments, *OFF[way](home))
    assert mine == bare.text(*arguments)
    assert "Simple Mail Transfer Protocol\n" in mine


def test_disabled_in_another_program(home, bare, mixed, keys, clicks):
    off = home.profile("off", preferences=[keys], disabled_protos=["smtpx"])
    mine = ask(home, [load(mixed)], [rows(), *clicks[::9]], *off)
    theirs = ask(bare, [load(mixed)], [rows(), *clicks[::9]], *bare.profile("keys", preferences=[keys]))
    assert [row["c"] for row in mine[0]] == [row["c"] for row in theirs[0]]
    assert [list(labels(answer["tree"])) for answer in mine[1:]] == [list(labels(answer["tree"])) for answer in theirs[1:]]


# Heuristics switched off, and what they found before: port, in clear or inside TLS.
HEURISTICS = {"smtpx_tcp": (2525, False), "smtpx_tls": (4651, True)}


@pytest.mark.parametrize("name", HEURISTICS)
def test_heuristics_alone(home, tls, name):
    """A heuristic that is off finds nothing, and the ports, and the other heuristic, go on."""
    port, inside = HEURISTICS[name]
    path = written(home, tls.wrap(LATE) if inside else LATE, port)
    usual = home.file("usual.pcap")
    capture.save(usual, [Connection(LATE), Connection(tls.wrap(LATE), port=465)])
    for off in (("--disable-heuristic", name), home.profile("no", heuristic_protos=[f"{name},0"])):
        assert found(home, path, "smtpx", *tls.options) == LATE_LINES
        assert found(home, path, "smtpx", *tls.options, *off) == 0
        assert found(home, usual, "smtpx", *tls.options, *off) == 2 * LATE_LINES
    assert found(home, path, "smtpx", *tls.options, *off, "--enable-heuristic", name) == LATE_LINES
    other, = set(HEURISTICS) - {name}
    assert found(home, path, "smtpx", *tls.options, "--disable-heuristic", other) == LATE_LINES


# ---- Who owns a port ----

# As users of older Wiresharks have it; the built-in's own preference takes ports from whoever has them.
TAKEN = "25,465,587,2525"
WAYS = {
    "option": lambda home, *lines: [part for line in lines for part in ("-o", line.replace(": ", ":"))],
    "profile": lambda home, *lines: home.profile("taken-ports", preferences=lines),
}
BINARY = [Segment("C", bytes(range(200))), Segment("S", b"\0\1\2\3" * 20)]
WEB = [Segment("C", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), Segment("S", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]


@pytest.mark.parametrize("passes", [(), ("-2",)])
@pytest.mark.parametrize("way", WAYS)
def test_ports_named_by_the_builtin(home, tls, way, passes):
    """The built-in's preference does not switch smtpx off, and TLS on its port is still TLS."""
    options = (*WAYS[way](home, f"smtp.tcp.port: {TAKEN}"), *tls.options, *passes)
    for port, segments in ((25, LATE), (587, LATE), (465, LATE), (465, tls.wrap(LATE)), (587, tls.wrap(LATE))):
        assert found(home, written(home, segments, port), "smtpx.command || smtpx.reply", *options) == LATE_LINES, port


@pytest.mark.parametrize("way", WAYS)
def test_declined_on_ports_named_by_the_builtin(home, bare, tls, way):
    """What smtpx declines, and everything when it is off, is the built-in's by its preference."""
    for off, segments in ((("--disable-protocol", "smtpx"), LATE), (("-o", "smtpx.replace_builtin:FALSE"), LATE), ((), BINARY)):
        ports = 25, 465, 587, 2525
        arguments = ("-r", written(home, segments, *ports), "-V", *tls.options)
        mine = home.text(*arguments, *WAYS[way](home, f"smtp.tcp.port: {TAKEN}"), *off)
        assert mine == bare.text(*arguments, *WAYS[way](bare, f"smtp.tcp.port: {TAKEN}"))
        assert mine.count("Simple Mail Transfer Protocol\n") >= len(ports) and all(f" Port: {port}\n" in mine for port in ports)


@pytest.mark.parametrize("way", WAYS)
def test_both_ports_preferences(home, way):
    """Of the ports that both name smtpx has those of its own preference, no others."""
    options = WAYS[way](home, f"smtp.tcp.port: {TAKEN}", "smtpx.tcp.port: 25,2525")
    for port, above in ((25, ":smtpx"), (2525, ":smtpx"), (587, ":smtp")):
        assert protocols(home, written(home, LATE, port), *options) - {""} == {above}, port


def test_ports_named_while_open(home):
    """Set in the running program, and set back: smtpx stays."""
    path = written(home, LATE, 25)
    steps = [load(path), rows("smtpx"), setting("smtp.tcp.port", TAKEN), load(path), rows("smtpx "),
             setting("smtp.tcp.port", "25,587"), load(path), rows("smtpx  ")]
    answers = ask(home, [], steps)
    assert [len(answers[at]) for at in (1, 4, 7)] == [LATE_LINES] * 3


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("other", ["http", "data"])
def test_decoded_as_another_on_taken_ports(home, bare, way, other):
    """What the user decodes as something else stays so, whatever the preferences name."""
    path = written(home, LATE, 25)
    choice = ("-r", path, "-V", "-d", f"tcp.port==25,{other}")
    mine = home.text(*WAYS[way](home, f"smtp.tcp.port: {TAKEN}"), *choice)
    assert mine == bare.text(*WAYS[way](bare, f"smtp.tcp.port: {TAKEN}"), *choice) and "smtpx" not in mine
    path = written(home, LATE, 4000)
    assert not found(home, path, "smtpx", *WAYS[way](home, "smtpx.tcp.port: 25,4000"), "-d", f"tcp.port==4000,{other}")


# ---- The dispatchers ----

@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_decoded_as_the_dispatcher(home, bare, tls, passes):
    """Chosen on another port a dispatcher asks smtpx, then whom the octets name, then the built-in."""
    clear, inside = ("-d", "tcp.port==2526,smtpx_port", *passes), ("-d", "tls.port==4650,smtpx_tls_port", *tls.options, *passes)
    assert protocols(home, written(home, VAGUE, 2526), *clear) == {":smtpx"}
    assert all(line.startswith(":http") for line in protocols(home, written(home, WEB, 2526), *clear))
    assert ":tls:smtpx" in protocols(home, written(home, tls.wrap(VAGUE), 4650), *inside)
    assert ":tls:smtpx" in protocols(home, written(home, tls.wrap(VAGUE), 2526), *clear, *tls.options)
    path = written(home, BINARY, 2526)
    assert home.text("-r", path, "-V", *clear) == bare.text("-r", path, "-V", "-d", "tcp.port==2526,smtp", *passes)


def test_names_of_the_dispatchers(home):
    rows_of_names = [line.split("\t") for line in home.text("-G", "protocols").splitlines()]
    titles = {row[2]: row[1] for row in rows_of_names if len(row) >= 3}
    assert titles["smtpx_port"] == "SMTP (smtpx)" and titles["smtpx_tls_port"] == "SMTP over TLS (smtpx)"
