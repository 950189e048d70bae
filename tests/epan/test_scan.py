# SPDX-License-Identifier: GPL-2.0-or-later
"""smtpx-scan and scan-all: the tables of many captures, whoever reads them."""

import hashlib
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import time
from pathlib import Path

import pytest

import capture
import cluster
import hosts
import stage
from capture import START, Connection, Segment

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc: sharkd does not know its name")

SCALE = (Path(__file__).resolve().parents[2] / "docs/scale.md").read_text()
TABLES = ("mails", "sessions", "problems")


@pytest.fixture(scope="module")
def work(home):
    """A folder in which the unprivileged user may write."""
    folder = home.file("scan")
    folder.mkdir()
    return home.own(folder)


def run(home, script, *arguments, **environment):
    command = home.command(home.checkout / "scripts" / script, *arguments)
    return subprocess.run(command, env={**home.environment(), **environment}, capture_output=True, text=True,
                          cwd=home.file("scan"))


def scan(home, out, *arguments):
    done = run(home, "smtpx-scan", out, *arguments)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return tables(home.file("scan") / out)


def tables(folder):
    return {table: [json.loads(line) for line in (folder / f"{table}.ndjson").read_text().splitlines()]
            for table in TABLES}


def digests(folder):
    return [hashlib.sha256((folder / f"{table}.ndjson").read_bytes()).hexdigest() for table in TABLES]


CONVERSATION = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"EHLO c\r\n"), Segment("S", b"250 mx\r\n"),
                Segment("C", b"MAIL FROM:<a@b>\r\n"), Segment("S", b"250 ok\r\n"),
                Segment("C", b"RCPT TO:<c@d>\r\n"), Segment("S", b"250 ok\r\n"), Segment("C", b"DATA\r\n"),
                Segment("S", b"354 go\r\n"), Segment("C", b"Subject: x\r\n\r\nx\r\n.\r\n"),
                Segment("S", b"250 queued as 4F1B21234\r\n"), Segment("C", b"QUIT\r\n"), Segment("S", b"221 bye\r\n")]


def packets(path):
    """The head of a pcap, and its packets."""
    octets = path.read_bytes()
    head, at, found = octets[:24], 24, []
    while at < len(octets):
        length = 16 + struct.unpack_from("<I", octets, at + 8)[0]
        found.append(octets[at:at + length])
        at += length
    return head, found


