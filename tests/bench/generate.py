# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures for the benchmark: the same octets for the same arguments."""

import random

import capture
from capture import Connection, Segment

SEED = 1
MSS = 1460


def message(chance, octets):
    """A text message of about so many octets."""
    lines = [b"From: Bob <bob@example.com>", b"To: Alice <alice@example.com>", b"Subject: message %d" % octets,
             b"Date: Tue, 15 Jan 2008 16:02:43 -0500", b"Message-ID: <%d@example.com>" % chance.getrandbits(60), b""]
    size = sum(len(line) + 2 for line in lines)
    while size < octets:
        line = b" ".join(b"w%x" % chance.getrandbits(24) for _ in range(10))
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


def said(segments, side, octets, size=MSS):
    segments.extend(Segment(side, octets[start:start + size]) for start in range(0, len(octets), size))


def session(bodies, pipelined=False, recipients=1, size=MSS):
    segments = []
    said(segments, "S", b"220 mx.example ESMTP Postfix\r\n")
    said(segments, "C", b"EHLO client.example\r\n")
    said(segments, "S", b"250-mx.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n")
    for body in bodies:
        envelope = [(b"MAIL FROM:<bob@example.com> SIZE=%d\r\n" % len(body), b"250 2.1.0 Ok\r\n")]
        envelope += [(b"RCPT TO:<alice%d@example.com>\r\n" % number, b"250 2.1.5 Ok\r\n") for number in range(recipients)]
        envelope += [(b"DATA\r\n", b"354 End data with <CR><LF>.<CR><LF>\r\n")]
        if pipelined:
            envelope = [(b"".join(command for command, _ in envelope), b"".join(reply for _, reply in envelope))]
        for command, reply in envelope:
            said(segments, "C", command)
            said(segments, "S", reply)
        said(segments, "C", body + b".\r\n", size)
        said(segments, "S", b"250 2.0.0 Ok: queued as 4F3A2B1C0D\r\n")
    said(segments, "C", b"QUIT\r\n")
    said(segments, "S", b"221 2.0.0 Bye\r\n")
    return segments


def sessions(count, octets, pipelined=False):
    chance = random.Random(SEED)
    return [Connection(session([message(chance, octets)], pipelined)) for _ in range(count)]


CAPTURES = {
    "500 sessions, a mail of 2 KB each": lambda: sessions(500, 2000),
    "500 sessions, pipelined": lambda: sessions(500, 2000, True),
    "1 session, 500 mails of 1 KB": lambda: [Connection(session([message(random.Random(SEED), 1000)] * 500))],
    "1 transaction, 2,500 recipients": lambda: [Connection(session([message(random.Random(SEED), 1000)], False, 2500))],
    "a message of 1 MB": lambda: [Connection(session([attachment(random.Random(SEED), 1000000)]))],
    "100 KB in segments of 7 octets": lambda: [Connection(session([message(random.Random(SEED), 100000)], size=7))],
    "a message of 10 MB": lambda: [Connection(session([attachment(random.Random(SEED), 10000000)]))],
}


def write(name, path):
    """Writes the capture of that name; gives the number of segments with octets."""
    connections = list(capture.numbered(CAPTURES[name]()))
    capture.save(path, connections)
    return sum(len(connection.segments) for connection in connections)
