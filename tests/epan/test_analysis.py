# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/analysis.md: its commands say what it prints."""

import re
import shlex
from pathlib import Path

import pytest

import stage

TEXT = (Path(__file__).resolve().parents[2] / "docs/analysis.md").read_text()
NAMES = re.search(r"<!-- transcripts: (.*?) -->", TEXT).group(1).split()
SHOWN = dict(re.findall(r"^```\n\$ tshark ([^\n]*)\n(.*?)\n```$", TEXT, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def mail(home, transcripts, tls):
    path = home.file("mail.pcap")
    stage.stage([transcripts[name] for name in NAMES], path, tls)
    return {"mail.pcap": str(path), "tls.keylog_file:mail.keys": f"tls.keylog_file:{tls.keylog}"}


def words(text):
    """What it says, whatever the widths of rules and columns of this version."""
    return [line.split() for line in text.splitlines() if line.strip("=- \n")]


@pytest.mark.parametrize("command", SHOWN)
def test_command(home, mail, command):
    if home.version != "4.0" and ("follow" in command or "credentials" in command):
        pytest.skip("what is around it is Wireshark's, and another in each version")
    found = home.text(*(mail.get(word, word) for word in shlex.split(command)))
    assert words(found) == words(SHOWN[command])


def test_ten_questions():
    assert len(re.findall(r"^## \d+\. ", TEXT, re.MULTILINE)) == 10 and len(SHOWN) == 8
