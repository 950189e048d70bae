# SPDX-License-Identifier: GPL-2.0-or-later
"""The largest things a session can be made of: how many there are, and the connections."""

import generate
from capture import Connection, Segment


def sessions(count):
    """A frame each: a greeting, and nothing more."""
    return [Connection([Segment("S", b"220 mx.example ESMTP\r\n")], opened=False, closed=False) for _ in range(count)]


# What there is so much of: how much, the connections.
BOUNDS = {
    "pipelined commands without a reply": (1000000, lambda n: generate.before_quit(b"NOOP\r\n" * n)),
    "unacknowledged commands, then replies": (2000000, generate.unacknowledged),
    "octets of a line without an end": (1000000000, lambda n: generate.before_quit(b"x" * n)),
    "pipelined recipients": (100000, lambda n: generate.recipients(n, True)),
    "messages on a connection": (100000, lambda n: generate.one([generate.text(200)] * n)),
    "octets behind BDAT 2^63": (10000000, lambda n: generate.before_quit(
        b"MAIL FROM:<a@b.example>\r\nBDAT 9223372036854775808\r\n" + b"x" * n)),
    "lines of a reply to EHLO": (1000000, generate.reply_lines),
    "sessions of a frame each": (60000, sessions),
}