@pytest.fixture(scope="module")
def captures(work, transcripts, tls):
    """Lines of a list: captures of the same addresses and ports, broken ones, and a ring."""
    names = []
    for transcript in [made for made in transcripts.values() if not made.tls][:30]:
        names.append(f"{len(names):02} {transcript.name}é.pcap")
        stage.stage([transcript], work / names[-1], tls)
    whole = (work / names[0]).read_bytes()
    (work / "cut").write_bytes(whole[:-20])
    (work / "empty").write_bytes(b"")
    (work / "foreign").write_bytes(b"This is no capture.\n" * 9)
    # In the middle of a session, which the one before has, too.
    head, found = packets(work / names[1])
    (work / "middle").write_bytes(head + b"".join(found[len(found) // 2:]))
    stage.stage([transcripts["r1_gmail_starttls"]], work / "whole ring", tls)
    head, found = packets(work / "whole ring")
    for number, part in enumerate((found[:-10], found[-10:])):
        (work / f"ring {number}").write_bytes(head + b"".join(part))
    return [*names[:9], "cut", *names[9:17], "empty", "foreign", "middle", "missing", "ring 0\tring 1", *names[17:]]


@pytest.fixture(scope="module")
def one(home, work, captures, tls):
    """What one process makes of them: the standard."""
    (work / "list").write_text("".join(f"{line}\n" for line in captures))
    scan(home, "one", "--list", "list", "--keys", tls.keylog)
    return work / "one"


# ---- One unit of work ----


def test_rows(home, work, transcripts, tls):
    """They are those of the taps; columns have the names of the fields, and the 4-tuple is whole."""
    stage.stage(list(transcripts.values()), work / "everything", tls)
    found = scan(home, "rows", "everything", "--keys", tls.keylog)
    for table, tap in (("mails", "smtpx,mail"), ("sessions", "smtpx,session")):
        text = home.text("-r", work / "everything", "-2", "-q", "-z", f"{tap},json", *tls.options)
        assert [(row["session"], row["frame"], row["time_epoch"]) for row in found[table]] == [
            (row["session"], row["frame"], row["time_epoch"]) for row in map(json.loads, text.splitlines())]
    for table in ("mails", "sessions"):
        documented = set(re.findall(r"`([a-z_.0-9]+)`", re.search(
            rf"^### {table}\.ndjson\n(.*?)\n##", SCALE, re.M | re.S).group(1)))
        assert {name for row in found[table] for name in row} <= documented
    nanoseconds = re.findall(r'"time_epoch":(\d+\.\d{9})', (work / "rows/mails.ndjson").read_text())
    assert len(nanoseconds) == len(found["mails"])
    ends = {(row["client_address"], row["client_port"], row["server_address"], row["server_port"])
            for row in found["sessions"]}
    assert len(ends) > 100
    assert all((row["client_address"], row["client_port"], row["server_address"], row["server_port"]) in ends
               for row in found["mails"])
    assert {row["tls"] for row in found["mails"]} == {True, False}
    assert not found["problems"]


def test_no_capture_changes_the_rows_of_another(home, work, captures, one, tls):
    """The rows of a capture that is read alone are those that it has among others, in any order."""
    (work / "reversed").write_text("".join(f"{line}\n" for line in reversed(captures)))
    backwards = scan(home, "backwards", "--list", "reversed", "--keys", tls.keylog)
    for table in TABLES:
        for line in captures:
            name = line.split("\t")[0]
            assert [row for row in tables(one)[table] if row["capture"] == name] == [
                row for row in backwards[table] if row["capture"] == name]
    for name in ("middle", captures[1]):
        alone = scan(home, f"alone-{name[:3]}", name, "--keys", tls.keylog)
        assert alone["sessions"] == [row for row in tables(one)["sessions"] if row["capture"] == name]


def test_ring(home, work, one, tls):
    """File by file the mail, inside TLS, is not there."""
    merged = [row for row in tables(one)["mails"] if row["capture"] == "ring 0"]
    expected = scan(home, "whole-ring", "whole ring", "--keys", tls.keylog)["mails"]
    assert merged and [{**row, "capture": ""} for row in merged] == [{**row, "capture": ""} for row in expected]
    assert [row["transaction.status"] for row in merged] == ["accepted"]
    for number in range(2):
        alone = scan(home, f"part-{number}", f"ring {number}", "--keys", tls.keylog)["mails"]
        assert "accepted" not in [row["transaction.status"] for row in alone]


def test_ring_with_a_broken_capture(home, work, one, tls):
    """What can be read of it is."""
    cut = (work / "ring 1").read_bytes()
    (work / "ring 1 cut").write_bytes(cut[:-5])
    found = scan(home, "broken-ring", "ring 0", "ring 1 cut", "empty", "--keys", tls.keylog)
    assert [row["capture"] for row in found["mails"]] == ["ring 0"] * len(found["mails"]) and found["mails"]
    assert {row["capture"] for row in found["problems"]} >= {"ring 1 cut"}


def test_problems(one, captures):
    """A row for each capture that is broken; what is before the break has its rows."""
    found = {row["capture"]: row["problem"] for row in tables(one)["problems"]}
    assert set(found) == {"cut", "empty", "foreign", "missing"}
    assert "cut short" in found["cut"] and "/tmp" not in found["cut"] and found["missing"] == "no such file"
    assert [row for row in tables(one)["sessions"] if row["capture"] == "cut"]


def test_an_out_that_is_there_is_done(home, work, captures):
    (work / "there").mkdir(exist_ok=True)
    assert run(home, "smtpx-scan", "there", captures[0]).returncode == 0
    assert not list((work / "there").iterdir())


def sharkds(home):
    """Those of this home that live."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state = (process / "stat").read_text().rsplit(")", 1)[1].split()[0]
            environment = (process / "environ").read_bytes()
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if state != "Z" and f"HOME={home.path}\0".encode() in environment and b"sharkd" in words:
            found.append(process.name)
    return found


def wait_for(thing, seconds=30):
    until = time.monotonic() + seconds
    while not thing():
        assert time.monotonic() < until, "it does not come"
        time.sleep(0.01)
    return thing()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed(home, work, one, number):
    """Nothing is left that could be taken for the result, and nothing runs on."""
    out = f"killed-{number}"
    worker = subprocess.Popen(home.command(home.checkout / "scripts/smtpx-scan", out, "--list", "list"), cwd=work,
                              env=home.environment(), stderr=subprocess.DEVNULL)
    wait_for(lambda: list(work.glob(f"{out}.part-*")) and sharkds(home))
    worker.send_signal(number)
    worker.wait()
    assert not (work / out).exists()
    wait_for(lambda: not sharkds(home))


def test_time_that_a_capture_may_take(home, work, captures):
    found = scan(home, "slow", captures[0], "--timeout", "0.0001")
    assert [row["problem"] for row in found["problems"]] == ["not read in 0.0001 seconds"]


@pytest.mark.parametrize("script, arguments, status", [
    ("smtpx-scan", [], 2), ("smtpx-scan", ["x"], 2), ("smtpx-scan", ["x", "a", "--list", "list"], 2),
    ("smtpx-scan", ["no/such/x", "cut"], 2), ("smtpx-scan", ["x", "cut", "--keys", "no"], 2),
    ("smtpx-scan", ["x", "--list", "no"], 2), ("smtpx-scan", ["x", "cut", "-o", "no"], 2),
    ("smtpx-scan", ["x", "cut", "-o", "no.such:1"], 2), ("smtpx-scan", ["x", "cut", "--no"], 2),
    ("smtpx-scan", ["x", "missing"], 1),
    ("scan-all", ["x"], 2), ("scan-all", ["x", "no"], 2), ("scan-all", ["x", "list", "--jobs", "0"], 2),
    ("scan-all", ["x", "list", "--slurm", "--sshlogin", "h"], 2), ("scan-all", ["no/such/x", "list"], 2)])
def test_wrong_arguments(home, work, one, script, arguments, status):
    """One line says what is wrong."""
    done = run(home, script, *arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (status, 1), done.stderr
    assert done.stderr.startswith(f"{script}: ") and not (work / "x").exists()


def test_without_the_plugin(bare, home, work, captures):
    done = subprocess.run(bare.command(bare.checkout / "scripts/smtpx-scan", bare.file("out"), work / captures[0]),
                          env=bare.environment(), capture_output=True, text=True)
    assert done.returncode == 1 and "is the plugin installed" in done.stderr


# ---- Many machines ----


needs_parallel = pytest.mark.skipif(shutil.which("parallel") is None, reason="GNU parallel is not installed")


@needs_parallel
def test_all_processors(home, work, captures, one, tls):
    done = run(home, "scan-all", "here", "list", "--batch", "20", "--jobs", "2", "--keys", tls.keylog)
    assert done.returncode == 0, done.stderr
    assert digests(work / "here") == digests(one)
    assert not (work / "here.work").exists()


@needs_parallel
def test_bar(home, work, captures):
    """It is for a terminal: a log of messages has none."""
    (work / "two").write_text("".join(f"{name}\n" for name in captures[:2]))
    done = run(home, "scan-all", "logged", "two", "--bar")
    assert (done.returncode, done.stderr) == (0, "")
    try:
        ours, terminal = pty.openpty()
    except OSError:
        pytest.skip("there are no terminals here")
    shown = subprocess.run(home.command(home.checkout / "scripts/scan-all", "shown", "two", "--bar"), cwd=work,
                           env=home.environment(), stdin=terminal, stderr=terminal)
    os.close(terminal)
    said = os.read(ours, 100000)
    os.close(ours)
    assert shown.returncode == 0 and b"0% 0:1=" in said, said


def kill_a_worker(work):
    """One that is in the middle of its job; gives its batch."""
    wait_for(lambda: list(work.glob("parts/*.part-*")))
    batch = next(work.glob("parts/*.part-*")).name.split(".")[0]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(work / "parts" / batch).encode() in words and words[1].endswith(b"/smtpx-scan"):
            os.kill(int(process.name), signal.SIGKILL)
            return batch
    return None


@needs_parallel
def test_two_hosts(home, work, captures, one, tls):
    """Two real sshd; a worker is killed in mid-job, the run is interrupted, and the same command goes on."""
    command = home.command(home.checkout / "scripts/scan-all", "far", "list", "--batch", "6", "--keys", tls.keylog,
                           "--sshlogin", "1/one,1/two")
    with hosts.started(home, "one", "two") as environment:
        run_ = {"cwd": work, "env": environment, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, **run_) as first:
            wait_for(lambda: kill_a_worker(work / "far.work"))
            done = wait_for(lambda: {path for path in work.glob("far.work/parts/*") if "." not in path.name}, 60)
            first.send_signal(signal.SIGTERM)
            said = first.stderr.read()
        assert first.returncode == 128 + signal.SIGTERM, said
        assert not (work / "far").exists() and len(done) < len(captures) / 6, "it was too quick to be interrupted"
        second = subprocess.run(command, check=False, **run_)
    assert second.returncode == 0, second.stderr
    assert digests(work / "far") == digests(one)
    jobs = [line.split("\t") for line in (work / "far/joblog").read_text().splitlines() if line[0].isdigit()]
    assert {job[1] for job in jobs} == {"one", "two"}
    batches = [re.search(r"parts/(\d+)", job[8]).group(1) for job in jobs if job[6:8] == ["0", "0"]]
    assert sorted(batches) == sorted(set(batches)), "a batch was read twice"


@needs_parallel
def test_a_list_that_has_changed(home, work, captures, one):
    """Work of another list is not gone on with."""
    (work / "bad").write_text("missing\n")
    assert run(home, "scan-all", "changed", "bad", "--retries", "1").returncode == 1
    (work / "bad").write_text("missing\nempty\n")
    done = run(home, "scan-all", "changed", "bad")
    assert done.returncode == 2 and "of another list" in done.stderr


# A Slurm that starts one job after the other, each in a shell.
STAND_IN = """#!/bin/bash
for word; do case $word in --array=1-*) last=${word#--array=1-} ;; --output=*) log=${word#*=} ;; esac; done
for ((SLURM_ARRAY_TASK_ID = 1; SLURM_ARRAY_TASK_ID <= ${last%%%*}; SLURM_ARRAY_TASK_ID++)); do
    export SLURM_ARRAY_TASK_ID
    [ -e "$0.once" ] || { touch "$0.once"; continue; }
    bash "${!#}" >>"$log" 2>&1
done
"""


def test_slurm_by_a_stand_in(home, work, captures, one, tls):
    """What is asked of sbatch; the first job is lost, and is in the next array."""
    folder = work / "bin"
    folder.mkdir()
    (folder / "sbatch").write_text(STAND_IN)
    (folder / "sbatch").chmod(0o755)
    home.own(folder)
    done = run(home, "scan-all", "slurm", "list", "--slurm", "--jobs", "4", "--batch", "20", "--keys", tls.keylog,
               PATH=f"{folder}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    assert digests(work / "slurm") == digests(one)


@pytest.mark.skipif("SMTPX_SLURM" not in os.environ, reason="a real Slurm is tried with SMTPX_SLURM=1")
def test_slurm(home, work, captures, one, tls):
    with cluster.started(home) as environment:
        done = run(home, "scan-all", "cluster", "list", "--slurm", "--batch", "6", "--keys", tls.keylog, **environment)
    assert done.returncode == 0, done.stderr
    assert digests(work / "cluster") == digests(one)


# ---- Shards ----


def over_ipv6(packet):
    """A raw IPv4 packet as IPv6."""
    addresses = [b"\x20\x01\x0d\xb8" + bytes(8) + packet[at:at + 4] for at in (12, 16)]
    return struct.pack(">IHBB", 0x60000000, len(packet) - 20, 6, 64) + b"".join(addresses) + packet[20:]


def shard_filter(shards, shard):
    """The one of docs/scale.md."""
    text = re.search(r"^    N=3 K=0.*?\n    filter=\"(.*?)\"$", SCALE, re.S | re.M).group(1)
    return " ".join(text.split()).replace("$N", str(shards)).replace("$K", str(shard))


@pytest.mark.skipif(shutil.which("tcpdump") is None, reason="tcpdump is not installed")
def test_shards(home, work):
    """Each packet is in one shard, with all of its flow."""
    connections = [Connection(list(CONVERSATION), client_port=port) for port in range(20000, 20040)]
    capture.save(work / "flows", capture.numbered(connections[:20]))
    writer = capture.Writer()
    for number, connection in enumerate(connections):
        connection.client, connection.client_port = f"10.2.0.{number + 1}", 30000 + 2 * number
        capture.write(writer, connection)
    head, *records = writer.parts
    mixed = [record if number % 2 else record for number, record in enumerate(records)]
    for number, record in enumerate(mixed):
        packet = record[16:]
        if packet[15] % 2 and packet[19] % 2 == 0 or packet[19] % 2 and packet[15] % 2 == 0:
            packet = over_ipv6(packet)
            mixed[number] = record[:8] + struct.pack("<II", len(packet), len(packet)) + packet
    (work / "flows").write_bytes(head + b"".join(mixed))
    whole = scan(home, "flows-whole", "flows")["mails"]
    assert len(whole) == 40 and {":" in row["client_address"] for row in whole} == {True, False}
    sums = []
    for shard in range(3):
        subprocess.run(home.command("tcpdump", "-r", work / "flows", "-w", work / f"shard{shard}", "--nano",
                                    shard_filter(3, shard)), check=True, capture_output=True)
        sums.append(scan(home, f"shard-{shard}", f"shard{shard}")["mails"])
    key = ("client_address", "client_port", "time_epoch", "transaction.status", "transaction.queue_id")
    assert all(5 < len(mails) < 25 for mails in sums), list(map(len, sums))
    assert sorted(tuple(row[name] for name in key) for mails in sums for row in mails) == sorted(
        tuple(row[name] for name in key) for row in whole)
    assert sum(len(packets(work / f"shard{shard}")[1]) for shard in range(3)) == len(mixed)
