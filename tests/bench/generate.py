# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures for the benchmark: the same octets for the same arguments."""

import random
import struct
from itertools import zip_longest

import capture
from capture import Connection, Segment

SEED = 1
MSS = 1460

EHLO_REPLY = b"250-mx.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n"
QUEUED = b"250 2.0.0 Ok: queued as 4F3A2B1C0D\r\n"


# ---- Messages ----

def message(chance, octets, dots=False):
    """A text message of about so many octets; with dots each line begins with one (stuffed)."""
    lines = [b"From: Bob <bob@example.com>", b"To: Alice <alice@example.com>", b"Subject: message %d" % octets,
             b"Date: Tue, 15 Jan 2008 16:02:43 -0500", b"Message-ID: <%d@example.com>" % chance.getrandbits(60), b""]
    size = sum(len(line) + 2 for line in lines)
    while size < octets:
        line = (b".." if dots else b"") + b" ".join(b"w%x" % chance.getrandbits(24) for _ in range(10))
        lines.append(line)
        size += len(line) + 2
    return b"\r\n".join(lines) + b"\r\n"


def attachment(chance, octets):
    """A message with a base64 attachment of about so many octets."""
    head = (b"From: Bob <bob@example.com>\r\nSubject: attachment\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n")
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    line = bytes(chance.choice(alphabet) for _ in range(76)) + b"\r\n"
    return head + line * (octets // len(line))


# ---- Sessions ----

def said(segments, side, octets, size=MSS):
    segments.extend(Segment(side, octets[start:start + size]) for start in range(0, len(octets), size))


def chunks(body, size=1 << 20):
    """BDAT commands with their chunks."""
    for start in range(0, len(body), size):
        chunk = body[start:start + size]
        last = b" LAST" if start + size >= len(body) else b""
        yield b"BDAT %d%s\r\n" % (len(chunk), last) + chunk


def session(bodies, pipelined=False, recipients=1, size=MSS, bdat=False, hello=b"EHLO", ehlo_reply=EHLO_REPLY):
    """The segments of a session with a message for each body."""
    segments = []
    said(segments, "S", b"220 mx.example ESMTP Postfix\r\n")
    said(segments, "C", hello + b" client.example\r\n")
    said(segments, "S", ehlo_reply)
    for body in bodies:
        envelope = [(b"MAIL FROM:<bob@example.com> SIZE=%d\r\n" % len(body), b"250 2.1.0 Ok\r\n")]
        envelope += [(b"RCPT TO:<alice%d@example.com>\r\n" % number, b"250 2.1.5 Ok\r\n") for number in range(recipients)]
        if not bdat:
            envelope += [(b"DATA\r\n", b"354 End data with <CR><LF>.<CR><LF>\r\n")]
        if pipelined:
            envelope = [(b"".join(command for command, _ in envelope), b"".join(reply for _, reply in envelope))]
        for command, reply in envelope:
            said(segments, "C", command)
            said(segments, "S", reply)
        for sent in chunks(body) if bdat else [body + b".\r\n"]:
            said(segments, "C", sent, size)
            said(segments, "S", QUEUED * (recipients if hello == b"LHLO" else 1))
    said(segments, "C", b"QUIT\r\n")
    said(segments, "S", b"221 2.0.0 Bye\r\n")
    return segments


def one(bodies, **options):
    return [Connection(session(bodies, **options))]


def sessions(count, octets, pipelined=False):
    chance = random.Random(SEED)
    return [Connection(session([message(chance, octets)], pipelined)) for _ in range(count)]


def text(octets, **options):
    return message(random.Random(SEED), octets, **options)


def recipients(count, pipelined=False):
    return one([text(1000)], recipients=count, pipelined=pipelined)


def reply_lines(count):
    lines = b"".join(b"250-X-CAPABILITY-%d\r\n" % number for number in range(count))
    return one([text(1000)], ehlo_reply=b"250-mx.example\r\n" + lines + b"250 8BITMIME\r\n")


def before_quit(octets, replies=b""):
    """A session without mail in which the client says so much before QUIT."""
    segments = session([])
    more = []
    said(more, "C", octets)
    said(more, "S", replies)
    return [Connection(segments[:-2] + more + segments[-2:])]


def unacknowledged(count):
    """Commands that nobody has acknowledged, then a reply to each."""
    return before_quit(b"NOOP\r\n" * count, b"250 ok\r\n" * count)


def long_line(octets):
    return before_quit(b"XLONG " + b"x" * octets + b"\r\n", b"500 5.5.2 Line too long\r\n")


def said_slowly(segments, side, octets, size=1):
    """In small segments, all of which the other side acknowledges, a few at a time: of those that nobody has
    acknowledged, TCP walks the list for each."""
    other = "C" if side == "S" else "S"
    for start in range(0, len(octets), 64 * size):
        said(segments, side, octets[start:start + 64 * size], size)
        segments.append(Segment(other, b""))


def slow_line(octets):
    """A line, each octet of which is a segment."""
    segments = session([])
    more = []
    said_slowly(more, "C", b"XLONG " + b"x" * (octets - 8) + b"\r\n")
    said(more, "S", b"500 5.5.2 Line too long\r\n")
    return [Connection(segments[:-2] + more + segments[-2:])]


def slow_reply(octets):
    """A reply of one line, the same."""
    segments = session([])
    more = []
    said(more, "C", b"HELP\r\n")
    said_slowly(more, "S", b"214 " + b"x" * (octets - 6) + b"\r\n")
    return [Connection(segments[:-2] + more + segments[-2:])]


def implicit_tls(connections, tls):
    """The same sessions on port 465, each segment with octets a record."""
    return [Connection(tls.wrap(connection.segments), port=465) for connection in connections]


# ---- No mail ----

def web(requests):
    segments = []
    for _ in range(requests):
        said(segments, "C", b"GET /index.html HTTP/1.1\r\nHost: www.example\r\n\r\n")
        said(segments, "S", b"HTTP/1.1 200 OK\r\nContent-Length: 1200\r\n\r\n" + b"x" * 1200)
    return [Connection(segments, port=80)]


def bulk(count):
    """TCP on a port that is nobody's, with octets of any kind."""
    chance = random.Random(SEED)
    segments = []
    for _ in range(count):
        said(segments, chance.choice("CS"), chance.randbytes(chance.choice((100, 800, MSS))))
    return [Connection(segments, port=9999)]


def chat(count):
    """A line a segment, as many protocols have them."""
    chance = random.Random(SEED)
    words = (b"PING", b"220", b"200 OK", b"hello there", b"MSG", b"NICK x", b"USER", b"{}", b"250", b"* OK")
    segments = []
    for _ in range(count):
        said(segments, chance.choice("CS"), chance.choice(words) + b" %x\r\n" % chance.getrandbits(160))
    return [Connection(segments, port=9998)]


def write_dns(count, path):
    query = struct.pack(">HHHHHH", 1, 0x100, 1, 0, 0, 0) + b"\3www\7example\0" + struct.pack(">HH", 1, 1)
    writer = capture.Writer()
    for number in range(count):
        ports = struct.pack(">HHHH", 20000 + number % 20000, 53, 8 + len(query), 0)
        writer.packet(capture.ipv4("10.0.0.1", "10.0.0.2", 17, ports + query))
    writer.save(path)
    return count


# ---- Captures ----

def write(connections, path, interleaved=False):
    """Writes connections; gives the number of segments with octets."""
    connections = list(capture.numbered(connections))
    if interleaved:
        interleave(connections, path)
    else:
        capture.save(path, connections)
    return sum(len(connection.segments) for connection in connections)


def interleave(connections, path):
    """All connections at once: a segment of each, then the next of each."""
    writer = capture.Writer()
    sequences = [dict(connection.isn) for connection in connections]
    for row in zip_longest(*(connection.segments for connection in connections)):
        for connection, sequence, segment in zip(connections, sequences, row):
            if segment:
                other = "S" if segment.side == "C" else "C"
                flags = capture.ACK | capture.PSH
                writer.packet(capture.tcp(connection, segment.side, sequence[segment.side], sequence[other], flags,
                                          segment.octets))
                sequence[segment.side] += len(segment.octets)
    writer.save(path)
