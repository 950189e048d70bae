# SPDX-License-Identifier: GPL-2.0-or-later
"""The tap: its tables say what the fields say, over all transcripts."""

import json
import re
from collections import Counter

import pytest

import capture
import stage
import transcript
from anomalies import SEVERITY
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


def is_endless(item):
    """A line whose end the capture does not have, or lines of a reply before missing octets, which answer nothing."""
    names = {part.name for part in item.every()}
    return "smtpx.anomaly.unfinished_line" in names or (
        "smtpx.anomaly.unfinished_reply" in names and "smtpx.response_to" not in names)


def counted(frames):
    """What is to be counted: all but what is endless. Later passes show these, and no table has them."""
    for frame in frames.values():
        for protocol in frame.protocols:
            protocol.children = [item for item in protocol.children if not is_endless(item)]
    return frames


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
    assert listed(found, "message_id") == Counter(
        value for frame in frames.values() if frame.values("smtpx.transaction.status")
        for value in frame.values("smtpx.transaction.message_id")[:len(frame.values("smtpx.transaction.status"))])
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
    for key in ("tls_version", "tls_cipher"):
        shown_of = {(int(frame.values("smtpx.session")[0]), value) for frame in frames.values()
                    for value in frame.values(f"smtpx.session.{key}")}
        assert {(row["session"], row[key]) for row in found if key in row} >= shown_of
        assert bool(shown_of) == bool(options)


# What is understood only later: lines before a session was known to be one, and answers without a code.
LATER = {"frame", "time", "time_epoch", "duration", "anomaly"}


def test_both_passes(home, everything, tls):
    """One pass fills the tables as two do."""
    # A mail that was smuggled into another one is known behind the first pass as soon as that is.
    once, twice = (sorted(rows(home, everything, "smtpx,mail", *passes, *tls.options),
                          key=lambda row: (row["session"], row["transaction"])) for passes in PASSES.values())
    for one, two in zip(once, twice, strict=True):
        # What a server has read in a message the first pass does not know yet.
        assert {**one, "anomaly": 0} == {**two, "anomaly": 0}
    assert sum(one.get("anomaly") != two.get("anomaly") for one, two in zip(once, twice)) < len(once) / 20
    once = rows(home, everything, "smtpx,session", *tls.options)
    twice = rows(home, everything, "smtpx,session", "-2", *tls.options)
    different = [{key for key in one if one[key] != two[key]} for one, two in zip(once, twice, strict=True) if one != two]
    assert set().union(*different) <= LATER and len(different) < len(once) / 20


@pytest.mark.parametrize("passes", PASSES)
def test_anomalies_of_rows(home, everything, tls, passes):
    """A row has the anomalies of its session, and of its mail, the gravest first."""
    frames = home.frames(everything, *tls.options, *PASSES[passes])
    wanted = {}
    for frame in frames.values():
        for session in frame.values("smtpx.session"):
            wanted.setdefault(int(session), set()).update(frame.values("smtpx.anomaly"))
    sessions = rows(home, everything, "smtpx,session", *tls.options, *PASSES[passes])
    # A line without its end is shown on later passes only, and by no record.
    unrecorded = {"unfinished_line", "unfinished_reply"}
    assert {row["session"]: set(row.get("anomaly", [])) - unrecorded for row in sessions} == {
        session: names - unrecorded for session, names in wanted.items()}
    mails = rows(home, everything, "smtpx,mail", *tls.options, *PASSES[passes])
    assert sum("anomaly" in mail for mail in mails) > 50
    for mail in mails:
        assert set(mail.get("anomaly", [])) <= wanted[mail["session"]] | unrecorded
    for row in sessions + mails:
        grave = [("ERROR", "WARN", "NOTE").index(SEVERITY[name]) for name in row.get("anomaly", [])]
        assert grave == sorted(grave)


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


@pytest.mark.parametrize("passes", PASSES)
def test_taken_for_one(home, transcripts, tls, passes):
    """The server took it for the first recipient and not for the last: the reply that took it says so."""
    path = home.file("lmtp.pcap")
    stage.stage([transcripts["lmtp"]], path, tls)
    [row] = rows(home, path, "smtpx,mail", *PASSES[passes])
    assert (row["status"], row["code"]) == ("accepted", 250) and "Saved" in row["reason"]
    assert row["refused"] == ["c@store.example", "d@store.example"]
    assert row["queue_id"] == "yHiaFcOHAWsYAAAAg+zDdQ"  # nobody else gets it


