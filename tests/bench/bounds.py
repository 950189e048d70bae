# SPDX-License-Identifier: GPL-2.0-or-later
"""The largest things a session can be made of: how many there are, and the connections."""

import generate
from capture import Connection, Segment


def insert(octets, side="C", replies=b""):
    """A session in which a side says so much before QUIT."""
    segments = generate.session([])
    more = []
    generate.said(more, side, octets)
    if replies:
        generate.said(more, "S", replies)
    return [Connection(segments[:-2] + more + segments[-2:])]


def commands(count):
    return insert(b"NOOP\r\n" * count)


def endless_line(octets):
    return insert(b"x" * octets)


def recipients(count):
    return generate.recipients(count, True)


def messages(count):
    return generate.one([generate.text(200)] * count)


def bdat(octets):
    return insert(b"MAIL FROM:<a@b.example>\r\nBDAT 9223372036854775808\r\n" + b"x" * octets)


def capabilities(count):
    return generate.reply_lines(count)


def sessions(count):
    """A frame each: a greeting, and nothing more."""
    return [Connection([Segment("S", b"220 mx.example ESMTP\r\n")], opened=False, closed=False) for _ in range(count)]


# What there is so much of: how much, the connections.
BOUNDS = {
    "pipelined commands without a reply": (1000000, commands),
    "octets of a line without an end": (1000000000, endless_line),
    "pipelined recipients": (100000, recipients),
    "messages on a connection": (100000, messages),
    "octets behind BDAT 2^63": (10000000, bdat),
    "lines of a reply to EHLO": (1000000, capabilities),
    "sessions of a frame each": (60000, sessions),
}
