# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 3: Wireshark itself, on a screen of its own, with the reference session R1.

What its windows say is read as a screen reader reads it; a picture of them is left beside the plugin.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import screen
import stage
from window import Window

MISSING = screen.missing()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"Wireshark's windows are not tried: no {', '.join(MISSING)}")

# As published: frame, and what its packet list line says.
PUBLISHED = {
    575: "S: 220 smtp.gmail.com ESMTP d9443c01a7336-1fd6f44edddsm12148855ad.222 - gsmtp",
    576: "C: ehlo [192.168.0.101]",
    579: "S: 250-smtp.gmail.com at your service, [150.107.107.50] | SIZE 35882577 | 8BITMIME | STARTTLS"
         " | ENHANCEDSTATUSCODES | PIPELINING | CHUNKING | SMTPUTF8",
    580: "C: STARTTLS",
    582: "S: 220 2.0.0 Ready to start TLS",
}
CAPABILITIES = ["SIZE", "8BITMIME", "STARTTLS", "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8"]
PROTOCOL = "Simple Mail Transfer Protocol (smtpx), 250, 7 capabilities"


class Wireshark(Window):
    """One whose protocols are switched off and on; pictures of it are kept."""

    def toggle_protocol(self):
        """Analyze > Enabled Protocols…, smtpx off or on again, OK."""
        dialog = "Wireshark · Enabled Protocols"
        self.screen.focus("r1.pcap")
        self.screen.keys("ctrl+shift+e")
        self.screen.until("the dialog", "windows", says=lambda names: dialog in names)
        self.screen.type("smtpx")
        self.screen.until("smtpx alone", "names", "dialog", dialog,
                          says=lambda names: names and "SMTPX" in names and "SMTP" not in names)
        self.screen.click("dialog", dialog, "SMTPX")
        self.screen.keys("space")
        self.screen.click("dialog", dialog, "OK")
        self.screen.until("the dialog's end", "windows", says=lambda names: dialog not in names)
        self.screen.focus("r1.pcap")

    def picture(self, name):
        return self.screen.picture(Path(os.environ["SMTPX_PLUGIN"]).resolve().parent / f"gui-{name}.png")


@pytest.fixture(scope="module")
def wireshark(home, transcripts, tls):
    path = home.file("r1.pcap")
    stage.stage([transcripts["r1_gmail_starttls"]], path, tls)
    opened = Wireshark(home, path, tls.options, 15, "smtpx")
    yield opened
    opened.screen.close()


def test_packet_list(home, wireshark):
    wireshark.filter("smtpx", 15)
    rows = wireshark.rows()
    for number, info in PUBLISHED.items():
        assert rows[number] == ("SMTP", info)
    columns = home.columns(wireshark.path, "-2", "-Y", "smtpx", *wireshark.options)
    assert rows == columns and len(rows) == 15


def test_tree(home, wireshark, capsys):
    wireshark.filter("smtpx", 15)
    wireshark.choose(579)
    wireshark.screen.click("tree", "Packet details", PROTOCOL)
    wireshark.screen.keys("ctrl+Right")  # View > Expand All
    cells = wireshark.details("capabilities", lambda names: any("Capability" in name for name in names))
    mine = cells[cells.index(PROTOCOL):]
    printed = home.text("-r", wireshark.path, "-2", "-Y", "frame.number == 579", "-V", *wireshark.options).splitlines()
    assert mine == [line.strip() for line in printed[printed.index(PROTOCOL):] if line]
    assert [cell.split(" ")[1] for cell in mine if cell.startswith("Capability: ")] == CAPABILITIES
    assert "Capability: PIPELINING (commands sent without waiting, RFC 2920)" in mine
    assert any(cell.startswith("[Response to: 576") for cell in mine)
    wireshark.screen.keys("End")
    with capsys.disabled():
        print(f"\nscreenshot: {wireshark.picture('r1')}")


# With these filters typed R1 keeps so many packets.
FILTERS = {
    "smtpx.capability": 2,
    'smtpx.capability == "SIZE" && !smtpx.tls': 1,
    "smtpx.response_to == 576": 1,
    "smtpx.response_in == 579": 1,
    "smtpx.response_in && smtpx.command.verb": 6,
    'smtpx.transaction.status == "accepted"': 1,
    'smtp.req.command == "MAIL"': 1,
}


@pytest.mark.parametrize("expression", FILTERS)
def test_filter_bar(home, wireshark, expression):
    wireshark.filter("smtpx", 15)
    wireshark.filter(expression, FILTERS[expression])
    assert wireshark.rows() == home.columns(wireshark.path, "-2", "-Y", expression, *wireshark.options)


def test_disabled_while_open(home, bare, wireshark):
    """Switched off in the running program the built-in reads the session, and smtpx again when on."""
    wireshark.filter("smtpx", 15)
    wireshark.toggle_protocol()
    try:
        wireshark.shows("smtpx", 0)
        shutil.copy(wireshark.options[1].partition(":")[2], bare.file("keys.log"))
        theirs = bare.columns(wireshark.path, "-2", "-Y", "smtp", "-o", f"tls.keylog_file:{bare.file('keys.log')}")
        wireshark.filter("smtp", len(theirs))
        assert wireshark.rows() == theirs
    finally:
        wireshark.toggle_protocol()
    wireshark.filter("smtpx", 15)
    assert wireshark.rows() == home.columns(wireshark.path, "-2", "-Y", "smtpx", *wireshark.options)


# The colour of the circle in the status bar stands for the worst of all remarks, smtpx's and others'.
CIRCLES = {"r1_gmail_starttls": "NOTE", "r2_exchange_telnet": "WARNING"}


@pytest.mark.parametrize("name", CIRCLES)
def test_circle_of_the_status_bar(home, transcripts, tls, name):
    """Cyan for notes, yellow for warnings; without a filter, and without a look at any packet of ours."""
    path = home.file(f"{name}.pcap")
    staged, = stage.stage([transcripts[name]], path, tls)
    opened = Wireshark(home, path, tls.options, staged.all_frames[-1] + 3)
    try:
        said = "is the highest expert information level"
        texts = opened.screen.until("the circle", "descriptions", "status bar", "",
                                    says=lambda texts: texts and any(said in text for text in texts))
        assert [text.partition(" is ")[0].upper() for text in texts if said in text] == [CIRCLES[name]]
    finally:
        opened.screen.close()


def test_nothing_came_up(wireshark):
    """No window that complains, no complaint in what was printed."""
    assert wireshark.screen.ask("windows") == ["r1.pcap"]
    log = (wireshark.screen.folder / "log").read_text(errors="replace")
    for trouble in ("smtpx.so", "CRITICAL", "Dissector bug", "Assertion"):
        assert trouble not in log, log


def test_says_clearly_when_wireshark_does_not_start(home):
    with pytest.raises(AssertionError, match="ended with status"):
        screen.Screen(home, "--version")
