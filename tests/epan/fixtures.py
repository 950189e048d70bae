# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the plugin inside Wireshark share."""

import os

import pytest

import transcript
from tls import Tls
from wireshark import Home


def checked(home):
    """With another smtpx, or with one where none should be, no test tells anything."""
    complaint = home.complaint()
    if complaint:
        home.remove()
        pytest.exit(complaint, returncode=3)
    return home


@pytest.fixture(scope="session")
def home():
    """A home folder with the plugin that SMTPX_PLUGIN names."""
    plugin = os.environ.get("SMTPX_PLUGIN")
    assert plugin, "SMTPX_PLUGIN must name smtpx.so"
    made = checked(Home(plugin))
    yield made
    made.remove()


@pytest.fixture(scope="session")
def bare():
    """A home folder without smtpx."""
    made = checked(Home())
    yield made
    made.remove()


@pytest.fixture(scope="session")
def tls(home):
    made = Tls(home.work)
    home.own(made.keylog)
    return made


@pytest.fixture(scope="session")
def transcripts():
    return {made.name: made for made in transcript.every()}
