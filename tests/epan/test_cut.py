# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines that the capture has cut: what is cut off is not judged, and a command stays one."""

import pytest

import capture
from capture import Connection, Segment

HEADERS = 40  # octets of IPv4 and TCP before the line
NAME = "a-long-name-of-somebody.who-writes-every-day@a-long-domain-of-somebody.example"
LINES = [("MAIL", f"MAIL FROM:<{NAME}> SIZE=1234 BODY=8BITMIME"),
         ("MAIL", f'MAIL FROM:"Somebody" <{NAME}>'),
         ("RCPT", f"RCPT TO:<{NAME}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;{NAME}"),
         ("EHLO", f"EHLO {NAME.replace('@', '.')}"),
         ("AUTH", "AUTH SCRAM-SHA-256 " + "bixhPWFubkBjLmV4YW1wbGUs" * 5)]
SAYS_SO = {"unfinished_line", "gap", "path_name"}


def cut(home, segments, snaplen):
    path = home.file("cut.pcap")
    capture.save(path, [Connection(segments)], snaplen)
    return home.frames(path, "-2")


def values(frames, field):
    return [value for number in sorted(frames) for value in frames[number].values(field)]


@pytest.mark.parametrize("kept", (22, 30, 47, 60, 88))
@pytest.mark.parametrize("verb, line", LINES)
def test_not_judged(home, verb, line, kept):
    """The line is cut by the capture, and answered. It stands where it may stand."""
    before = [Segment("C", b"MAIL FROM:<a@b.c>\r\n"), Segment("S", b"250 ok\r\n")] if verb == "RCPT" else []
    segments = [Segment("S", b"220 mx.example\r\n"), *before, Segment("C", line.encode() + b"\r\n"),
                Segment("S", b"250 ok\r\n"), Segment("C", b"RSET\r\n"), Segment("S", b"250 ok\r\n")]
    frames = cut(home, segments, HEADERS + min(kept, len(line) - 1))
    said = ["MAIL"] * bool(before) + [verb, "RSET"]
    assert values(frames, "smtpx.command.verb") == said
    assert values(frames, "smtpx.reply.code") == ["220", *["250"] * len(said)]
    assert set(values(frames, "smtpx.anomaly")) <= SAYS_SO
    assert "unfinished_line" in values(frames, "smtpx.anomaly")
    assert values(frames, "smtpx.mail.size") in ([], ["1234"])
    assert len(values(frames, "smtpx.response_in")) == len(said)


@pytest.mark.parametrize("verb, line", LINES)
def test_certain_behind_a_gap(home, verb, line):
    """Nothing is known of what was said before, and yet it is a command."""
    segments = [Segment("S", b"220 mx.example\r\n"), Segment("C", b"NOOP\r\n", lost=True), Segment("S", b"250 ok\r\n", lost=True),
                Segment("C", line.encode() + b"\r\n"), Segment("S", b"250 ok\r\n")]
    frames = cut(home, segments, HEADERS + 60)
    assert values(frames, "smtpx.command.verb") == [verb]
    assert not values(frames, "smtpx.message.octets")
    assert {"unfinished_line", "gap"} <= set(values(frames, "smtpx.anomaly"))


@pytest.mark.parametrize("port", [2525, 24])
def test_found_by_a_line_that_is_cut(home, port):
    """On a port that is nobody's, from the middle on."""
    path = home.file("cut.pcap")
    segments = [Segment("C", f"MAIL FROM:<{NAME}>\r\n".encode()), Segment("S", b"250 ok\r\n")]
    # The client's usual port is SAP IGS's in Wireshark 4.4.
    capture.save(path, [Connection(segments, port=port, client_port=50123, opened=False)], HEADERS + 60)
    assert values(home.frames(path, "-2"), "smtpx.command.verb") == ["MAIL"]
