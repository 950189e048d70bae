# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 4: recorded sessions of real servers and clients, against what both sides know of them.

Recorded by `scripts/test --live --record`; a capture and its description each in
tests/live/fixtures. The descriptions come from the clients' traces and the
servers' logs, never from what smtpx shows.
"""

import json
import sys
from pathlib import Path

import pytest

LIVE = Path(__file__).resolve().parent.parent / "live"
sys.path.append(str(LIVE))

import check  # noqa: E402
import table  # noqa: E402

FIXTURES = table.described(LIVE / "fixtures")


def test_there_are_fixtures():
    assert len(FIXTURES) >= 14


@pytest.fixture(scope="module", params=FIXTURES, ids=lambda path: path.stem)
def result(request, home):
    return check.check(home, request.param.with_suffix(".pcapng.gz"), request.param)


def test_dialogue(result):
    """Each command and reply once, in order, with its partner; envelopes, queue ids, users."""
    wrong = [f"{session}: {text}" for session, texts in result.complaints.items() for text in texts]
    assert not wrong, "\n".join(wrong)


def test_mail(result):
    """What is exported is what was sent, all of it and nothing else."""
    assert result.exported == result.wanted


def spoil(sessions):
    """Something wrong in each of the first sessions."""
    sessions[0]["exchanges"][1]["replies"][0][0] += "!"
    sessions[1]["exchanges"].pop(2)
    sessions[2]["queue_ids"] = ["NOSUCH"]
    sessions[3]["transactions"][0]["refused"] = []
    sessions[4]["exchanges"][1]["tls"] = True
    sessions[5]["user"] = "mallory"
    sessions[6]["anomalies"] = ["bare_lf"]
    sessions[8]["mails"][0] = "0" * 64


def test_the_check_notices(home, tmp_path):
    """A description that differs from the capture in these ways is complained about."""
    capture = LIVE / "fixtures/postfix-raw.pcapng.gz"
    told = json.loads(capture.with_suffix("").with_suffix(".json").read_text(encoding="utf-8"))
    spoil(told["sessions"])
    (tmp_path / "spoilt.json").write_text(json.dumps(told), encoding="utf-8")
    result = check.check(home, capture, tmp_path / "spoilt.json")
    silent = [number for number, texts in enumerate(result.complaints.values()) if not texts]
    assert not set(silent) & {0, 1, 2, 3, 4, 5, 6} and 7 in silent
    assert result.missing == {"0" * 64: 1} and len(result.invented) == 1


def test_info_of_several_records(home):
    """Commands in several TLS records of a frame, as msmtp sends them, are all in the Info column."""
    name = "postfix-programs.pcapng.gz"
    path = home.file(name)
    path.write_bytes((LIVE / "fixtures" / name).read_bytes())
    home.own(path)
    columns = home.columns(path, "-2", "-Y", "smtpx.command")
    rows = home.text("-r", path, "-2", "-Y", "smtpx.command", "-T", "fields", "-e", "frame.number", "-e", "smtpx.command",
                     "-E", "aggregator=|").splitlines()
    several = 0
    for row in rows:
        number, commands = row.split("\t")
        info = columns[int(number)][1]
        for command in commands.split("|"):
            # What follows the mechanism may be a password.
            if command.startswith("AUTH "):
                command = " ".join(command.split()[:2])
            assert command in info, f"frame {number}: {info}"
        several += commands.count("|")
    assert several > 2
