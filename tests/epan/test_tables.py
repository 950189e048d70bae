# SPDX-License-Identifier: GPL-2.0-or-later
"""The questions of docs/scale.md, asked of real databases that loaded the tables."""

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import stage

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc: sharkd does not know its name")

ROOT = Path(__file__).resolve().parents[2]
SCALE = (ROOT / "docs/scale.md").read_text()
BLOCKS = [re.sub(r"(?m)^    ", "", block) for block in re.findall(r"((?:^    .*\n)+)", SCALE, re.M)]
QUESTIONS = [block for block in BLOCKS if block.startswith("select ")]
TO_DUCKDB, = [block for block in BLOCKS if block.startswith("create table mails as select * from read_json")]
TO_POSTGRESQL, = [block for block in BLOCKS if block.startswith("create table lines")]
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(scope="module")
def work(home, transcripts, tls):
    """A folder with the tables of all transcripts."""
    folder = home.file("tables")
    folder.mkdir()
    home.own(folder)
    stage.stage(list(transcripts.values()), folder / "everything", tls)
    home.run(home.checkout / "scripts/smtpx-scan", "--keys", tls.keylog, folder / "OUT", folder / "everything")
    return folder


def mails_of(work):
    return [json.loads(line) for line in (work / "OUT/mails.ndjson").read_text().splitlines()]


@pytest.fixture
def duckdb(home, work):
    if shutil.which("duckdb") is None:
        pytest.skip("duckdb is not installed (Debian has it from forky on)")

    def ask(question):
        return home.run("duckdb", "-csv", "-noheader", "-separator", "|", "-c", TO_DUCKDB, "-c", question,
                        cwd=work).stdout.decode()

    return ask


@pytest.fixture(scope="module")
def postgresql(home, work):
    """A cluster of its own, without a port."""
    if not POSTGRESQL:
        pytest.skip("postgresql is not installed")
    tools, data = POSTGRESQL[-1], work / "cluster"
    home.run(tools / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    home.run(tools / "pg_ctl", "-D", data, "-w", "-s", "-l", work / "cluster.log", "-o",
             f"-c listen_addresses='' -c unix_socket_directories={work} -c fsync=off", "start", stdin=subprocess.DEVNULL)

    def ask(question):
        return home.run("psql", "-h", work, "-d", "postgres", "-q", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1",
                        input=question.encode(), cwd=work).stdout.decode()

    try:
        ask(TO_POSTGRESQL)
        yield ask
    finally:
        home.run(tools / "pg_ctl", "-D", data, "-m", "immediate", "-s", "stop")


@pytest.fixture(params=["postgresql", "duckdb"])
def ask(request):
    """Asks one of the questions; gives the rows."""
    asked = request.getfixturevalue(request.param)
    return lambda number, *new: [line.split("|") for line in asked(
        QUESTIONS[number].replace(*new) if new else QUESTIONS[number]).splitlines()]


def test_answers(ask, work):
    """They are what the rows say."""
    mails = mails_of(work)
    refused = [mail for mail in mails if mail["transaction.status"] == "refused"]
    reasons = Counter((mail["reply.code"], mail["transaction.reason"]) for mail in refused if "reply.code" in mail)
    answer = ask(0)
    assert len(answer) > 5 and int(answer[0][-1]) == max(reasons.values())
    servers = Counter(mail["server_address"] for mail in mails if not mail["tls"])
    assert [[row[0], int(row[2])] for row in ask(1)[:1]] == [list(item) for item in servers.most_common(1)]
    ids = Counter(mail["transaction.message_id"] for mail in mails if mail.get("transaction.message_id"))
    name, times = next((name, times) for name, times in ids.most_common() if "'" not in name)
    assert len(ask(2, "<this@example.test>", name)) == times
    recipients = Counter(name for mail in mails for name in mail.get("transaction.refused", []))
    assert int(ask(3)[0][1]) == recipients.most_common(1)[0][1]
    durations = Counter(mail["server_address"] for mail in mails if "transaction.duration" in mail)
    slow = ask(4)
    assert [float(row[2]) for row in slow] == sorted((float(row[2]) for row in slow), reverse=True)
    assert {row[0]: int(row[1]) for row in slow}.items() <= durations.items() and len(slow) > 1


def test_all_rows_are_loaded(postgresql, work):
    """None is lost, whatever its octets are."""
    assert int(postgresql("select count(*) from mails")) == len(mails_of(work))
    assert postgresql("select count(distinct \"transaction.subject\") from mails").strip() == str(
        len({mail["transaction.subject"] for mail in mails_of(work) if "transaction.subject" in mail}))
