# SPDX-License-Identifier: GPL-2.0-or-later
"""What is copied of Wireshark's structs is laid out as the real ones: who reads them gets what was put in.

Exported messages: packet-imf.c keeps its struct to itself. Logins: ui/tap-credentials.h is not installed. What TLS knows
of a session: one member of a struct is there or not.
"""

import re

import capture
import stage
from capture import Connection, Segment

# A mail that IMF tells of itself, and one with a certificate that is too short, which makes it give up: then smtpx does.
PLAIN = b"Subject: of IMF\r\n\r\ntext\r\n"
SHORT = (b"Subject: of IMF\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\n"
         b"Content-Type: application/pkix-cert\r\n\r\n0\x82\x01\x00abc\r\n--xx--\r\n")
OPENING = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"HELO c\r\n"), Segment("S", b"250 mx\r\n"),
           Segment("C", b"MAIL FROM:<a@b>\r\n"), Segment("S", b"250 ok\r\n"), Segment("C", b"RCPT TO:<c@d>\r\n"),
           Segment("S", b"250 ok\r\n"), Segment("C", b"DATA\r\n"), Segment("S", b"354 go\r\n")]


def exported(home, name, body):
    """Names and octets of the messages of a session with this one."""
    path, folder = home.file(f"{name}.pcap"), home.file(name)
    capture.save(path, [Connection([*OPENING, Segment("C", body + b".\r\n"), Segment("S", b"250 ok\r\n")])])
    folder.mkdir()
    home.own(folder)
    home.tshark("-r", path, "-q", "--export-objects", f"imf,{folder}")
    return [(file.name, file.read_bytes()) for file in folder.iterdir()]


def test_exported_messages(home):
    """IMF's own has the subject for a name, that of smtpx has none."""
    assert exported(home, "structs-plain", PLAIN) == [("of IMF.eml", PLAIN)]
    assert exported(home, "structs-short", SHORT) == [("message.eml", SHORT)]


def test_logins(home, transcripts, tls):
    """Packet, protocol, name and what is said of it."""
    path = home.file("logins.pcap")
    stage.stage([transcripts["auth_plain"]], path, tls)
    rows = home.text("-r", path, "-q", "-z", "credentials").splitlines()[3:-1]
    assert [row.split() for row in rows] == [["8", "SMTP", "tim", "Mechanism:", "PLAIN,", "accepted"]], rows


def test_tls(home, transcripts, tls):
    """Version and cipher are names, for each version."""
    path = home.file("ciphers.pcap")
    stage.stage([transcripts["r1_gmail_starttls"]], path, tls)
    version, cipher = home.text("-r", path, "-2", *tls.options, "-Y", "smtpx.tls && smtpx.transaction.queue_id", "-T", "fields",
                                "-e", "smtpx.session.tls_version", "-e", "smtpx.session.tls_cipher").strip().split("\t")
    assert version == "TLS 1.3" and re.fullmatch(r"TLS_AES_\w+", cipher)
