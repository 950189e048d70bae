# SPDX-License-Identifier: GPL-2.0-or-later
"""Standing beside the built-in: finding SMTP, leaving the rest alone, giving way."""

import pytest

import capture
import stage
import transcript
from capture import Connection, Segment

EHLO = [Segment("S", b"220 mx.example ESMTP\r\n"), Segment("C", b"EHLO c.example\r\n"),
        Segment("S", b"250-mx.example\r\n250 SIZE 1000\r\n"), Segment("C", b"QUIT\r\n"), Segment("S", b"221 bye\r\n")]


def written(home, segments, port=25, name="beside.pcap", **options):
    path = home.file(name)
    capture.save(path, [Connection(segments, port=port, **options)])
    return path


def protocols(home, path, *arguments):
    """Each frame's innermost protocols, of frames with octets."""
    text = home.text("-r", path, "-Y", "tcp.len > 0", "-T", "fields", "-e", "frame.protocols", *arguments)
    return [line.removeprefix("raw:ip:tcp") for line in text.splitlines()]


# ---- Finding SMTP ----

@pytest.mark.parametrize("port", [25, 587, 2525, 1025, 24, 465, 366, 8025, 65000])
def test_found_on_any_port(home, port):
    assert set(protocols(home, written(home, EHLO, port))) == {":smtpx"}


def test_lmtp_on_its_port(home):
    path = written(home, [Segment("S", b"220 store.example LMTP\r\n"), Segment("C", b"LHLO c.example\r\n"),
                          Segment("S", b"250 store.example\r\n")], 24)
    assert set(protocols(home, path)) == {":smtpx"}


@pytest.mark.parametrize("start", range(1, 5))
@pytest.mark.parametrize("port", [25, 587])
def test_found_from_the_middle(home, port, start):
    assert set(protocols(home, written(home, EHLO[start:], port, opened=False))) == {":smtpx"}


@pytest.mark.parametrize("only", "CS")
@pytest.mark.parametrize("port", [25, 2525])
def test_found_one_way(home, port, only):
    assert set(protocols(home, written(home, EHLO, port, only=only))) == {":smtpx"}


def test_same_port_on_both_ends(home):
    path = written(home, EHLO, 25, client_port=25)
    assert set(protocols(home, path)) == {":smtpx"}
    info = [line.split("\t") for line in home.text("-r", path, "-Y", "smtpx", "-T", "fields", "-e", "ip.src", "-e",
                                                   "smtpx.command", "-e", "smtpx.reply.code").splitlines()]
    assert [line[1] for line in info if line[0] == "10.0.0.1"] == ["EHLO c.example", "QUIT"]
    assert [line[2] for line in info if line[0] == "10.0.0.2"] == ["220", "250", "221"]


def test_decode_as(home):
    speech = [Segment("C", b"XFOO\r\n"), Segment("S", b"500 what\r\n")]
    path = written(home, speech, 4000)
    assert set(protocols(home, path)) == {":data"}
    assert set(protocols(home, path, "-d", "tcp.port==4000,smtpx")) == {":smtpx"}


def test_port_preferences(home):
    speech = [Segment("C", b"NOOP\r\n"), Segment("S", b"250 ok\r\n")]
    path = written(home, speech, 4000)
    assert set(protocols(home, path, "-o", "smtpx.tcp.port:25,4000")) == {":smtpx"}
    path = written(home, speech, 587)
    assert set(protocols(home, path, "-o", "smtpx.tcp.port:25")) == {":smtp"}
    path = written(home, EHLO, 587)
    assert set(protocols(home, path, "-o", "smtpx.tcp.port:25")) == {":smtp"}


def test_heuristic_can_be_switched_off(home):
    path = written(home, EHLO, 2525)
    assert set(protocols(home, path, "--disable-heuristic", "smtpx_tcp")) == {":data"}


def test_wrong_preference_is_one_clear_line(home):
    done = home.run("tshark", "-r", written(home, EHLO), "-o", "smtpx.tcp.port:smtp", check=False)
    assert done.returncode != 0
    assert "smtpx.tcp.port" in done.stderr.decode()


# A dissector that hands octets on to smtpx below an item of its own.
AROUND = """
local around = Proto("around", "Around")
function around.dissector(tvb, pinfo, tree)
    Dissector.get("smtpx"):call(tvb, pinfo, tree:add(around, tvb()))
end
DissectorTable.get("tcp.port"):add(4000, around)
"""


