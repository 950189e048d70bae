# SPDX-License-Identifier: GPL-2.0-or-later
"""Every registered field is documented, and seen somewhere."""

import capture
import fields
import stage
from capture import Connection, Segment
from clicks import ask, load, rows, setting

# Seen in test_bad_input.py, test_export.py and test_hops.py.
ELSEWHERE = {"smtpx.transaction.previous_hop", "smtpx.transaction.next_hop", "smtpx.anomaly.long_line", "smtpx.anomaly.message_size", "smtpx.anomaly.early_tls"}

# Of fields, each with some of many kinds.
GROUPS = 12

# Seen without reassembly of lines.
CUT = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"EHL"), Segment("C", b"O c\r\n"), Segment("S", b"250-mx\r\n25"),
       Segment("S", b"0 HELP\r\n"), Segment("C", b"QUIT\r\n"), Segment("S", b"221 bye\r\n")]


def seen(home, path, *arguments):
    return {item.name for frame in home.frames(path, "-2", *arguments).values() for item in frame.every("smtpx")}


def test_documented(home):
    assert fields.DOCUMENT.read_text() == fields.document(home), "run tests/epan/fields.py"


def test_each_is_seen(home, transcripts, tls):
    path = home.file("fields.pcap")
    stage.stage(transcripts.values(), path, tls)
    found = seen(home, path, *tls.options, "-o", "smtpx.show_secrets:TRUE")
    path = home.file("cut.pcap")
    capture.save(path, [Connection(CUT)])
    found |= seen(home, path, "-o", "smtpx.desegment_lines:FALSE")
    missing = {row[0] for row in fields.registered(home)} - found - ELSEWHERE
    assert not missing


def test_each_is_found_alone(home, transcripts, tls):
    """A filter for one field finds the frames that the whole tree shows it in: nothing above it needs be asked for."""
    preferences = {"tls.keylog_file": tls.keylog, "smtpx.show_secrets": "TRUE"}
    path = home.file("alone.pcap")
    stage.stage(transcripts.values(), path, tls)
    shown = {}
    options = (f"-o{name}:{value}" for name, value in preferences.items())
    for number, frame in home.frames(path, "-2", *options).items():
        for name in {item.name for item in frame.every("smtpx") if item.name.startswith(("smtpx.", "smtp."))}:
            shown.setdefault(name, []).append(number)
    before = [setting(name, value) for name, value in preferences.items()] + [load(path)]
    answers = ask(home, before, [rows(name) for name in shown])
    assert {name: [row["num"] for row in answer] for name, answer in zip(shown, answers)} == shown
    assert len(shown) > 120


def test_each_says_the_same_alone(home, transcripts, tls):
    """A column of one field, and no other, has the values that it has beside all others: what is drawn of a packet is
    chosen by groups of fields."""
    path = home.file("columns.pcap")
    stage.stage(transcripts.values(), path, tls)
    names = sorted(row[0] for row in fields.registered(home) if not row[0].startswith("smtpx.anomaly."))
    before = [setting(name, value) for name, value in {"tls.keylog_file": tls.keylog, "smtpx.show_secrets": "TRUE",
                                                       "smtpx.legacy_filters": "FALSE"}.items()] + [load(path)]
    groups = [names[at::GROUPS] for at in range(GROUPS)]
    together = ask(home, before, [rows(None, *group) for group in groups])
    alone = ask(home, before, [rows(None, name) for name in names])
    expected = {name: [row["c"][at] for row in answer]
                for group, answer in zip(groups, together) for at, name in enumerate(group)}
    assert {name: [row["c"][0] for row in answer] for name, answer in zip(names, alone)} == expected
    assert sum(any(cells) for cells in expected.values()) > 110


def test_unfinished_lines(home):
    """Without reassembly, what is cut is shown in parts and the session goes on."""
    path = home.file("cut.pcap")
    capture.save(path, [Connection(CUT)])
    text = home.text("-r", path, "-o", "smtpx.desegment_lines:FALSE", "-Y", "smtpx", "-T", "fields", "-e",
                     "smtpx.command.verb", "-e", "smtpx.reply.code", "-e", "smtpx.text")
    assert [line.split("\t") for line in text.splitlines()] == [
        ["", "220", ""], ["EHL", "", ""], ["", "", "O c\\r\\n"], ["", "250", ""], ["", "", "0 HELP\\r\\n"],
        ["QUIT", "", ""], ["", "221", ""]]
