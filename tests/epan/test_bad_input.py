# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input is normal input: shown as it stands, bounded, and nothing behind it is lost."""

import base64
import copy
import random

import pytest

import capture
import stage
from canonical import breaks_off, flat, in_both, is_last_line, is_reread, is_retold, meaning
from capture import Connection, Segment

START = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"EHLO c\r\n"), Segment("S", b"250 mx\r\n")]
END = [Segment("C", b"QUIT\r\n"), Segment("S", b"221 bye\r\n")]


def save(home, segments, name="bad.pcap", snaplen=262144, **options):
    path = home.file(name)
    capture.save(path, [Connection(segments, **options)], snaplen)
    return path


def verbs(home, path, *arguments):
    text = home.text("-r", path, "-2", "-T", "fields", "-e", "smtpx.command.verb", "-Y", "smtpx.command", *arguments)
    return text.replace("\n", ",").rstrip(",").split(",")


def check_clean(home, path, *arguments):
    text = home.text("-r", path, "-2", "-V", *arguments)
    # Of a text as long as this one pytest takes minutes to tell the difference.
    assert not [word for word in ("[Malformed Packet", "Dissector bug") if word in text]
    return text


class Wire:
    """START, and packets behind it, which the capture may have cut short."""

    def __init__(self):
        self.connection, self.writer = Connection(START, closed=False), capture.Writer()
        capture.write(self.writer, self.connection)
        self.at = {side: first + sum(len(segment.octets) for segment in START if segment.side == side)
                   for side, first in (("C", 1001), ("S", 5001))}

    def say(self, side, octets, again=False, lost=0):
        """Octets of a side; again: they have been said already; lost: how many the capture has not."""
        start = self.at[side] - len(octets) if again else self.at[side]
        self.at[side] = start + len(octets)
        packet = capture.tcp(self.connection, side, start, self.at["S" if side == "C" else "C"],
                             capture.PSH | capture.ACK, octets)
        whole = self.writer.snaplen
        self.writer.snaplen = len(packet) - lost
        self.writer.packet(packet)
        self.writer.snaplen = whole

    def save(self, path):
        self.writer.save(path)
        return path


def in_both_passes(home, path, *options):
    """The frames, which both passes show the same, but for what only later frames tell: that something has no
    end, that a greeting on a port that is nobody's was SMTP's, and that a message has another reply."""
    once, twice = home.frames(path, *options), home.frames(path, "-2", *options)
    for number in once:
        is_late = flat(twice[number]) and not flat(once[number])
        is_late = is_late or is_reread(once[number], twice[number]) or is_retold(once[number], twice[number])
        if not is_late and not is_last_line(once[number], twice[number]):
            ahead = breaks_off(once[number], twice[number])
            first, second = in_both(once[number], twice[number], ahead)
            assert first == second, f"frame {number}"
    return twice


def mss(size):
    return lambda side, octets: [octets[start:start + size] for start in range(0, len(octets), size)]


def test_endless_line(home):
    """A line of 2 MB is read in parts, and what follows it is read as what it is."""
    segments = START + [Segment("C", b"X" * 2000000 + b"\r\n"), Segment("S", b"500 too long\r\n")] + END
    path = save(home, capture.split(segments, mss(1460)))
    assert verbs(home, path)[-1] == "QUIT"
    assert len(verbs(home, path)) == 3
    assert home.text("-r", path, "-Y", "smtpx.anomaly.long_line", "-T", "fields", "-e", "frame.number").strip()
    check_clean(home, path)


# What is said octet by octet: by whom, its start, the reply.
SLOW = {"a command": ("C", b"XLONG ", Segment("S", b"500 too long\r\n")), "a reply": ("S", b"214 ", None)}

OF_PARTS = ["unfinished_line", "long_line"]


def slowly(what, length):
    """A session in which a line of so many octets comes in as many segments, all of which the other side
    acknowledges a few at a time."""
    side, start, reply = SLOW[what]
    line = start + b"x" * (length - len(start) - 2) + b"\r\n"
    said = []
    for at in range(length):
        said += [Segment(side, line[at:at + 1])] + [Segment("S" if side == "C" else "C", b"")] * (at % 64 == 63)
    return START + (said + [reply] if reply else [Segment("C", b"HELP\r\n"), *said]) + END