def test_taken_for_two(home):
    """The server has a name of it for each: neither is that of the mail."""
    made = transcript.parse("two", """port 24
S: 220 store.example LMTP
C: LHLO mx.example
S: 250 store.example
C: MAIL FROM:<a@c.example>
S: 250 ok
C: RCPT TO:<b@store.example>
S: 250 ok
C: RCPT TO:<d@store.example>
S: 250 ok
C: DATA
S: 354 go
C: x
C: .
S: 250 2.0.0 <b@store.example> kN2dIfyNAWsHAAAAg+zDdQ Saved
S: 250 2.0.0 <d@store.example> kN2dIfyNAWsHAAAAg+zDdR Saved
C: QUIT
S: 221 bye
""")
    path = home.file("two.pcap")
    stage.stage([made], path, None)
    [row] = rows(home, path, "smtpx,mail")
    assert row["status"] == "accepted" and "queue_id" not in row


@pytest.mark.parametrize("passes", PASSES)
def test_a_clock_that_goes_back(home, passes):
    """Times before that of the first frame are negative numbers."""
    path, (sent, answered) = home.file("back.pcap"), mail("a@b", "4F1B21234")
    early = Segment("C", sent, at=(20, -1.25))
    capture.save(path, [Connection([*GREETED, early, Segment("S", answered)])])
    [row] = rows(home, path, "smtpx,mail", *PASSES[passes])
    assert -1.3 < row["time"] < -1.2
    assert row["time_epoch"] == pytest.approx(capture.START - 1.25)
    [session] = rows(home, path, "smtpx,session", *PASSES[passes])
    assert "duration" not in session
    assert re.search(r" -1\.25\d ", home.text("-r", path, "-q", "-z", "smtpx,mail", *PASSES[passes]))


DRIPS = """
S: 220-mx.example ESMTP
@9 5.0
S: 220 mx.example ESMTP
C: EHLO c.example
S: 250 mx.example
@14 65.0
S: 421 4.4.2 mx.example idle for too long
"""


@pytest.mark.parametrize("passes", PASSES)
def test_a_session_that_the_server_ends(home, tls, passes):
    """It lasts from the first octet of its greeting on, which came in drips; 421 answers no command."""
    path = home.file("drips.pcap")
    stage.stage([transcript.parse("drips", DRIPS)], path, tls)
    [row] = rows(home, path, "smtpx,session", *PASSES[passes])
    assert row["end"] == "421"
    assert row["duration"] == pytest.approx(row["server_time"] + row["client_time"] + row["transfer_time"])
    assert row["duration"] > 64


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


# ---- Counters and times ----

def counters(home, path, name, *arguments):
    """Counts of a statistics tree, by the names from its root on."""
    counts, names = {}, []
    for line in home.text("-r", path, "-q", "-z", f"{name},tree", *arguments).splitlines():
        row = re.match(r"( *)(\S.*?) {2,}(\d+) {2,}", line)
        if row:
            names[len(row.group(1)):] = [row.group(2)]
            counts[tuple(names)] = int(row.group(3))
    return counts


def leaves(counts, branch):
    return {name[-1]: count for name, count in counts.items() if name[0] == branch and len(name) == 2}


@pytest.fixture(scope="module", params=["keys", "no keys"])
def keys(request, tls):
    """The options to read it with."""
    return tls.options if request.param == "keys" else []


@pytest.fixture(scope="module", params=PASSES)
def seen(request, home, everything, keys):
    """The options to read it with, and what the frames show with them."""
    arguments = [*keys, *PASSES[request.param]]
    frames = home.frames(everything, *arguments)
    endless = [number for number, frame in frames.items() if any(map(is_endless, frame.protocols))]
    assert (0 < len(endless) < 40) == ("-2" in arguments)
    return arguments, counted(frames)


def test_counters_of_reread(home, transcripts):
    """What a server has read in messages is counted as it is shown."""
    path = home.file("reread.pcap")
    stage.stage([one for name, one in transcripts.items() if re.search("smuggl|obeyed|text_answered", name) and one.plain],
                path, None)
    frames = home.frames(path, "-2")
    counts = counters(home, path, "smtpx", "-2")
    commands = leaves(counts, "Commands by verb")
    assert sum(commands.values()) == sum(every_value(frames, "smtpx.command").values()) > 80
    assert {name[2]: count for name, count in counts.items() if name[0] == "Anomalies by severity" and len(name) == 3
            } == every_value(frames, "smtpx.anomaly")
    # The octets of the client are followed once each.
    text = home.text("-r", path, "-Y", "tcp.dstport == 25 || tcp.dstport == 24", "-T", "fields", "-e", "tcp.stream", "-e", "tcp.len")
    lengths = Counter()
    for stream, length in (map(int, line.split()) for line in text.splitlines()):
        lengths[stream] += length
    assert len(lengths) > 5
    for stream, length in lengths.items():
        assert len(b"".join(octets for side, octets in followed(home, path, stream) if side == "C")) == length


