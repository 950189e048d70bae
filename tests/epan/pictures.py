#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of Wireshark with the profile SMTP: a capture is made, a frame chosen, its tree opened.

    pictures.py FOLDER [NAME...]

writes NAME.png into FOLDER for each of PICTURES, or those named. SMTPX_PLUGIN names the plugin.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import screen
import stage
import transcript
from tls import Tls
from window import Window
from wireshark import Home

PROFILE = Path(__file__).resolve().parents[2] / "profile/SMTP"
SIZE = 1280, 760
PACKETS = 290  # height of the list of packets

# Widths of columns, and which of the profile's are left out: all packets are of the same two ends.
WIDTHS = {"%m": 60, "%t": 85, "%Cus:smtpx.session": 60, "%Cus:smtpx.transaction": 45,
          "%Cus:smtpx.mail.from || smtpx.transaction.sender": 165, "%Cus:smtpx.rcpt.to || smtpx.transaction.recipient": 165,
          "%Cus:smtpx.reply.code": 115, "%Cus:smtpx.response_time": 105, "%p": 75, "%i": 700}
LEFT_OUT = ('"%s"', '"%d"')

REFUSED = r"""
S: 220 mx.example.test ESMTP Postfix
C: EHLO client.example.test
S: 250-mx.example.test
S: 250-PIPELINING
S: 250-SIZE 10485760
S: 250 ENHANCEDSTATUSCODES
C: MAIL FROM:<alice@example.test> SIZE=1830
C: RCPT TO:<bob@example.test>
C: RCPT TO:<nosuch@example.test>
C: RCPT TO:<grey@example.test>
C: DATA
S: 250 2.1.0 Ok
S: 250 2.1.5 Ok
S: 550 5.1.1 <nosuch@example.test>: Recipient address rejected: User unknown
S: 450 4.2.0 <grey@example.test>: Recipient address rejected: Greylisted
S: 354 End data with <CR><LF>.<CR><LF>
C: From: Alice <alice@example.test>
C: To: bob@example.test, nosuch@example.test, grey@example.test
C: Subject: =?utf-8?q?Rechnung_f=C3=BCr_M=C3=A4rz?=
C: Message-ID: <20260327.7781@client.example.test>
C: 
LINES
C: .
@11 0.482
S: 250 2.0.0 Ok: queued as 4ABC1234
C: QUIT
S: 221 2.0.0 Bye
""".replace("LINES", "C: Dear Bob, here is the invoice for March, as we have said on the telephone.\n" * 3)

LMTP = r"""
port 24
S: 220 store.example.test LMTP ready
C: LHLO mx.example.test
S: 250-store.example.test
S: 250 PIPELINING
C: MAIL FROM:<alice@example.test>
C: RCPT TO:<bob@store.example.test>
C: RCPT TO:<carol@store.example.test>
C: DATA
S: 250 2.1.0 OK
S: 250 2.1.5 OK
S: 250 2.1.5 OK
S: 354 OK
C: Subject: Minutes
C: 
C: Please find them below.
C: .
S: 250 2.0.0 <bob@store.example.test> yHiaFcOHAWsYAAAAg+zDdQ Saved
S: 452 4.2.2 <carol@store.example.test> Mailbox is full
C: QUIT
S: 221 2.0.0 Bye
"""

LOGIN = r"""
port 587
S: 220 mail.example.test ESMTP
C: EHLO [192.0.2.7]
S: 250-mail.example.test
S: 250 AUTH PLAIN LOGIN
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: YWxpY2VAZXhhbXBsZS50ZXN0
S: 334 UGFzc3dvcmQ6
C: c2VjcmV0
@12 2.013
S: 535 5.7.8 Error: authentication failed: authentication failure
C: QUIT
S: 221 2.0.0 Bye
"""

SEGMENTS = r"""
S: 220 mx.example.test ESMTP
C: EHLO client.example.test
S: 250-mx.example.test
S: 250 SIZE 10485760
C: MAIL FROM:<alice@example.test>
S: 250 2.1.0 Ok
C: RCPT TO:<bob@example.test>
S: 250 2.1.5 Ok
C: DATA
S: 354 go on
C: Subject: Four segments
C: From: Alice <alice@example.test>
C: 
LINES
--
LINES
--
LINES
--
C: ..a line that begins with a dot
C: Bye.
C: .
@18 0.31
S: 250 2.0.0 Ok: queued as 59E1BAA51F4
C: QUIT
S: 221 2.0.0 Bye
""".replace("LINES", "C: A line of text, as there are many of them in a message.\n" * 22)


@dataclass
class Picture:
    """What is in the capture: a transcript's name, or a text; and the frame with the line that begins so."""

    session: str
    line: str
    says: str  # the beginning of a row that the open tree has
    opened: bool = True  # its connection is in the capture


PICTURES = {
    "gmail": Picture("r1_gmail_starttls", "250-smtp.gmail.com", "Capability", opened=False),
    "refused": Picture(REFUSED, "250 2.0.0 Ok", "[Refused recipient"),
    "pipelined": Picture(REFUSED, "550 5.1.1", "[Response to: 7 (RCPT"),
    "lmtp": Picture(LMTP, "452 4.2.2", "[Recipient answered"),
    "login": Picture(LOGIN, "535 5.7.8", "[Authentication result"),
    "segments": Picture(SEGMENTS, "Bye.", "Message: "),
}


def settings():
    """The profile's files, and how its window is divided."""
    files = {file.name: file.read_text().splitlines() for file in PROFILE.iterdir()}
    widths = ", ".join(f'"{column}", {width}' for column, width in WIDTHS.items())
    files["recent"] = ["gui.toolbar_main_show: FALSE", "gui.byte_view_show: FALSE", f"gui.geometry_main_upper_pane: {PACKETS}",
                       f"column.width: {widths}"]
    files["preferences"] = [line for line in files["preferences"] if not any(column in line for column in LEFT_OUT)]
    return files


def staged(picture, home, tls):
    known = {made.name: made for made in transcript.every()}
    made = known.get(picture.session) or transcript.parse("picture", picture.session)
    made.opened = picture.opened
    [one] = stage.stage([made], home.file("mail.pcap"), tls)
    return one


def take(name, folder, home, tls):
    picture = PICTURES[name]
    one = staged(picture, home, tls)
    number = next(one.frames[line.segment] for line in one.transcript.lines if line.text.startswith(picture.line))
    count = len(home.text("-r", one.path, "-Y", "smtpx", "-2", *tls.options).splitlines())
    opened = Window(home, one.path, tls.options, count, "smtpx", size=SIZE, files=settings())
    try:
        opened.choose(number)
        opened.open(opened.protocol(), picture.says)
        opened.screen.hand("mousemove", SIZE[0] - 1, SIZE[1] - 1)
        opened.screen.settle()
        opened.screen.picture(folder / f"{name}.png")
    finally:
        opened.screen.close()


def main():
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(PICTURES):
        sys.exit(f"usage: pictures.py FOLDER [NAME...]; there are {', '.join(PICTURES)}")
    missing = screen.missing()
    if missing:
        sys.exit(f"pictures.py: no {', '.join(missing)}")
    home = Home(os.environ["SMTPX_PLUGIN"])
    try:
        tls = Tls(home.work)
        home.own(tls.keylog)
        for name in sys.argv[2:] or PICTURES:
            take(name, Path(sys.argv[1]), home, tls)
    finally:
        home.remove()


if __name__ == "__main__":
    main()
