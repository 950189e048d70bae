# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tree's rows say: each fact once, each row a field, and what it means."""

import json
import re
from pathlib import Path

import pytest

import capture
import fields
import stage
import transcript
from whole import every

ROOT = Path(__file__).resolve().parents[2]
RECORDED = every(sorted((ROOT / "tests/live/fixtures").glob("*.pcapng.gz")), 3)

SESSION = r"""
S: 220 mx.example.test ESMTP
C: EHLO client.example.test
S: 250-mx.example.test at your service
S: 250-PIPELINING
S: 250-SIZE 10485760
S: 250-VRFY
S: 250-ETRN
S: 250-STARTTLS
S: 250-AUTH PLAIN LOGIN CRAM-MD5
S: 250-ENHANCEDSTATUSCODES
S: 250-8BITMIME
S: 250-DSN
S: 250-SMTPUTF8
S: 250-CHUNKING
S: 250-XUNHEARDOF
S: 250 LIMITS RCPTMAX=50
C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=
S: 235 2.7.0 ok
C: MAIL FROM:<alice@xn--bcher-kva.example> RET=HDRS ENVID=QQ+2B314159
S: 250 2.1.0 Ok
C: RCPT TO:<bob@example.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob@example.test XODD=1
S: 250 2.1.5 Ok
C: DATA
S: 354 go on
C: Subject: x
C: 
C: y
--
C: .
S: 250 2.6.0 taken
C: MAIL FROM:<>
S: 250 2.1.0 a bounce
C: RCPT TO:<>
S: 501 5.1.3 nobody
C: BDAT 2
C: x\n\
C: BDAT 0 LAST
S: 250 2 octets
S: 554 5.5.1 no recipients
C: MAIL FROM:<two@example.test>
S: 250 2.1.0 two
C: RCPT TO:<carol@example.test>
C: RCPT TO:<dora@example.test>
S: 250 2.1.5 carol
S: 550-5.7.54 Relaying is
S: 550 5.7.54 denied
C: BDAT 3 LAST
C: z
S: 250 2.0.0 Ok: queued as 9ABC
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: *
S: 501 5.7.0 given up
C: HELLO you
S: 500-5.5.1 what
S: 500 5.5.1 was that
C: EHLO
S: 501 no name
C: HELO xn--bcher-kva.example
S: 250 xn--fsqu00a.example.com
C: QUIT
S: 221 2.0.0 bye
"""

PROTOCOL = "Simple Mail Transfer Protocol (smtpx), "

# So many rows are there when all of the tree is open, the session's apart, and what a transaction's row opens.
MOST_ROWS = {
    "250 LIMITS RCPTMAX=50": 30,
    "MAIL FROM:<alice@xn--bcher-kva.example> RET=HDRS ENVID=QQ+2B314159": 12,
    "250 2.1.0 Ok": 6,
    "QUIT": 4,
}
# And so many with what the transaction's row opens.
MOST_ROWS_OPEN = {"250 2.6.0 taken": 20}


@pytest.fixture(scope="module")
def path(home, transcripts, tls):
    return home.file("rows.pcap")


@pytest.fixture(scope="module")
def staged(path, tls):
    """The session's frames by their lines' texts."""
    made = transcript.parse("rows", SESSION)
    [one] = stage.stage([made], path, tls)
    return {line.text: one.frames[line.segment] for line in made.lines}


@pytest.fixture(scope="module")
def printed(home, path, staged):
    """What tshark -V prints of smtpx, by frame."""
    text = home.text("-r", path, "-2", "-V")
    packets = [packet.split("\n") for packet in text.split("\n\n") if packet.startswith("Frame ")]
    return {number: smtpx_rows(lines) for number, lines in enumerate(packets, 1)}


def smtpx_rows(lines):
    found = []
    for line in lines:
        if line.startswith(PROTOCOL) or (found and line.startswith(" ")):
            found.append(line)
        elif found:
            break
    return found


def rows_of(printed, staged, text):
    return printed[staged[text]]


def is_of_session(row):
    return re.match(r"    \[(Session|Mail|Transaction)\b", row)


def counted(rows, opened=()):
    """The rows below the protocol's, without those of the session, and without what a transaction's opens.

    opened: the beginnings of rows that count with all below them."""
    kept, inside = [], False
    for row in rows[1:]:
        if not row.startswith("     "):
            inside = bool(is_of_session(row)) and not row.startswith(tuple(opened))
            if not row.startswith("    [Session"):
                kept.append(row)
        elif not inside:
            kept.append(row)
    return kept


@pytest.mark.parametrize("text", MOST_ROWS)
def test_number_of_rows(printed, staged, text):
    rows = counted(rows_of(printed, staged, text))
    assert 2 <= len(rows) <= MOST_ROWS[text], "\n".join(rows)