def test_counters(home, everything, seen):
    """The counters are those of the fields, in each pass, with and without what is inside TLS."""
    arguments, frames = seen
    counts = counters(home, everything, "smtpx", *arguments)
    verbs = every_value(frames, "smtpx.command.verb")
    commands = leaves(counts, "Commands by verb")
    known = {verb: count for verb, count in commands.items() if verb != "unknown verb"}
    assert known == {verb: verbs[verb] for verb in known} and len(known) > 20
    assert sum(commands.values()) == sum(every_value(frames, "smtpx.command").values())
    codes = Counter()
    for name, count in counts.items():
        if name[0] == "Replies by command and code" and len(name) == 3:
            codes[name[2]] += count
    assert codes == every_value(frames, "smtpx.reply.code")
    logins = Counter({name[2]: 0 for name in counts if name[0].startswith("AUTH") and len(name) == 3})
    for name, count in counts.items():
        if name[0] == "AUTH by mechanism and result" and len(name) == 3:
            logins[name[2]] += count
    assert logins == every_value(frames, "smtpx.auth.result")
    assert leaves(counts, "Mails by status") == every_value(frames, "smtpx.transaction.status")
    capabilities = sum(count for name, count in counts.items() if name[0] == "Capabilities by server" and len(name) == 3)
    assert capabilities == sum(every_value(frames, "smtpx.capability").values())


def test_versions_of_tls(home, everything, tls, seen):
    """Each greeting inside TLS counts for its version."""
    arguments, frames = seen
    counts = counters(home, everything, "smtpx_tls", *arguments)
    found = leaves(counts, "EHLO inside TLS by version")
    answered = sum("smtpx.session.tls_version" in text and bool({"EHLO", "LHLO"} & verbs) for text, verbs in (
        ({item.name for item in frame.every()}, {command.split()[0].upper() for command in
                                                 frame.values("smtpx.response_to.command") if command.strip()})
        for frame in frames.values()))
    assert set(found) == set(every_value(frames, "smtpx.session.tls_version"))
    assert sum(found.values()) == counts.get(("EHLO by place", "inside TLS"), 0) == answered
    assert (answered > 3) == (tls.options[0] in arguments)


def test_anomalies(home, everything, seen):
    arguments, frames = seen
    counts = counters(home, everything, "smtpx_anomalies", *arguments)
    found = {name[2]: count for name, count in counts.items() if len(name) == 3}
    # A greeting in parts, known on later passes, is counted; the frames here are without it.
    assert found.pop("unfinished_line", 0) == ("-2" in arguments)
    assert found == every_value(frames, "smtpx.anomaly")
    assert {name[1] for name in counts if len(name) == 2} == {"NOTE", "WARN", "ERROR"}


def test_every_branch_has_a_tree(home, everything, tls):
    """Each kind of counter is a statistic of its own, with the same counts."""
    every = counters(home, everything, "smtpx", *tls.options)
    apart = {}
    for name in ("commands", "refusals", "capabilities", "auth", "tls", "anomalies", "mails"):
        found = counters(home, everything, f"smtpx_{name}", *tls.options)
        assert found, name
        apart.update(found)
    assert apart == every


def test_times(home, everything, seen):
    """The table of response times has all that are shown."""
    arguments, frames = seen
    text = home.text("-r", everything, "-q", "-z", "smtpx,srt", *arguments)
    rows = re.findall(r"^ +\d+  (.+?) +(\d+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)$", text, re.MULTILINE)
    times = [float(value) for value in every_value(frames, "smtpx.response_time").elements()]
    assert {row[0] for row in rows} > {"connection", "MAIL", "RCPT", "end of data", "QUIT", "AUTH answer"}
    assert sum(int(row[1]) for row in rows) == len(times)
    assert sum(float(row[5]) for row in rows) == pytest.approx(sum(times), abs=0.001)


# ---- Follow ----

def followed(home, path, stream, *arguments):
    """Who says what in a session: the side, and the octets as hexadecimal digits."""
    text = home.text("-r", path, "-q", "-z", f"follow,smtpx,raw,{stream}", *arguments)
    lines = text.split("Node 1:")[1].splitlines()[1:]
    return [("S" if line.startswith("\t") else "C", bytes.fromhex(line)) for line in lines if line and line[0] != "="]


