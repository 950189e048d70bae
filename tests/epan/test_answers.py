# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions that people ask of a capture: a line of tshark each, and what it prints. The lines are those of docs/filters.md."""

import re
import shlex
from pathlib import Path

import pytest

import stage
import transcript

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs/filters.md"

SESSION = """
@4 0
S: 220 mx.example ESMTP
@5 1
C: EHLO c.example
@6 1
S: 250-mx.example
S: 250 AUTH PLAIN
@7 2
C: AUTH PLAIN AGFubgB3cm9uZw==
@8 2.5
S: 535 5.7.8 Credentials invalid
@9 3
C: AUTH PLAIN AGFubgByaWdodA==
@10 3
S: 235 2.7.0 Accepted
@11 10
C: MAIL FROM:<ann@c.example>
@12 11
S: 250 2.1.0 Ok
@13 13
C: RCPT TO:<bob@mx.example>
@14 13
S: 250 2.1.5 Ok
@15 13
C: RCPT TO:<nosuch@mx.example>
@16 13
S: 550 5.1.1 User unknown
@17 13
C: DATA
@18 13
S: 354 go
@19 13
C: Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
C: 
@20 20
C: text
C: .
@21 40
S: 250 2.0.0 Ok: queued as 4ABC1234
@22 41
C: MAIL FROM:<ann@c.example>
@23 41
S: 250 2.1.0 Ok
@24 41
C: RCPT TO:<grey@mx.example>
@25 41
S: 450 4.2.0 Greylisted
@26 42
C: RSET
@27 42
S: 250 2.0.0 Ok
@28 42
C: MAIL FROM:<eve@c.example>
@29 42
S: 550 5.7.1 Not you
@30 42
C: QUIT
@31 42
S: 221 2.0.0 Bye
"""

# What each question's line prints, by the words of docs/filters.md.
ANSWERS = {
    "Who was refused, and why?": [
        "ann@c.example\tnosuch@mx.example\t550\t5.1.1\t250 2.0.0 Ok: queued as 4ABC1234",
        "ann@c.example\tgrey@mx.example\t450\t4.2.0\t450 4.2.0 Greylisted",
        "eve@c.example\t\t\t\t550 5.7.1 Not you"],
    "Which logins failed?": ["10.1.0.1\tann\tPLAIN\t535 5.7.8 Credentials invalid"],
    "Which mails were there?": [
        "Grüße\tann@c.example\tbob@mx.example\taccepted\t4ABC1234",
        "\tann@c.example\t\trefused\t",
        "\teve@c.example\t\trefused\t"],
    "Where did the time go?": [
        "ann@c.example\t30.000000000\t21.000000000\t2.000000000\t7.000000000",
        "ann@c.example\t0.000000000\t0.000000000\t0.000000000\t0.000000000",
        "eve@c.example\t0.000000000\t0.000000000\t0.000000000\t0.000000000"],
}


def line_of(question):
    """The line for a question: its arguments behind those that name the capture."""
    found = re.search(rf"# {re.escape(question)}\n\$ (tshark (?:.*\\\n)*.*)\n", DOCUMENT.read_text())
    assert found, question
    words = shlex.split(found[1].replace("\\\n", " "))
    return words[words.index("-2"):]


@pytest.fixture(scope="module")
def path(home, tls):
    written = home.file("answers.pcap")
    stage.stage([transcript.parse("answers", SESSION)], written, tls)
    return written


@pytest.mark.parametrize("question", ANSWERS)
def test_answer(home, path, question):
    assert home.text("-r", path, *line_of(question)).splitlines() == ANSWERS[question]


def test_rows_of_final_reply(home, path):
    """Fully open, the reply that decides has 20 rows at most, those of its mail and its session among them."""
    text = home.text("-r", path, "-2", "-V", "-Y", "smtpx.transaction.queue_id")
    rows = text[text.index("Simple Mail Transfer Protocol"):].strip().split("\n")
    assert any(row.startswith("    [Mail 1: accepted for 1 of 2 recipients") for row in rows)
    assert len([row for row in rows if row]) <= 20 and rows[-1].startswith("    [Session 1: ESMTP"), text