@pytest.mark.parametrize("text", MOST_ROWS_OPEN)
def test_number_of_rows_of_a_result(printed, staged, text):
    rows = counted(rows_of(printed, staged, text), ["    [Mail"])
    assert 6 <= len(rows) <= MOST_ROWS_OPEN[text], "\n".join(rows)


def test_rows_of_a_message(printed, staged):
    """What is known of a message stands below it: its parts as well, and no lines that were stuffed where none was."""
    rows = rows_of(printed, staged, ".")
    begin = next(number for number, row in enumerate(rows) if row.startswith("    Message: "))
    below = []
    for row in rows[begin + 1:]:
        if not row.startswith("        "):
            break
        below.append(row)
    assert any(row.startswith("        [Message fragments (") for row in below), "\n".join(rows)
    assert not any("Stuffed" in row for row in rows)


@pytest.mark.parametrize("text", ["250 LIMITS RCPTMAX=50", "250 2.1.0 Ok", "HELLO you", "QUIT"])
def test_no_row_twice(printed, staged, text):
    rows = [row.strip() for row in rows_of(printed, staged, text)]
    assert len(rows) == len(set(rows))


# What rows say, of the frame with a line.
SAID = {
    "250 LIMITS RCPTMAX=50": [
        "Reply: 250-mx.example.test at your service, 14 lines, 13 capabilities",
        "Server name: mx.example.test",
        "Capability: PIPELINING (commands sent without waiting, RFC 2920)",
        "Capability: SIZE 10485760 (largest message, RFC 1870)", "Maximum message size: 10485760",
        "Capability: AUTH PLAIN LOGIN CRAM-MD5 (authentication, RFC 4954)",
        "Mechanism: PLAIN (password in clear, RFC 4616)", "Capability: XUNHEARDOF"],
    "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=": [
        "Command: AUTH PLAIN, user alice@example.test", "SASL mechanism: PLAIN (password in clear, RFC 4616)",
        "User name: alice@example.test", "[Length of password or token: 6]"],
    "MAIL FROM:<alice@xn--bcher-kva.example> RET=HDRS ENVID=QQ+2B314159": [
        "Verb: MAIL", "Sender: alice@xn--bcher-kva.example", "Domain: xn--bcher-kva.example (bücher.example)",
        "RET: HDRS (a bounce brings the header only, RFC 3461)",
        "ENVID: QQ+314159 (sent as QQ+2B314159, identifies the envelope in reports, RFC 3461)"],
    "RCPT TO:<bob@example.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob@example.test XODD=1": [
        "NOTIFY: SUCCESS (a report on delivery, RFC 3461)", "NOTIFY: DELAY (a report if delivery takes long, RFC 3461)",
        "ORCPT: bob@example.test (rfc822, original recipient, RFC 3461)", "Parameter: XODD=1"],
    "250 2.1.5 Ok": ["Enhanced status code: 2.1.5 (Success: destination address valid, RFC 3463)"],
    "250 2.6.0 taken": ["Enhanced status code: 2.6.0 (Success: status of content or media, RFC 3463)"],
    "HELLO you": ["Verb: HELLO (unknown)", "Argument: you"],
    "500 5.5.1 was that": ["Reply: 500-5.5.1 what, 2 lines", "Reply line: 500 5.5.1 was that",
                           "Enhanced status code: 5.5.1 (Permanent failure: invalid command, RFC 3463)"],
    "550 5.7.54 denied": ["Enhanced status code: 5.7.54 (Permanent failure: other or undefined security status, RFC 3463)",
                          "[Refused for good: 550 5.7.54 Relaying is denied]"],
    "HELO xn--bcher-kva.example": ["Client name: xn--bcher-kva.example (bücher.example)"],
    "250 xn--fsqu00a.example.com": ["Server name: xn--fsqu00a.example.com (例子.example.com)"],
    "MAIL FROM:<>": ["Sender: <>"],
    "RCPT TO:<>": ["Recipient: <>"],
    "BDAT 0 LAST": ["[Envelope sender: <>]", "Message: 2 octets"],
    "EHLO": ["Verb: EHLO (argument missing)", "[Expert Info (Warning/Protocol): Argument missing]"],
}


@pytest.mark.parametrize("text", SAID)
def test_what_rows_say(printed, staged, text):
    rows = [row.strip() for row in rows_of(printed, staged, text)]
    assert [row for row in SAID[text] if row not in rows] == []


def test_empty_paths(printed, staged):
    """They are told as they were sent: a row that ends behind its colon looks broken."""
    rows = [row.strip() for row in rows_of(printed, staged, "554 5.5.1 no recipients")]
    assert f"[Mail sender: <>, MAIL in: {staged['MAIL FROM:<>']}]" in rows
    assert f"[Refused recipient: <> (501 5.1.3 nobody, frame {staged['501 5.1.3 nobody']})]" in rows