@pytest.mark.parametrize("what", SLOW)
@pytest.mark.parametrize("port", (25, 465))
def test_slow_line(home, tls, what, port):
    """Octet by octet, a line of 1,000 octets is whole; a longer one is read in parts, the remarks say so, and what
    follows it is read as what it is. So with TLS's records."""
    fields = ["smtpx.command.verb", "smtpx.reply.code", "smtpx.anomaly", "smtpx.text"]
    arguments = ["-T", "fields", *(part for name in fields for part in ("-e", name)), *tls.options]
    for length, remarks, parts in ((1000, [], 0), (17000, OF_PARTS, 17000 - 1026)):
        segments = slowly(what, length)
        path = save(home, tls.wrap(segments) if port == 465 else segments, port=port)
        once, twice = (home.text("-r", path, *passes, *arguments) for passes in ([], ["-2"]))
        assert once == twice
        shown = [line.split("\t") for line in once.splitlines()]
        said = [[row[column] for row in shown if row[column]] for column in range(4)]
        assert said[0] == ["EHLO", "XLONG" if what == "a command" else "HELP", "QUIT"]
        assert said[1] == ["220", "250", "500" if what == "a command" else "214", "221"]
        assert [one for one in ",".join(said[2]).split(",") if one in OF_PARTS] == remarks
        assert len(said[3]) == parts


@pytest.mark.parametrize("size, desegment", ((1, "TRUE"), (700, "FALSE")))
def test_secret_in_parts(home, size, desegment):
    """What AUTH says in parts is no more shown than in a piece, unless secrets are wanted."""
    line = b"AUTH PLAIN " + base64.b64encode(b"\0user\0" + b"K" * 3000) + b"\r\n"
    said = [Segment("C", line[at:at + size]) for at in range(0, len(line), size)]
    path = save(home, START + said + [Segment("S", b"235 ok\r\n")] + END)
    arguments = ["-r", path, "-2", "-T", "fields", "-e", "smtpx.text", "-o", f"smtpx.desegment_lines:{desegment}"]
    assert set(home.text(*arguments).split("\n")) == {"", "Rest of a line"}
    shown = home.text("-r", path, "-2", "-V", "-o", f"smtpx.desegment_lines:{desegment}", "-O", "smtpx",
                      "-z", "follow,smtpx,ascii,0")
    assert "Rest of a line, " in shown and "AUTH PLAIN" in shown and "S0tLS0tL" not in shown
    plain = home.text(*arguments, "-o", "smtpx.show_secrets:TRUE").replace("\n", "").replace("\\r\\n", "")
    assert line.decode().rstrip().endswith(plain) and len(plain) > 2000


def test_endless_reply(home):
    """A reply of 50,000 lines is one reply to its command, in parts."""
    reply = b"".join(b"250-KEYWORD%d\r\n" % number for number in range(50000)) + b"250 LAST\r\n"
    path = save(home, capture.split([*START[:2], Segment("S", reply)] + END, mss(1460)))
    text = home.text("-r", path, "-2", "-T", "fields", "-e", "smtpx.reply.code", "-Y", "smtpx.reply.code")
    assert text.split() == ["220", "250", "221"]
    found = home.text("-r", path, "-2", "-T", "fields", "-e", "smtpx.capability", "-Y", "smtpx.capability")
    assert len(found.replace("\n", ",").strip(",").split(",")) == 50000


def test_long_reply_with_odd_codes(home):
    """A long reply answers its own command, though it begins with lines that have no reply's code."""
    reply = b"".join(b"150-%06d\r\n" % number for number in range(2000)) + b"250 done\r\n"
    segments = START + [Segment("C", b"NOOP\r\n"), Segment("S", reply)] + END
    path = save(home, capture.split(segments, mss(1400)))
    partners = home.text("-r", path, "-2", "-T", "fields", "-e", "smtpx.reply.code", "-e", "smtpx.response_to", "-Y",
                         "smtpx.response_to")
    assert [line.split("\t") for line in partners.splitlines()][:3] == [["220", "1"], ["250", "5"], ["250", "7"]]
    assert len(partners.splitlines()) == 4


def test_ten_thousand_commands_without_reply(home):
    commands = b"".join(b"RCPT TO:<user%d@example.com>\r\n" % number for number in range(10000))
    path = save(home, capture.split(START + [Segment("C", commands)] + END, mss(1460)))
    found = home.text("-r", path, "-T", "fields", "-e", "smtpx.rcpt.to", "-Y", "smtpx.rcpt.to")
    assert found.replace("\n", ",").strip(",").split(",") == [f"user{number}@example.com" for number in range(10000)]


