# SPDX-License-Identifier: GPL-2.0-or-later
"""The tap: its tables say what the fields say, over all transcripts."""

import json
from collections import Counter

import pytest

import capture
import stage
from capture import Connection, Segment

PASSES = {"one pass": (), "two passes": ("-2",)}


@pytest.fixture(scope="module")
def everything(home, transcripts, tls):
    """A capture of all transcripts."""
    path = home.file("everything.pcap")
    stage.stage(list(transcripts.values()), path, tls)
    return path


@pytest.fixture(scope="module", params=["keys", "no keys"])
def read(request, home, everything, tls):
    """The options to read it with, and what the frames show in two passes."""
    options = tls.options if request.param == "keys" else []
    return options, home.frames(everything, "-2", *options)


def rows(home, path, name, *arguments):
    """The rows of a table, as JSON has them."""
    text = home.text("-r", path, "-q", "-z", f"{name},json", *arguments)
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def shown(home, path, name, *options):
    """The rows of a table as a window has them, by the titles of their columns."""
    requests = [("load", {"file": str(path)}), *[("tap", {"tap0": f"nstat:{name}"})] * 2]
    _, first, again = home.sharkd(requests, *options)
    assert first == again, "asked again it has other rows"
    [tap] = first["taps"]
    titles = [field["c"] for field in tap["fields"]]
    [table] = tap["tables"]
    return [dict(zip(titles, row)) for row in table["i"]]


def every_value(frames, name):
    return Counter(value for frame in frames.values() for value in frame.values(name))


def listed(found, key):
    """All values of a key, as fields are shown."""
    values = (row[key] if isinstance(row[key], list) else [str(row[key])] for row in found if key in row)
    return Counter(value for each in values for value in each)


@pytest.mark.parametrize("passes", PASSES)
def test_mails(home, everything, read, passes):
    """A row for each transaction, with what is shown of it."""
    options, frames = read
    statuses = Counter((int(frame.values("smtpx.session")[0]), status) for frame in frames.values()
                       for status in frame.values("smtpx.transaction.status"))
    found = rows(home, everything, "smtpx,mail", *options, *PASSES[passes])
    assert len(found) > 150
    assert Counter((row["session"], row["status"]) for row in found) == statuses
    for field, key in (("sender", "sender"), ("recipient", "recipients"), ("refused", "refused"), ("octets", "octets")):
        assert listed(found, key) == every_value(frames, f"smtpx.transaction.{field}"), field
    # Each recipient's own is shown on the reply that names it.
    assert not listed(found, "queue_id") - every_value(frames, "smtpx.transaction.queue_id")


@pytest.mark.parametrize("passes", PASSES)
def test_sessions(home, everything, read, passes):
    """A row for each session; all of a session's mails are in it."""
    options, frames = read
    found = rows(home, everything, "smtpx,session", *options, *PASSES[passes])
    mails = rows(home, everything, "smtpx,mail", *options, *PASSES[passes])
    assert sorted(row["session"] for row in found) == sorted(map(int, every_value(frames, "smtpx.session")))
    for row in found:
        own = Counter(mail["status"] for mail in mails if mail["session"] == row["session"])
        assert (row["accepted"], row["refused"], row["other"]) == (
            own["accepted"], own["refused"], own["aborted"] + own["incomplete"]), row
        assert row["octets"] == sum(mail.get("octets", 0) for mail in mails if mail["session"] == row["session"])


# What is understood only later: lines before a session was known to be one, and answers without a code.
LATER = {"frame", "time", "time_epoch", "duration"}


def test_both_passes(home, everything, tls):
    """One pass fills the tables as two do."""
    assert rows(home, everything, "smtpx,mail", *tls.options) == rows(home, everything, "smtpx,mail", "-2", *tls.options)
    once = rows(home, everything, "smtpx,session", *tls.options)
    twice = rows(home, everything, "smtpx,session", "-2", *tls.options)
    different = [{key for key in one if one[key] != two[key]} for one, two in zip(once, twice, strict=True) if one != two]
    assert set().union(*different) <= LATER and len(different) < len(once) / 20


