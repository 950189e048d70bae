# SPDX-License-Identifier: GPL-2.0-or-later
"""*Apply as Column* and *Apply as Filter* on rows of the tree give what a person keeps, tried in Wireshark itself."""

import pytest

import screen
import stage
import transcript
from window import Window

MISSING = screen.missing()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"Wireshark's windows are not tried: no {', '.join(MISSING)}")

SESSION = r"""
S: 220 mx.example ESMTP
C: EHLO c.example
S: 250-mx.example
S: 250-PIPELINING
S: 250 AUTH LOGIN
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: YWxpY2U=
S: 334 UGFzc3dvcmQ6
C: c2VjcmV0
S: 235 2.7.0 Accepted
C: MAIL FROM:<alice@c.example>
C: RCPT TO:<bob@mx.example>
C: RCPT TO:<nosuch@mx.example>
C: DATA
S: 250 2.1.0 Ok
S: 250 2.1.5 Ok
S: 550 5.1.1 User unknown
S: 354 go
C: Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
C: 
C: text
--
C: the rest
C: .
S: 250 2.0.0 Ok: queued as 4ABC1234
C: QUIT
S: 221 2.0.0 Bye
"""

# A row, on the frame with a line, by how it begins: the column's title, its value in that frame, and the filter.
ROWS = [
    ("550 5.1.1 User unknown", "Reply: 550", "Reply",
     "250 2.1.0 Ok,250 2.1.5 Ok,550 5.1.1 User unknown,354 go", 'smtpx.reply == "550 5.1.1 User unknown"'),
    ("550 5.1.1 User unknown", "Reply code: Mailbox unavailable", "Reply code",
     "Requested mail action okay, completed,Requested mail action okay, completed,Mailbox unavailable or action refused,"
     "Start mail input", "smtpx.reply.code == 550"),
    ("250 2.0.0 Ok: queued as 4ABC1234", "[Mail 1: accepted", "Mail", "1", "smtpx.transaction == 1"),
    ("the rest", "Message: ", "Message", "56 octets, subject: Grüße", 'smtpx.message == "56 octets, subject: Grüße"'),
    ("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Message data: ", "Message data", "46", "smtpx.message.chunk_octets == 46"),
    ("the rest", "End of data", "End of data", {"✓", "True"}, {"smtpx.end_of_data == 1", "smtpx.end_of_data == True"}),
    ("YWxpY2U=", "Authentication answer: ", "Authentication answer", "LOGIN, user alice",
     'smtpx.auth.answer == "LOGIN, user alice"'),
    ("c2VjcmV0", "Authentication answer: ", "Authentication answer", "LOGIN, secret, 6 octets",
     'smtpx.auth.answer == "LOGIN, secret, 6 octets"'),
]


@pytest.fixture(scope="module")
def staged(home, tls):
    [one] = stage.stage([transcript.parse("apply", SESSION)], home.file("apply.pcap"), tls)
    return one


@pytest.fixture(scope="module")
def wireshark(home, staged):
    opened = Window(home, staged.path, [], staged.all_frames[-1] + 3)
    yield opened
    opened.screen.close()


def frames_of(home, path, expression):
    return [int(number) for number in home.text("-r", path, "-2", "-Y", expression, "-T", "fields", "-e", "frame.number").split()]


def is_one_of(found, wanted):
    return found in (wanted if isinstance(wanted, set) else {wanted})


@pytest.mark.parametrize("line, begins, title, value, expression", ROWS, ids=[f"{row[1]}-{row[0][:3]}" for row in ROWS])
def test_applied(home, wireshark, staged, line, begins, title, value, expression):
    number = next(staged.frames[one.segment] for one in staged.transcript.lines if one.text == line)
    wireshark.choose(number)
    protocol = wireshark.protocol()
    row = next(cell for cell in wireshark.open(protocol, begins) if cell.startswith(begins))
    wireshark.screen.click("tree", "Packet details", row)
    try:
        if title not in wireshark.titles():
            assert wireshark.apply_as_column() == title
        found, = [cells[title] for cells in wireshark.cells() if cells["No."] == str(number)]
        assert is_one_of(found, value)
        applied = wireshark.apply_as_filter()
        assert is_one_of(applied, expression)
        left = frames_of(home, staged.path, applied)
        wireshark.shows(applied, len(left))
        assert number in left and [int(cells["No."]) for cells in wireshark.cells()] == left
    finally:
        wireshark.filter("", staged.all_frames[-1] + 3)
