# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 3: what is learned does not depend on how drawing ends.

Wireshark gives up on a tree with more than gui.max_tree_items items: it throws while an item is
made, and the exception leaves smtpx and TCP. The units behind it are to be learned all the same.
"""

import pytest

import capture
from capture import Connection, Segment
from wireshark import parse_pdml

# One parameter is two items or more, so the first command has more than all of the other frames.
MANY = b" ".join(b"X%d=y" % number for number in range(400))
SEGMENTS = [
    Segment("S", b"220 mx.example ESMTP\r\n"),
    Segment("C", b"EHLO c.example\r\n"),
    Segment("S", b"250-mx.example\r\n250 PIPELINING\r\n"),
    Segment("C", b"MAIL FROM:<a@c.example> " + MANY + b"\r\nRCPT TO:<b@mx.example>\r\nDATA\r\n"),
    Segment("S", b"250 sender ok\r\n250 recipient ok\r\n354 go ahead\r\n"),
    Segment("C", b"Subject: " + b"x" * 40 + b"\r\n\r\ntext\r\n.\r\n"),
    Segment("S", b"250 queued as 4B1C2D3E4F\r\n"),
    Segment("C", b"QUIT\r\n"),
    Segment("S", b"221 bye\r\n"),
]
LIMIT = ("-o", "gui.max_tree_items:400")
FIELDS = ("smtpx.command.verb", "smtpx.reply.code", "smtpx.response_to", "smtpx.response_in", "smtpx.transaction.sender",
          "smtpx.transaction.recipient", "smtpx.transaction.octets", "smtpx.message.octets", "smtpx.anomaly")


@pytest.fixture(scope="module")
def path(home):
    made = home.file("learning.pcap")
    capture.save(made, [Connection(SEGMENTS)])
    return made


def shown(home, path, *arguments):
    """What each frame shows, by its number, and the frames that Wireshark gave up."""
    done = home.run("tshark", "-r", path, "-T", "pdml", *arguments, check=False)
    frames = list(parse_pdml(done.stdout))
    given_up = [frame.number for frame in frames if any("Dissector bug" in item.label for item in frame.every())]
    return {frame.number: [frame.values(field) for field in FIELDS] for frame in frames}, given_up


@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_thrown_while_drawing(home, path, passes):
    """The frame that could not be drawn was learned: what follows means the same as if it could."""
    whole, none = shown(home, path, *passes)
    thrown, given_up = shown(home, path, *LIMIT, *passes)
    assert not none
    pipelined, = [number for number, values in whole.items() if "RCPT" in values[0]]
    assert given_up == [pipelined]
    assert "RCPT" not in thrown[pipelined][0], "the second unit was not drawn"
    del whole[pipelined], thrown[pipelined]
    assert thrown == whole
    assert any(["b@mx.example"] in values for values in thrown.values())
