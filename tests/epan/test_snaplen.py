# SPDX-License-Identifier: GPL-2.0-or-later
"""What a small snaplen leaves of pairs and results (snaplen.py): no less than this."""

import capture
import pytest
import snaplen
import transcript


@pytest.fixture(scope="module")
def counts(home):
    return snaplen.count(snaplen.Captures(home), (68, 200))


def test_pairs(counts):
    """With 200 octets all that are whole; with 68 nearly all: not where a client that does not wait, or a server that answers a
    message line by line, leaves it open what the next reply is to."""
    assert counts[200]["pairs"].due > 3000
    assert counts[200]["pairs"].lacking == []
    assert counts[68]["pairs"].there >= 0.965 * counts[68]["pairs"].due


def test_results(counts):
    """Some are lacking where a line that decides was cut."""
    assert counts[200]["results"].due > 600
    assert counts[200]["results"].there >= 0.98 * counts[200]["results"].due


def test_hardly_anything_untrue(counts):
    """Two of these are true: LMTP's mail was accepted for its first recipient, and the reply for the last one is cut. One
    is of a server that was deceived: what proves it stands in octets of the message that are cut."""
    untrue = [(at, *what) for at in counts for kind in counts[at] for what in counts[at][kind].untrue]
    assert len(untrue) <= 11, untrue


CUT = """
S: 220 mx.example ESMTP
C: EHLO c.example
S: 250 PIPELINING
C: MAIL FROM:<>
C: RCPT TO:<alice@mx.example>
C: RCPT TO:<bob@mx.example>
S: 250 ok
S: 250 ok
S: 550 no
"""


def test_cut_address(home):
    """97 octets leave of the last recipient "RCPT TO:<bob@mx": a mail names it with a sign that there is more."""
    path = home.file("cut-address.pcap")
    capture.save(path, [transcript.parse("cut", CUT).connection()], snaplen=97)
    fields = ("rcpt.to", "path.domain", "transaction.recipient", "transaction.refused")
    shown = home.text("-2", "-r", path, "-Y", "smtpx", "-T", "fields", *[f"-esmtpx.{field}" for field in fields])
    assert "alice@mx.example,bob@mx\tmx.example,mx\t\t\n" in shown
    assert "\t\talice@mx.example\tbob@mx…\n" in shown