def test_follow(home, transcripts, tls):
    """A session from its greeting on, what is inside TLS too; the client is who it was."""
    path = home.file("follow.pcap")
    made = transcripts["r1_gmail_starttls"]
    stage.stage([made], path, tls)
    said = followed(home, path, 0, *tls.options)
    assert said[0] == ("S", made.segments[0].octets)
    for side in "CS":
        assert b"".join(octets for who, octets in said if who == side) == b"".join(
            segment.octets for segment in made.segments if segment.side == side)
    text = home.text("-r", path, "-q", "-z", "follow,smtpx,ascii,0", *tls.options)
    assert "Node 0: 192.168.0.101:53267" in text and "Node 1: 74.125.24.108:587" in text
    assert len(followed(home, path, 0)) == 5


def test_follow_secrets(home, transcripts, tls):
    """Passwords are hidden, unless they are asked for."""
    path = home.file("follow.pcap")
    stage.stage([transcripts[name] for name in ("auth_plain", "auth_login")], path, tls)
    shown, secret = ("-o", "smtpx.show_secrets:TRUE"), 0
    for stream, made in ((0, "auth_plain"), (1, "auth_login")):
        sent = [segment.octets for segment in transcripts[made].segments]
        plain = [octets for _, octets in followed(home, path, stream, *shown)]
        hidden = [octets for _, octets in followed(home, path, stream)]
        assert plain == sent
        assert [len(octets) for octets in hidden] == [len(octets) for octets in sent]
        secret += sum(one != other for one, other in zip(hidden, sent))
        assert all(set(octets.split()[-1]) == {ord("*")} for octets, other in zip(hidden, sent) if octets != other)
    assert secret == 2


def test_sharkd_lists_every_tap(home, pipelined):
    """sharkd lists and answers each."""
    requests = [("load", {"file": str(pipelined)}), ("info", {}),
                ("tap", {"tap0": "stat:smtpx_commands", "tap1": "srt:smtpx", "tap2": "nstat:smtpx,session"}),
                ("follow", {"follow": "SMTPX", "filter": "tcp.stream==0"})]
    _, info, taps, follow = home.sharkd(requests)
    listed = {entry["tap"] for kind in ("stats", "nstat", "srt", "eo") for entry in info[kind]}
    assert listed >= {"stat:smtpx", "stat:smtpx_refusals", "srt:smtpx", "eo:smtpx", "nstat:smtpx,mail",
                      "nstat:smtpx,session"}
    assert "SMTPX" in {entry["tap"].removeprefix("follow:") for entry in info["follow"]}
    stat, srt, table = (next(tap for tap in taps["taps"] if tap["tap"] == name)
                        for name in ("stats:smtpx_commands", "srt:smtpx", "nstat:smtpx,session"))
    assert {branch["name"]: branch["count"] for branch in stat["stats"]} == {
        "Commands by verb": 10, "Replies by command and code": 8}
    assert sum(row["num"] for row in srt["tables"][0]["r"]) == 8
    assert len(table["tables"][0]["i"]) == 1
    assert follow["chost"] == "10.0.0.1" and sum("s" in part for part in follow["payloads"]) == 8


# All taps at once: the tables of mails and sessions, counters, times, objects.
ALL_TAPS = ("tap", {"tap0": "nstat:smtpx,mail", "tap1": "nstat:smtpx,session", "tap2": "stat:smtpx", "tap3": "srt:smtpx",
                    "tap4": "eo:smtpx"})


def test_loaded_again(home, pipelined, transcripts):
    """One capture behind the other in one sharkd, and the first once more: each has its own rows, none twice, whoever asked before."""
    other = home.file("other.pcap")
    stage.stage([transcripts["lmtp"], transcripts["r5_textbook"]], other, None)
    follow = "follow", {"follow": "SMTPX", "filter": "tcp.stream==0"}
    asked = {path: [("load", {"file": str(path)}), ALL_TAPS, ALL_TAPS, follow] for path in (pipelined, other)}
    alone = {path: home.sharkd(requests) for path, requests in asked.items()}
    assert alone[pipelined] != alone[other] and all(answers[1] == answers[2] for answers in alone.values())
    for order in ([pipelined, other, pipelined], [pipelined, pipelined, other, other]):
        answers = home.sharkd([request for path in order for request in asked[path]])
        assert answers == [answer for path in order for answer in alone[path]]