def test_named_below_another_dissector(home):
    """Where nobody looks, frame.protocols names smtpx wherever it stands."""
    if home.version == "4.6":
        pytest.skip("names no dissector below another one's item that adds no more than its own")
    script = home.file("around.lua")
    script.write_text(AROUND)
    text = home.text("-r", written(home, EHLO, 4000), "-X", f"lua_script:{script}", "-q",
                     "-z", 'io,stat,0,frame.protocols contains "around:smtpx"')
    assert f"| {len(EHLO)} |" in " ".join(text.split())


# ---- Leaving the rest alone ----

OTHERS = {
    "ftp": [Segment("S", b"220 ProFTPD 1.3 Server ready.\r\n"), Segment("C", b"USER anonymous\r\n"),
            Segment("S", b"331 Password required\r\n"), Segment("C", b"PASS x\r\n"), Segment("S", b"230 ok\r\n"),
            Segment("C", b"SYST\r\n"), Segment("S", b"215 UNIX Type: L8\r\n"), Segment("C", b"CWD /\r\n"),
            Segment("S", b"250 CWD command successful\r\n"), Segment("C", b"QUIT\r\n"), Segment("S", b"221 bye\r\n")],
    "ftp, multi-line": [Segment("S", b"220-Welcome\r\n220-to FTP\r\n220 ready\r\n"), Segment("C", b"FEAT\r\n"),
                        Segment("S", b"211-Features:\r\n SIZE\r\n MDTM\r\n211 End\r\n"), Segment("C", b"STAT\r\n"),
                        Segment("S", b"250-Status\r\n250-of it\r\n250 end\r\n")],
    "pop": [Segment("S", b"+OK POP3 ready <1@x>\r\n"), Segment("C", b"USER a\r\n"), Segment("S", b"+OK\r\n"),
            Segment("C", b"PASS b\r\n"), Segment("S", b"-ERR no\r\n"), Segment("C", b"QUIT\r\n"), Segment("S", b"+OK\r\n")],
    "imap": [Segment("S", b"* OK IMAP4rev1 ready\r\n"), Segment("C", b"a1 LOGIN x y\r\n"),
             Segment("S", b"a1 NO no\r\n"), Segment("C", b"a2 LOGOUT\r\n"), Segment("S", b"* BYE\r\na2 OK\r\n")],
    "nntp": [Segment("S", b"200 news.example InterNetNews ready\r\n"), Segment("C", b"MODE READER\r\n"),
             Segment("S", b"200 ok\r\n"), Segment("C", b"GROUP misc.test\r\n"), Segment("S", b"211 1 1 1 misc.test\r\n"),
             Segment("C", b"POST\r\n"), Segment("S", b"340 go\r\n"), Segment("C", b"From: x\r\n\r\ny\r\n.\r\n"),
             Segment("S", b"240 ok\r\n"), Segment("C", b"QUIT\r\n"), Segment("S", b"205 bye\r\n")],
    "irc": [Segment("C", b"NICK x\r\nUSER x 0 * :x\r\n"), Segment("S", b":irc.example 001 x :Welcome\r\n"),
            Segment("C", b"JOIN #mail\r\n"), Segment("S", b":irc.example 353 x = #mail :x\r\n"), Segment("C", b"QUIT\r\n")],
    "http": [Segment("C", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
             Segment("S", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")],
    "http post": [Segment("C", b"POST /mail HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\nEHLO x.example\r\n"),
                  Segment("S", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")],
    "ssh": [Segment("S", b"SSH-2.0-OpenSSH_9.2\r\n"), Segment("C", b"SSH-2.0-x\r\n")],
    "binary": [Segment("C", bytes(range(200))), Segment("S", b"\0\1\2\3" * 20)],
}

PORTS = {"ftp": 21, "ftp, multi-line": 21, "pop": 110, "imap": 143, "nntp": 119, "irc": 6667, "http": 80,
         "http post": 80, "ssh": 22, "binary": 5555}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("own", [True, False])
def test_others_are_not_taken(home, bare, name, own):
    """On its own port and on nobody's, what is not SMTP looks as it does without smtpx."""
    path = written(home, OTHERS[name], PORTS[name] if own else 47111)
    mine = home.text("-r", path, "-V", "-2")
    theirs = bare.text("-r", path, "-V", "-2")
    assert mine == theirs


@pytest.mark.parametrize("name,protocol", [("http", "http"), ("http post", "http"), ("ssh", "ssh"), ("pop", "pop"),
                                           ("imap", "imap")])
def test_others_on_port_25(home, name, protocol):
    """What names itself goes to whom it belongs."""
    found = protocols(home, written(home, OTHERS[name]))
    assert all(line.split(":")[1] == protocol for line in found), found


@pytest.mark.parametrize("name", ["binary"])
def test_unknown_on_port_25(home, bare, name):
    """What nobody knows goes where it went before."""
    path = written(home, OTHERS[name])
    assert home.text("-r", path, "-V") == bare.text("-r", path, "-V")


HTTP_AT_MAIL = [Segment("C", b"GET / HTTP/1.1\r\nHost: mx.example\r\n\r\n"), Segment("S", b"220 mx.example ESMTP\r\n"),
                Segment("S", b"502 5.5.2 Error: command not recognized\r\n"),
                Segment("S", b"221 2.7.0 Error: I can break rules, too. Goodbye.\r\n")]


@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_http_does_not_hide_a_mail_server(home, passes):
    """A client that speaks HTTP to it first."""
    path = written(home, HTTP_AT_MAIL)
    found = protocols(home, path, *passes)
    assert found == [":smtpx" if passes else ":http"] + [":smtpx"] * 3
    frames = home.frames(path, *passes)
    assert [code for frame in frames.values() for code in frame.values("smtpx.reply.code")] == ["220", "502", "221"]
    assert "gap" not in [kind for frame in frames.values() for kind in frame.values("smtpx.anomaly")]
    if passes:
        assert [verb for frame in frames.values() for verb in frame.values("smtpx.command.verb")] == ["GET", "HOST:"]
        assert frames[6].values("smtpx.response_to") == ["4"]


def test_http_post_in_two_segments_is_http(home, bare):
    """What follows a request, before the server has said a word, is the client's."""
    head, body = b"POST /mail HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\n", b"EHLO x.example\r\n"
    path = written(home, [Segment("C", head), Segment("C", body),
                          Segment("S", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")])
    for passes in ((), ("-2",)):
        assert all(line.startswith(":http") or not line for line in protocols(home, path, *passes))
        assert not home.text("-r", path, "-Y", "smtpx", *passes)


def test_greeting_of_another_protocol_is_left(home, bare):
    """A greeting is kept until the client speaks; FTP's client does not speak SMTP."""
    ftp = [Segment("S", b"220 ready\r\n"), Segment("C", b"USER anonymous\r\n"), Segment("S", b"331 password\r\n"),
           Segment("C", b"PASS a@b\r\n"), Segment("S", b"230 ok\r\n")]
    path = written(home, ftp, 2121)
    for passes in ((), ("-2",)):
        assert home.text("-r", path, "-V", *passes) == bare.text("-r", path, "-V", *passes)


@pytest.mark.parametrize("name", ["http", "http post", "ssh", "pop", "imap", "binary"])
def test_others_on_port_24(home, bare, name):
    """On a port that was nobody's, what smtpx declines is as without it."""
    path = written(home, OTHERS[name], 24)
    for passes in ((), ("-2",)):
        assert home.text("-r", path, "-V", *passes) == bare.text("-r", path, "-V", *passes)


def test_tls_on_port_24(home, bare, tls):
    path = written(home, tls.wrap(OTHERS["http"]), 24)
    assert home.text("-r", path, "-V") == bare.text("-r", path, "-V")
    assert home.text("-r", path, "-V", *tls.options) == bare.text("-r", path, "-V", *tls.options)
    found = protocols(home, written(home, tls.wrap(EHLO), 24), *tls.options)
    assert sum(line.endswith(":tls:smtpx") for line in found) == len(EHLO)


def test_plain_lmtp_on_its_port(home):
    """A greeting that says nothing, and a client that is silent."""
    path = written(home, [Segment("S", b"220 store.example ready\r\n"), Segment("C", b"LHLO c.example\r\n"),
                          Segment("S", b"250 store.example\r\n")], 24)
    assert set(protocols(home, path)) == {":smtpx"}


def test_tls_on_port_25(home, tls):
    """TLS without a word before it, on a port that is SMTP's."""
    path = written(home, tls.wrap(EHLO))
    found = protocols(home, path, *tls.options)
    assert all(line.startswith(":tls") for line in found)
    assert sum(line.endswith(":smtpx") for line in found) == len(EHLO)
    assert not any("smtp:" in line for line in protocols(home, path))


@pytest.mark.parametrize("port", [465, 4650])
def test_smtp_inside_tls(home, tls, port):
    """On its port by the port, on any other by what is said."""
    path = written(home, tls.wrap(EHLO), port)
    assert sum(line.endswith(":tls:smtpx") for line in protocols(home, path, *tls.options)) == len(EHLO)
    path = written(home, tls.wrap([Segment("C", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")]), port)
    assert not any("smtpx" in line for line in protocols(home, path, *tls.options))


def test_tls_port_has_an_owner(home, bare, tls):
    """What smtpx declines on a TLS port goes to whoever had that port before."""
    path = written(home, tls.wrap(OTHERS["imap"]), 993)
    assert protocols(home, path, *tls.options, "-o", "smtpx.tls.port:465,993") == protocols(bare, path, *tls.options)
    assert any(line.endswith(":tls:imap") for line in protocols(bare, path, *tls.options))


# ---- Giving way ----

GIVING_WAY = {
    "disabled": ("--disable-protocol", "smtpx"),
    "preference": ("-o", "smtpx.replace_builtin:FALSE"),
}


@pytest.fixture(scope="module")
def sessions(home, transcripts, tls):
    """Transcripts on the built-in's ports; what heuristics find is not the built-in's."""
    path = home.file("giving-way.pcap")
    chosen = [one for one in transcripts.values() if one.port in (25, 587, 465)]
    stage.stage(chosen, path, tls)
    return path


@pytest.mark.parametrize("passes", [(), ("-2",)])
@pytest.mark.parametrize("way", GIVING_WAY)
def test_gives_way(home, bare, sessions, tls, way, passes):
    """The built-in's output is what it is without smtpx, byte for byte."""
    arguments = ("-r", sessions, *tls.options, *passes)
    assert home.text(*arguments, *GIVING_WAY[way]) == bare.text(*arguments)
    mine = home.text(*arguments, "-V", *GIVING_WAY[way])
    theirs = bare.text(*arguments, "-V")
    assert mine == theirs
    assert "Simple Mail Transfer Protocol\n" in mine


def test_gives_way_to_decode_as(home, bare):
    path = written(home, EHLO)
    arguments = ("-r", path, "-V", "-d", "tcp.port==25,smtp")
    assert home.text(*arguments) == bare.text(*arguments)


def test_builtin_disabled(home):
    assert set(protocols(home, written(home, EHLO), "--disable-protocol", "smtp")) == {":smtpx"}


def test_all_names_are_registered(home):
    """Filters, preferences and heuristics that users script against."""
    text = home.text("-G", "fields")
    fields = {line.split("\t")[2] for line in text.splitlines() if line.split("\t")[0] == "F"}
    for name in ("smtpx.capability", "smtpx.command.verb", "smtpx.reply.code", "smtpx.response_in", "smtpx.message.gap"):
        assert name in fields
    preferences = home.text("-G", "defaultprefs")
    for name in ("tcp.port: 24,25,587", "tls.port: 465", "replace_builtin: TRUE", "legacy_filters: TRUE",
                 "desegment_lines: TRUE", "reassemble_messages: TRUE", "max_message_octets: 268435456"):
        assert f"smtpx.{name}" in preferences
    heuristics = home.text("-G", "heuristic-decodes")
    assert "tcp\tsmtpx\tT" in heuristics and "tls\tsmtpx\tT" in heuristics


def test_transcripts_of_the_builtin_ports_are_many(transcripts):
    assert sum(one.port in (25, 587, 465) for one in transcripts.values()) >= 40
    assert transcript.FOLDER.is_dir()


PROXIED = [Segment("C", b"PROXY TCP4 192.0.2.10 192.0.2.25 56324 25\r\n"), Segment("S", b"220 mx.example ESMTP\r\n"),
           Segment("C", b"EHLO c.example\r\n"), Segment("S", b"250-mx.example\r\n250 SIZE\r\n"),
           Segment("C", b"MAIL FROM:<a@c.example>\r\n"), Segment("S", b"250 ok\r\n")]


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("port", [25, 2525])
@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_proxy_header_on_any_port(home, port, eager, passes):
    """Behind a proxy's header the session is SMTP, and all its replies find their commands."""
    segments = list(PROXIED)
    if eager:
        segments[:1] = [Segment("C", PROXIED[0].octets + PROXIED[2].octets)]
        del segments[2]
    path = written(home, segments, port)
    frames = home.frames(path, *passes)
    assert [value for frame in frames.values() for value in frame.values("smtpx.command.verb")] == ["EHLO", "MAIL"]
    assert not [value for frame in frames.values() for value in frame.values("smtpx.anomaly")]
    answered = [frame.values("smtpx.response_to") for frame in frames.values() if frame.values("smtpx.reply.code")]
    assert len(answered) == 3 and all(answered[1:])
    assert home.text("-r", path, "-Y", "proxy.src.ipv4 == 192.0.2.10 && proxy.dstport == 25", *passes)