def test_some_were_refused(printed, staged):
    """A mail that was taken for some of its recipients alone is told as that, wherever it is told."""
    [row] = [row.strip() for row in rows_of(printed, staged, "MAIL FROM:<two@example.test>") if "[Mail" in row]
    end = staged["250 2.0.0 Ok: queued as 9ABC"]
    assert row == f"[Mail 3, ends in: {end} (accepted for 1 of 2 recipients, 9ABC)]"


def test_without_end(home, tls):
    """A mail of which no more comes is told as that on each of its frames, once the capture was read."""
    path, made = home.file("without_end.pcap"), transcript.parse("without_end", SESSION[:SESSION.index("S: 250 2.1.5 Ok")])
    [one] = stage.stage([made], path, tls)
    first, second = (home.text("-r", path, *passes, "-V") for passes in ((), ("-2",)))
    rows = [line.strip() for line in second.splitlines() if line.strip().startswith("[Mail 1")]
    begins = one.frames[next(line.segment for line in made.lines if line.text.startswith("MAIL"))]
    assert rows[:2] == ["[Mail 1, incomplete]", f"[Mail 1, begins in: {begins}, incomplete]"]
    assert rows[-1] == "[Mail 1: incomplete]" and "incomplete" not in first


# What the protocol's own row says.
TITLES = {
    "250 LIMITS RCPTMAX=50": "250, 13 capabilities", "250 2.1.0 Ok": "250 2.1.0 Ok", "QUIT": "QUIT",
    "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABzZWNyZXQ=": "AUTH PLAIN, user alice@example.test",
    "334 VXNlcm5hbWU6": "334 Username:",
}


@pytest.mark.parametrize("text", TITLES)
def test_title(printed, staged, text):
    assert rows_of(printed, staged, text)[0] == PROTOCOL + TITLES[text]


def test_title_always_says_something(home, transcripts, tls):
    """However a message is cut: TLS hands over one record after the other, and the message ends in one of them."""
    path, recorded = home.file("titles.pcap"), home.file("titles.pcapng.gz")
    stage.stage(transcripts.values(), path, tls)
    recorded.write_bytes((ROOT / "tests/live/fixtures/postfix-programs.pcapng.gz").read_bytes())
    home.own(recorded)
    for arguments in ([path, *tls.options], [recorded]):
        rows = [line for line in home.text("-r", *arguments, "-2", "-V").splitlines() if line.startswith(PROTOCOL[:-2])]
        assert len(rows) > 100 and PROTOCOL[:-2] not in rows


def test_long_title_ends_in_dots(home):
    """Of a label that is too long Wireshark cuts the end without a sign, or the start of it is one."""
    names = [f"grüße{at}" for at in range(60)]
    lines = "".join(f"C: RCPT TO:<{name}@mx.example>\n" for name in names) + "".join("S: 250 ok\n" for _ in names)
    lines = ("S: 220 mx.example ESMTP\nC: EHLO c.example\nS: 250-mx.example\nS: 250 SMTPUTF8\n" + lines +
             f"C: NOOP {'ü' * 200}\nS: 250 ok\n")
    path = home.file("long.pcap")
    capture.save(path, [transcript.parse("long", lines).connection()])
    rows = [line for line in home.text("-r", path, "-2", "-V").splitlines() if "Simple Mail Transfer Protocol (smtpx)" in line]
    long = [row for row in rows if row.endswith("…")]
    assert len(long) == 3 and all(row.startswith(PROTOCOL) and 180 < len(row.encode()) < 240 for row in long)
    assert long[0].startswith(PROTOCOL + "RCPT TO:<grüße0@mx.example>, RCPT TO:<grüße1@mx.example>, ")


# ---- Info ----


def test_info_has_no_secret(home, transcripts, tls):
    """Neither in clear nor in base64, while smtpx.show_secrets is off; the user is named."""
    path = home.file("secrets.pcap")
    stage.stage([one for name, one in transcripts.items() if "auth" in name or "secret" in name], path, tls)
    options = "-2", *tls.options
    columns = home.columns(path, *options)
    found = 0
    for number, frame in home.frames(path, *options, "-o", "smtpx.show_secrets:TRUE").items():
        _, info = columns[number]
        for secret in frame.values("smtpx.auth.secret"):
            found += 1
            assert secret not in info or secret in ("", *frame.values("smtpx.auth.username")), info
        for line in frame.values("smtpx.auth.answer") + [line for line in frame.values("smtpx.command")
                                                         if re.match(r"(?i)(auth|x-exps) \S+ \S", line)]:
            word = line.split(" ")[-1]
            assert word in ("*", "=", "") or word not in info, info
            assert all(f"user {user}" in info for user in frame.values("smtpx.auth.username")
                       if frame.values("smtpx.auth.answer") or len(frame.values("smtpx.command")) == 1), info
    assert found > 40


