# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 4: recorded sessions of real servers and clients, against what both sides know of them.

Recorded by `scripts/test --live --record`; a capture and its description each in
tests/live/fixtures. The descriptions come from the clients' traces and the
servers' logs, never from what smtpx shows.
"""

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