def test_pipelined_recipients_all_paired(home):
    count = 5000
    commands = b"".join(b"RCPT TO:<user%d@example.com>\r\n" % number for number in range(count))
    replies = b"".join(b"250 2.1.5 ok %d\r\n" % number for number in range(count))
    segments = START + [Segment("C", b"MAIL FROM:<a@b>\r\n" + commands), Segment("S", b"250 ok\r\n" + replies)] + END
    path = save(home, capture.split(segments, mss(1460)))
    text = home.text("-r", path, "-2", "-T", "fields", "-e", "smtpx.response_in", "-e", "smtpx.response_to", "-E",
                     "occurrence=a", "-Y", "smtpx.response_in || smtpx.response_to")
    commands_paired = sum(len(line.split("\t")[0].split(",")) for line in text.splitlines() if line.split("\t")[0])
    assert commands_paired == count + 3
    codes = home.text("-r", path, "-T", "fields", "-e", "smtpx.reply.code", "-Y", "smtpx.reply.code")
    assert set(codes.replace("\n", ",").strip(",").split(",")) == {"220", "250", "221"}


GARBLED = [b"", b" ", b"\0", b"MAIL", b"MAIL FROM", b"MAIL FROM:", b"MAIL FROM:<", b"RCPT TO:<<>>", b"BDAT", b"BDAT -1",
           b"BDAT 99999999999999999999999", b"AUTH", b"AUTH PLAIN =", b"AUTH PLAIN !!!!", b"EHLO", b"EHLO " + b"x" * 3000,
           b"\xff\xfe\xfd", b"\x80" * 40, b"A" * 5000, b"%s%s%s%n", b"RCPT TO:<" + b"a" * 400 + b"@" + b"b" * 400 + b">",
           b"STARTTLS now", b"DATA now", b"MAIL FROM:<a@b> =x SIZE=x SIZE= SIZE=99999999999999999999999"]


def test_garbled_commands(home):
    segments = list(START)
    for line in GARBLED:
        segments += [Segment("C", line + b"\r\n"), Segment("S", b"500 what?\r\n")]
    path = save(home, segments + END)
    assert len(verbs(home, path)) == 2 + len(GARBLED)
    assert verbs(home, path)[-1] == "QUIT"
    check_clean(home, path)
    path = save(home, [segment for segment in segments + END if segment.side == "C"], only="C")
    assert verbs(home, path)[-1] == "QUIT"
    check_clean(home, path)


def test_garbled_replies(home):
    segments = list(START)
    for line in (b"", b" ", b"2", b"25", b"250", b"250x", b"999 what", b"000", b"abc def", b"250-never ends", b"\0\0\0",
                 b"\xff" * 30, b"25 0 split", b"-250 x"):
        segments += [Segment("C", b"NOOP\r\n"), Segment("S", line + b"\r\n")]
    path = save(home, segments + END)
    assert verbs(home, path) == ["EHLO"] + ["NOOP"] * 14 + ["QUIT"]
    check_clean(home, path)


@pytest.mark.parametrize("snaplen", [60, 64, 96, 128, 256])
def test_small_snaplen(home, transcripts, tls, snaplen):
    path = home.file("snap.pcap")
    connections = list(capture.numbered(one.connection(copy.deepcopy(one.segments)) for one in transcripts.values()))
    for connection in connections:
        for segment in connection.segments:
            segment.at = None
    capture.save(path, connections, snaplen)
    check_clean(home, path)


OPTIONS = [("tcp.desegment_tcp_streams:FALSE",), ("smtpx.desegment_lines:FALSE",), ("tcp.reassemble_out_of_order:TRUE",),
           ("tcp.analyze_sequence_numbers:FALSE",), ("tcp.relative_sequence_numbers:FALSE",),
           ("tls.desegment_ssl_application_data:FALSE",)]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: options[0])
def test_settings(home, transcripts, tls, options):
    """Whole lines in whole segments mean the same with any setting of TCP's."""
    chosen = [one for one in transcripts.values() if one.plain and one.port == 25 and "_cut" not in one.name and
              "_before_line_end" not in one.name and
              not one.name.startswith(("r3_", "r4_", "reply_", "telnet", "end_of_data", "last_line", "postscreen", "tls_injected",
                                       "times"))]
    path = home.file("settings.pcap")
    staged = stage.stage(chosen, path, tls)
    arguments = [part for option in options for part in ("-o", option)]
    usual = home.frames(path, "-2")
    found = home.frames(path, "-2", *arguments)
    for one in staged:
        assert meaning(found, one.all_frames) == meaning(usual, one.all_frames), one.transcript.name
    check_clean(home, path, *arguments)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: options[0])