# ---- What is not shown ----


# Hidden fields, and the line that has them.
HIDDEN = {
    "smtpx.command.argument": "DATA", "smtpx.parameter": "MAIL", "smtpx.parameter.keyword": "MAIL",
    "smtpx.parameter.value": "MAIL", "smtpx.path.domain.unicode": "MAIL", "smtpx.reply.class": "250",
    "smtpx.reply.text": "250", "smtpx.reply.enhanced.class": "250", "smtpx.reply.enhanced.subject": "250",
    "smtpx.reply.enhanced.detail": "250", "smtpx.reply.enhanced.meaning": "250", "smtpx.capability.parameter": "250",
    "smtpx.rcpt.orcpt.type": "RCPT", "smtp.req.command": "MAIL", "smtp.response.code": "250",
}


@pytest.fixture(scope="module")
def all_frames(home, path, staged):
    return home.frames(path, "-2")


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_is_found(home, path, all_frames, name):
    """By a filter, whether packets are printed or not, and in PDML."""
    pdml = [number for number, frame in all_frames.items() if frame.values(name)]
    assert pdml
    for arguments in ([], ["-V"], ["-2"], ["-T", "text", "-V"]):
        text = home.text("-r", path, "-Y", name, *arguments)
        count = text.count("\nFrame ") + text.startswith("Frame ") if "-V" in arguments else len(text.splitlines())
        assert count == len(pdml), arguments


def test_hidden_is_shown_to_who_wants_it(home, path, staged):
    text = home.text("-r", path, "-2", "-V", "-o", "protocols.display_hidden_proto_items:TRUE")
    for row in ("Parameter: RET=HDRS", "Parameter keyword: RET", "Reply text: 2.1.0 Ok",
                "Request command: QUIT" if "Request command" in text else "Command: QUIT"):
        assert row in text
    assert "Parameter keyword: RET" not in home.text("-r", path, "-2", "-V")


# ---- Each row is a field ----


def unknown_keys(value, known):
    """Keys of JSON that no field has; what is another protocol's is its own matter."""
    if isinstance(value, list):
        return set().union(*(unknown_keys(one, known) for one in value))
    if not isinstance(value, dict):
        return set()
    found = {key for key in value if key not in known and key.removesuffix("_tree") not in known}
    return found.union(*(unknown_keys(below, known) for key, below in value.items()
                         if key.startswith(("smtpx", "_ws.expert"))))


def keys_of(home, path, known, *options):
    text = home.text("-r", path, "-2", "-T", "json", "-J", "smtpx", "--no-duplicate-keys", "-Y", "smtpx", *options)
    layers = [packet["_source"]["layers"]["smtpx"] for packet in json.loads(text)]
    assert len(layers) > 3
    return unknown_keys(layers, known)


@pytest.fixture(scope="module")
def known(home):
    """Names of all fields and protocols."""
    rows = [line.split("\t") for line in home.text("-G", "fields").splitlines()]
    return {row[2] for row in rows if row[0] in "FP"}


def test_keys_of_json(home, transcripts, tls, known):
    path = home.file("keys.pcap")
    stage.stage(transcripts.values(), path, tls)
    assert keys_of(home, path, known, *tls.options) == set()
    assert keys_of(home, path, known, *tls.options, "-o", "smtpx.show_secrets:TRUE") == set()
    assert keys_of(home, path, known, "-o", "smtpx.reassemble_messages:FALSE", "-o", "smtpx.desegment_lines:FALSE") == set()


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.name.partition(".")[0])
def test_keys_of_json_recorded(home, known, recorded):
    path = home.file(recorded.name)
    path.write_bytes(recorded.read_bytes())
    home.own(path)
    assert keys_of(home, path, known) == set()


def test_no_text_items():
    """Nor an expert item that is one."""
    made = re.compile(r"proto_tree_add_(subtree|text|expert|none_format)")
    sources = [path for path in ROOT.glob("plugin/**/*.c") if made.search(path.read_text(encoding="utf-8"))]
    assert not sources and len(list(ROOT.glob("plugin/**/*.c"))) > 50


def test_labels_are_distinct(home):
    """A column is titled with the label of its field."""
    labels = [row[2] for row in fields.registered(home)]
    assert sorted(label for label in set(labels) if labels.count(label) > 1) == []
    assert not [label for label in labels if label in ("Line", "Text", "Value", "Name")]