@pytest.mark.parametrize("name", ["smtpx,mail", "smtpx,session"])
def test_windows(home, everything, name):
    """sharkd, and so a window, has the rows that tshark has, each time it is asked."""
    windows, found = shown(home, everything, name), rows(home, everything, name, "-2")
    for title, key in (("Frame", "frame"), ("Session", "session"), ("Octets", "octets"), ("Client", "client")):
        assert [window[title] for window in windows] == [row.get(key) for row in found], title


def mail(sender, queue_id, subject="x"):
    """A mail that is sent in one segment, and answered in one."""
    text = f"MAIL FROM:<{sender}>\r\nRCPT TO:<c@d>\r\nBDAT {11 + len(subject)} LAST\r\nSubject: {subject}\r\n"
    return text.encode(), f"250 ok\r\n250 ok\r\n250 queued as {queue_id}\r\n".encode()


GREETED = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"EHLO c\r\n"),
           Segment("S", b"250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n")]


@pytest.fixture(scope="module")
def pipelined(home):
    """Two mails that begin in one frame and end in one, and one that nothing ends."""
    first, second, third = mail("a@b", "4F1B21234"), mail("long.name@example.org", "4F1B21235"), mail("", "none")
    path = home.file("pipelined.pcap")
    capture.save(path, [Connection([*GREETED, Segment("C", first[0] + second[0]), Segment("S", first[1] + second[1]),
                                    Segment("C", third[0])])])
    return path


@pytest.mark.parametrize("passes", PASSES)
def test_mails_of_one_frame(home, pipelined, passes):
    found = rows(home, pipelined, "smtpx,mail", *PASSES[passes])
    assert [(row["transaction"], row["frame"], row["sender"], row.get("queue_id"), row["status"]) for row in found] == [
        (1, 8, "a@b", "4F1B21234", "accepted"), (2, 8, "long.name@example.org", "4F1B21235", "accepted"),
        (3, 9, "", None, "incomplete")]
    assert [row["subject"] for row in found] == ["x", "x", "x"]
    assert [row.get("octets") for row in found] == [12, 12, 12]
    assert "duration" not in found[2]


def test_text(home, pipelined):
    """Columns are aligned, and those without anything left out."""
    text = home.text("-r", pipelined, "-q", "-z", "smtpx,mail")
    head, *lines = text.strip().splitlines()[1:]
    assert text.strip().splitlines()[0] == "SMTP Mail Transactions: 3"
    assert "User" not in head and len(lines) == 3
    for title in ("Sender", "TLS", "Status"):
        assert all(line[head.index(title) - 1] == " " and line[head.index(title)] != " " for line in lines), text
    assert [line[head.index("Sender"):].split()[0] for line in lines] == ["a@b", "long.name@example.org", "<>"]
    assert [line[:head.index("Frame") + 5].split() for line in lines] == [["8"], ["8"], ["9"]]


def test_filter(home, everything):
    """A filter stands behind the name, or behind "json"."""
    every = rows(home, everything, "smtpx,mail")
    text = home.text("-r", everything, "-q", "-z", "smtpx,mail,json,smtpx.transaction.status == refused")
    refused = [json.loads(line) for line in text.splitlines()]
    assert 0 < len(refused) < len(every)
    text = home.text("-r", everything, "-q", "-z", "smtpx,mail,smtpx.session == 3 || smtpx.session == 20")
    assert text.strip().splitlines()[0] == f"SMTP Mail Transactions: {sum(row['session'] in (3, 20) for row in every)}"
    done = home.run("tshark", "-r", everything, "-q", "-z", "smtpx,mail,no.such.field", check=False)
    assert done.returncode != 0 and b"no.such.field" in done.stderr


def test_lua(home, pipelined):
    """A listener of Lua's hears the tap, once for each call of the dissector."""
    script = home.file("tap.lua")
    script.write_text('local n = 0\nlocal tap = Listener.new("smtpx")\nfunction tap.packet() n = n + 1 end\n'
                      'function tap.draw() print("heard " .. n) end\n')
    assert "heard 6" in home.text("-r", pipelined, "-q", "-X", f"lua_script:{script}")