def test_settings_lose_nothing(home, transcripts, tls, options):
    """Cut anywhere, without reassembly even: nothing malformed, and sessions go on."""
    chance = random.Random(11)
    connections = [one.connection(capture.split(one.segments, lambda side, octets: [
        octets[:len(octets) // 2], octets[len(octets) // 2:]])) for one in transcripts.values() if one.plain]
    chance.shuffle(connections)
    path = home.file("lose.pcap")
    capture.save(path, list(capture.numbered(connections)))
    check_clean(home, path, *[part for option in options for part in ("-o", option)])


@pytest.mark.parametrize("seed", range(4))
def test_disorder(home, transcripts, seed):
    """Lost, doubled and swapped packets: nothing malformed, and both passes agree."""
    path = home.file("disorder.pcap")
    connections = capture.numbered(one.connection() for one in transcripts.values() if one.plain)
    capture.save_disordered(path, connections, random.Random(seed))
    check_clean(home, path)
    in_both_passes(home, path)


def test_hello_with_starttls(home, tls):
    """A client that sends its ClientHello in the segment with STARTTLS."""
    inside = [Segment("C", b"EHLO inside.example\r\n"), Segment("S", b"250 mx\r\n")]
    wire = tls.wrap(inside)
    hello = wire.pop(0)
    segments = START[:2] + [Segment("S", b"250-mx\r\n250 STARTTLS\r\n"), Segment("C", b"STARTTLS\r\n" + hello.octets),
                            Segment("S", b"220 go\r\n")] + wire
    path = save(home, segments)
    for passes in ((), ("-2",)):
        text = home.text("-r", path, "-Y", "smtpx.anomaly.early_tls || smtpx.helo || smtpx.starttls == 1", "-T", "fields",
                         "-e", "smtpx.command.verb", "-e", "smtpx.anomaly", "-e", "smtpx.helo", "-e", "smtpx.tls",
                         *tls.options, *passes)
        rows = [line.split("\t")[:3] for line in text.splitlines()]
        assert rows[0] == ["EHLO", "", "c"]
        assert rows[1] == ["STARTTLS", "early_tls", ""]
        assert rows[-1] == ["EHLO", "", "inside.example"]


EAGER = [(), ("-o", "tcp.analyze_sequence_numbers:FALSE"), ("-o", "tcp.reassemble_out_of_order:TRUE")]


def test_short_retransmission(home):
    """What was waited for comes again, and the capture holds less of it than before."""
    wire = Wire()
    reply = b"250-a\r\n250-b\r\n"
    wire.say("C", b"EHLO d\r\n")
    wire.say("S", reply)
    wire.say("C", b"NOOP\r\n")
    wire.say("S", reply, again=True, lost=len(reply) - 1)
    wire.say("S", b"250 c\r\n250 ok\r\n")
    path = wire.save(home.file("short.pcap"))
    for options in EAGER:
        check_clean(home, path, *options)
        assert verbs(home, path, *options) == ["EHLO", "EHLO", "NOOP"]


@pytest.mark.parametrize("back, kept", [(6, 2), (6, 6), (3, 2), (13, 9), (13, 13)])
def test_retransmission_of_a_cut_line(home, back, kept):
    """The last octets come again while their line is waited for, the capture has fewer of them, and the line goes on."""
    wire = Wire()
    begun = b"NOOP a\r\nNOOP b"
    wire.say("C", begun)
    wire.say("C", begun[-back:], again=True, lost=back - kept)
    wire.say("C", b"c\r\nQUIT\r\n")
    path = wire.save(home.file("again.pcap"))
    for options in EAGER:
        check_clean(home, path, *options)
        frames = in_both_passes(home, path, *options)
        arguments = [value for frame in frames.values() for value in frame.values("smtpx.command.argument")]
        assert arguments[-1] == "bc"


def test_truncated_behind_a_cut_line(home):
    """A line goes on in a segment that the capture has cut short."""
    wire = Wire()
    wire.say("C", b"NOOP\r\nNOOP\r\n")
    wire.say("S", b"250 ok\r\n250 it goes ")
    wire.say("S", b"on and on\r\n", lost=1)
    path = wire.save(home.file("truncated.pcap"))
    check_clean(home, path)
    in_both_passes(home, path)
