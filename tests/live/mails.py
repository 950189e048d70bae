# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages, octet for octet as a client's program hands them over."""

HEADER = b"From: Alice <alice@example.test>\r\nTo: bob@example.test\r\nSubject: %s\r\nMessage-ID: <%s@example.test>\r\n"


def mail(name, body, more=b""):
    octets = name.encode()
    return HEADER % (octets, octets.replace(b" ", b"-")) + more + b"\r\n" + body


PLAIN = mail("plain", b"Hello.\r\n")
DOTS = mail("dots", b".\r\n..\r\n...\r\n.leading\r\n\r\n.\r\ninside . and at the end .\r\n.\r\n")
# For programs that take a last line with a dot alone for their own end.
DOTTED = mail("dotted", b".\r\n..\r\n.leading\r\n\r\n.\r\nthe end.\r\n")
MIME = b"MIME-Version: 1.0\r\nContent-Type: %s\r\nContent-Transfer-Encoding: %s\r\n"
EIGHT_BIT = mail("eight bit", "Grüße aus Köln: ÄÖÜ €\r\n".encode() + b"and Latin-1: \xe4\xf6\xfc\r\n",
                 MIME % (b"text/plain; charset=utf-8", b"8bit"))
UTF8 = ("From: Älice <alice@example.test>\r\nSubject: Grüße\r\nMessage-ID: <utf8@example.test>\r\n"
        "\r\nΓειά σου\r\n").encode()
BINARY = mail("binary", bytes(range(256)) + b"\r\n.\r\nQUIT\r\n\n.\n\r.\r\0\0\r\n\rCR\nLF\r\n" + bytes(range(255, -1, -1)),
              MIME % (b"application/octet-stream", b"binary"))
# What looks like the session itself.
SMTP_INSIDE = mail("looks like SMTP",
                   b"MAIL FROM:<x@y>\r\n250 2.1.0 Ok\r\nDATA\r\n354 go\r\nRSET\r\nBDAT 5 LAST\r\nQUIT\r\n")
LARGE_OCTETS = 5_000_000


def large():
    """About 5 MB of text, some lines beginning with dots."""
    lines = [b".%06d " % number + b"abcdefghijklmnopqrstuvwxyz" * 2 + b"\r\n" if number % 97 == 0 else
             b"%07d " % number + b"abcdefghijklmnopqrstuvwxyz" * 2 + b"\r\n" for number in range(LARGE_OCTETS // 62)]
    return mail("large", b"".join(lines))


def stuffed(octets):
    """As SMTP sends it, the final dot included; for messages that end with CRLF."""
    assert octets.endswith(b"\r\n")
    lines = octets[:-2].split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"


def numbered(count):
    return [mail(f"number {number}", b"This is message %d.\r\n" % number) for number in range(1, count + 1)]
