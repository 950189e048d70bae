# SPDX-License-Identifier: GPL-2.0-or-later
"""No secret of AUTH is shown, however client and server go on: AUTH refused or answered oddly, in one segment or in many, with
octets missing. The password stands in no tree, no column and no table, neither in clear nor as base64."""

import base64
import itertools
import re

import capture
import pytest
from capture import Connection, Segment

PASSWORD = b"S3kr1tpassw0rd"
USER, SECRET, BOTH = (base64.b64encode(octets).decode() for octets in (b"alice", PASSWORD, b"\0alice\0" + PASSWORD))
START = ["S: 220 mx ESMTP", "C: EHLO c", "S: 250-mx\n250 AUTH LOGIN PLAIN"]
END = ["C: QUIT", "S: 221 bye"]
CODES = ("250 ok", "220 ok", "235 ok", "334 x", "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "354 go", "421 bye", "454 no", "500 no", "503 no",
         "504 no", "530 no", "535 no", "999 no", "no code")
WORDS = ("AUTH PLAIN ", "auth\tplain\t", "AUTH=PLAIN ", "AUTHPLAIN ", " AUTH PLAIN ", "AUTH PLAIN=", "AUTH: PLAIN ", "AUTH ", "AUTH-PLAIN ",
         "X-EXPS PLAIN ", "XAUTH PLAIN ", "AUTHENTICATE PLAIN ", 'AUTH "PLAIN" ', "AUTH PLAIN 0 ", "\0AUTH PLAIN ", "UTH PLAIN ", "AUTH X Y ", "AUTH PLAIN\r")
ACCEPTED = [*START, "C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", f"C: {USER}", "S: 334 UGFzc3dvcmQ6", f"C: {SECRET}", "S: 235 ok", *END]
IGNORED = [*START, "C: AUTH LOGIN", "S: 503 no", f"C: {USER}", "S: 500 no", f"C: {SECRET}", "S: 500 no", *END]
TWICE = [*START, "C: AUTH PLAIN", "S: 334 ", f"C: {BOTH}", "S: 535 no", f"C: AUTH PLAIN {BOTH}", "S: 235 ok", *END]


def answered(code):
    """AUTH is answered by this."""
    no = "S: 500 no"
    yield [*START, "C: AUTH LOGIN", f"S: {code}", f"C: {USER}", no, f"C: {SECRET}", no, *END]
    yield [*START, "C: AUTH LOGIN", f"S: {code}", f"C: {USER}", f"S: {code}", f"C: {SECRET}", f"S: {code}", *END]
    yield [*START, f"C: AUTH LOGIN {USER}", f"S: {code}", f"C: {SECRET}", no, *END]
    yield [*START, f"C: AUTH LOGIN\n{USER}\n{SECRET}", f"S: {code}", no, no, *END]
    yield [*START, f"C: AUTH LOGIN\n{USER}", f"S: {code}", no, f"C: {SECRET}", no, *END]
    yield [*START, f"C: AUTH PLAIN {BOTH}", f"S: {code}", f"C: {BOTH}", no, f"C: {BOTH}", no, *END]
    yield [*START, "C: AUTH PLAIN", f"S: {code}", "C: RSET", "S: 250 ok", f"C: {BOTH}", no, *END]
    yield [*START, "C: AUTH LOGIN", f"S: {code}", f"C: {USER}", no, f"C: {SECRET.rstrip('=')}", no, *END]
    yield [*START, "C: AUTH LOGIN", f"S: {code}", f"C: {USER}", no, f"C+ {SECRET[:10]}", f"C: {SECRET[10:]}", no, *END]
    yield [*START, "C: AUTH PLAIN", f"S: {code}", f"C+ {BOTH}"]


def with_losses(said):
    """One segment or two are missing, or the start or the end of one; or the capture begins later."""
    for many in (1, 2):
        for lost in itertools.combinations(range(len(said)), many):
            yield [line.replace(":", "?", 1) if at in lost else line for at, line in enumerate(said)]
    for at, line in enumerate(said):
        if line[0] == "C" and len(line) > 15:
            for cut in (7, 12):
                yield [*said[:at], line[:cut].replace(":", "!", 1), f"C: {line[cut:]}", *said[at + 1:]]
                yield [*said[:at], line[:cut].replace(":", "+", 1), f"C? {line[cut:]}", *said[at + 1:]]


def every():
    """What is said, and whether the connection's opening is in the capture."""
    for code in CODES:
        yield from ((said, True) for said in answered(code))
    for word in WORDS:
        yield [*START, f"C: {word}{BOTH}", "S: 501 no", f"C: {BOTH}", "S: 500 no", *END], True
        yield [*START, f"C+ {word}{BOTH}"], True
    for said in (ACCEPTED, IGNORED, TWICE):
        yield from ((lines, opened) for lines in with_losses(said) for opened in (True, False))
        yield from ((said[at:], False) for at in range(len(said)))


def segment(line):
    """C: a line, C+ without its end, C? and C! the same, and lost."""
    end = b"" if line[1] in "+!" else b"\r\n"
    return Segment(line[0], line[3:].replace("\n", "\r\n").encode() + end, line[1] in "?!")


@pytest.fixture(scope="module")
def secrets(home):
    """A capture of all that."""
    path = home.file("secrets.pcap")
    capture.save(path, list(capture.numbered(
        Connection([segment(line) for line in said], port=587, opened=opened, closed=opened) for said, opened in every())))
    return path


@pytest.mark.parametrize("asked", [
    ("-V",), ("-2", "-V"), ("-2",), ("-2", "-V", "-o", "smtpx.desegment_lines:FALSE"),
    ("-2", "-T", "fields", "-e", "smtpx.response_to.command", "-e", "smtpx.auth.answer", "-e", "smtpx.text", "-e", "smtpx.auth.response"),
    ("-2", "-q", "-z", "credentials", "-z", "smtpx,tree", "-z", "smtpx,session", "-z", "smtpx,mail", "-z", "expert")], ids=" ".join)
def test_no_secret_is_shown(home, secrets, asked):
    parts = {text[at:at + 8] for text in (SECRET[:-1], BOTH[8:]) for at in range(len(text) - 7)}
    found = re.findall("|".join(map(re.escape, sorted(parts | {PASSWORD.decode()[:10]}))), home.text("-r", secrets, *asked))
    assert found == []


def test_secrets_are_shown_to_who_wants_them(home, secrets):
    assert SECRET in home.text("-r", secrets, "-2", "-V", "-o", "smtpx.show_secrets:TRUE")
