# SPDX-License-Identifier: GPL-2.0-or-later
"""Transcripts: a session in plain text, with the facts expected of it.

    # What this is about.            comment
    port 587                         the server's port (25)
    between 192.0.2.1:5000 192.0.2.2 client, server; any without it
    from middle                      the opening of the connection is not captured
    only C                           one side is captured
    tls                              implicit TLS: all lines are inside it
    typed                            each octet of the client is a segment

    S: 220 host ESMTP                octets of one side, CRLF added
      smtpx.reply.code = 220         a fact about the frame that the line ends in
    C: EHLO x\\n\\                     \\n \\r \\t \\\\ \\xHH; a trailing \\ : no line end
    --                               a new segment; without it a run of lines is one
    C? MAIL FROM:<a>                 sent, but not captured
    @575 42.5                        number and time of the next segment's frame
    TLS                              from here on inside TLS, made by a real one
    CLEAR                            TLS ends with close_notify of both sides: from here on in clear

Facts: FIELD = V | W (all its values in the frame, in order), ?FIELD (there is
one), !FIELD (there is none), info = TEXT, protocol = TEXT, "answers TEXT" (the
reply's partner is the last earlier unit whose line begins with TEXT, and the
other way round), "answers opening" (the connection's first frame), "answers nothing".
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from capture import Connection, Segment

FOLDER = Path(__file__).resolve().parent.parent / "transcripts"


@dataclass
class Line:
    side: str
    text: str
    octets: bytes
    segment: int  # index into Transcript.segments
    facts: list = field(default_factory=list)


@dataclass
class Transcript:
    name: str
    port: int = 25
    client: tuple | None = None  # address and port
    server: str = "10.0.0.2"
    opened: bool = True
    only: str | None = None
    tls: bool = False
    tls_from: int | None = None  # index of the first segment inside TLS
    tls_until: int | None = None  # index of the first one in clear again
    segments: list = field(default_factory=list)
    lines: list = field(default_factory=list)

    def connection(self, segments=None):
        made = Connection(self.segments if segments is None else segments, port=self.port, server=self.server,
                          opened=self.opened, closed=self.opened, only=self.only)
        if self.client:
            made.client, made.client_port = self.client
            made.named = True
        return made

    @property
    def plain(self):
        """Can the same dialogue travel inside TLS?"""
        return self.opened and not self.only and not self.tls and self.tls_from is None and not any(
            segment.lost for segment in self.segments)


def octets_of(text):
    ended = not text.endswith("\\") or text.endswith("\\\\")
    if not ended:
        text = text[:-1]
    raw = text.encode("utf-8", "surrogateescape")
    escapes = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}

    def unescape(match):
        code = match.group(1)
        return bytes([int(code[1:], 16)]) if code[:1] == b"x" else escapes[code]

    raw = re.sub(rb"\\(x[0-9a-fA-F]{2}|[nrt\\])", unescape, raw)
    return raw + (b"\r\n" if ended else b"")


class Reader:
    def __init__(self, name):
        self.transcript = Transcript(name)
        self.fresh = True
        self.at = None
        self.typed = False

    def directive(self, word, rest):
        transcript = self.transcript
        if word == "port":
            transcript.port = int(rest)
        elif word == "between":
            client, transcript.server = rest.split()
            address, port = client.split(":")
            transcript.client = address, int(port)
        elif word == "from" and rest == "middle":
            transcript.opened = False
        elif word == "only":
            transcript.only = rest
        elif word == "tls":
            transcript.tls = True
        elif word == "typed":
            self.typed = True
        else:
            raise ValueError(f"{transcript.name}: no such directive: {word} {rest}")

    def octets(self, side, text, lost):
        segments = self.transcript.segments
        octets = octets_of(text)
        last = segments[-1] if segments else None
        if self.fresh or self.at or self.typed or last.side != side or last.lost != lost:
            segments.append(Segment(side, b"", lost, self.at))
        if self.typed and side == "C":
            segments.pop()
            segments.extend(Segment(side, bytes([octet])) for octet in octets)
        else:
            segments[-1].octets += octets
        self.fresh, self.at = False, None
        self.transcript.lines.append(Line(side, text, octets, len(segments) - 1))

    def line(self, text):
        if not text.strip() or text.startswith("#"):
            return
        if text.startswith("  "):
            self.transcript.lines[-1].facts.append(text.strip())
        elif text == "--":
            self.fresh = True
        elif text == "TLS":
            self.transcript.tls_from = len(self.transcript.segments)
            self.fresh = True
        elif text == "CLEAR":
            self.transcript.tls_until = len(self.transcript.segments)
            self.fresh = True
        elif text.startswith("@"):
            number, time = text[1:].split()
            self.at = (int(number), float(time))
        elif text[1:2] in (":", "?") and text[0] in "CS":
            self.octets(text[0], text[3:] if len(text) > 2 else "", text[1] == "?")
        else:
            word, _, rest = text.partition(" ")
            self.directive(word, rest)


def parse(name, text):
    reader = Reader(name)
    for line in text.split("\n"):
        reader.line(line)
    return reader.transcript


def read(path):
    return parse(path.stem, path.read_text(encoding="utf-8"))


def every():
    """All transcripts, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.txt"))]
