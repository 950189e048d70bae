# SPDX-License-Identifier: GPL-2.0-or-later
"""The windows that smtpx adds to Wireshark, and the profile SMTP, on a screen: what they say is what tshark says.

Each window is opened by its menu. A picture of each is left beside the plugin.
"""

import json
import os
import time
from pathlib import Path

import pytest

import screen
import stage

MISSING = screen.missing()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"Wireshark's windows are not tried: no {', '.join(MISSING)}")

PROFILE = Path(__file__).resolve().parents[2] / "profile/SMTP"
NAMES = ["r5_textbook", "recipients_refused_then_gone", "auth_plain", "auth_login", "r1_gmail_starttls", "lmtp", "lookalike_end"]
GEOMETRY = ["x: 0", "y: 0", f"width: {screen.SIZE[0]}", f"height: {screen.SIZE[1]}"]
TREES = {"Anomalies": "lookalike_end", "Authentication": "PLAIN", "Capabilities": "smtp.gmail.com", "Commands and Replies": "STARTTLS",
         "Mails": "accepted", "Overview": "STARTTLS by answer", "Refusals": "5.1.1", "TLS": "EHLO inside TLS by version"}


class Windows:
    """Wireshark with the profile SMTP, and a capture in it."""

    def __init__(self, home, path, options):
        self.home, self.path, self.options = home, path, options
        files = {file.name: file.read_text().splitlines() for file in PROFILE.iterdir()}
        files["preferences"] = [*files["preferences"], "gui.update.enabled: FALSE"]
        home.profile("SMTP", **files)
        home.own(home.path / ".config/wireshark")
        common = home.path / ".config/wireshark/recent_common"
        common.write_text("".join(f"gui.geometry_main_{line}\n" for line in GEOMETRY))
        home.own(common)
        self.screen = screen.Screen(home, "-C", "SMTP", "-r", path, *options)
        self.count = len(home.text("-r", path).splitlines())
        self.until_all_displayed()

    def until_displayed(self, wanted):
        self.screen.until(wanted, "names", "status bar", "",
                          says=lambda names: names and any(f"Displayed: {wanted}" in name for name in names))

    def until_all_displayed(self):
        """4.0 says so, later versions say nothing of what is displayed then."""
        says = f"Packets: {self.count}", f"Packets: {self.count} · Displayed: {self.count} (100.0%)"
        self.screen.until("all", "names", "status bar", "", says=lambda names: names and any(
            name.startswith(says[1]) or name.rstrip() == says[0] for name in names))

    def filter(self, expression, displayed=None):
        self.screen.keys("ctrl+slash", "ctrl+a", "BackSpace")
        self.screen.type(expression)
        self.screen.keys("Escape", "Return")
        if displayed:
            self.until_displayed(displayed)
        else:
            self.until_all_displayed()

    def choose(self, *menus):
        """A busy Wireshark may not answer at once what its menus have."""
        _, there = self.screen.seen("choose", *menus, says=bool, seconds=screen.PATIENCE / 3)
        assert there, f"no {menus}: {self.screen.ask('menu', *menus[:-1])}"

    def window(self, wanted, menus):
        """The title of the window that the menu opens. A choice that a busy Wireshark lost is made again."""
        for _ in range(3):
            self.choose(*menus)
            titles, opened = self.screen.seen("windows", says=lambda names: any(wanted in name for name in names),
                                              seconds=screen.PATIENCE / 3)
            if opened:
                return next(title for title in titles if wanted in title)
        raise AssertionError(f"{wanted}: no such window; there are {titles}")

    def open(self, *menus, says, title=None):
        """Opens a window by its menu; gives what it says, once that is in it."""
        wanted = title or menus[-1].rstrip("…")
        name = self.window(wanted, menus)
        self.screen.focus(name)
        found = self.screen.until(f"{says} in {name}", "names", "dialog", name,
                                  says=lambda names: names and any(says in text for text in names))
        self.picture(wanted.lower().replace(" ", "-"))
        self.leave(name)
        self.screen.focus(self.path.name)
        return found

    def leave(self, name):
        """Closes a window. A key that a busy Wireshark lost is pressed again."""
        for _ in range(3):
            self.screen.focus(name)
            self.screen.keys("Escape")
            titles, gone = self.screen.seen("windows", says=lambda names: name not in names, seconds=screen.PATIENCE / 3)
            if gone:
                return
        raise AssertionError(f"{name}: still there; there are {titles}")

    def picture(self, name):
        time.sleep(0.5)  # it is painted when it is there
        return self.screen.picture(Path(os.environ["SMTPX_PLUGIN"]).resolve().parent / f"gui-{name}.png")

    def table(self, name):
        """The rows of a table, as tshark has them."""
        text = self.home.text("-r", self.path, "-2", "-q", "-z", f"smtpx,{name},json", *self.options)
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def windows(home, transcripts, tls):
    path = home.file("windows.pcap")
    stage.stage([transcripts[name] for name in NAMES], path, tls)
    opened = Windows(home, path, tls.options)
    yield opened
    opened.screen.close()


def in_order(wanted, found):
    """Do these stand in that order among what is found?"""
    rest = iter(found)
    return all(any(text == name for name in rest) for text in wanted)


BUTTONS = ["Mails", "Refused", "Slow", "Logins", "Anomalies"]


def button(windows, name):
    """The question for where it is; from 4.4 on its tool bar has no name."""
    in_bar = "tool bar", "Display Filter Toolbar", name
    return in_bar if windows.screen.ask("place", *in_bar) else ("button", name)


def test_profile(windows):
    """Columns and buttons of the profile are there."""
    titles = windows.screen.until("columns", "names", "tree", "Packet list", "table column header", says=bool)
    assert in_order(["Session", "Mail", "From", "To", "Code", "Wait", "Protocol", "Info"], titles)
    places = [windows.screen.ask("place", *button(windows, name)) for name in BUTTONS]
    assert all(places) and places == sorted(places)
    windows.picture("profile")


def test_button(windows):
    """The button "Refused" leaves what was refused."""
    count = len(windows.home.text("-r", windows.path, "-2", "-Y", "smtpx.reply.class == 4 || smtpx.reply.class == 5",
                                  *windows.options).splitlines())
    windows.screen.click(*button(windows, "Refused"))
    windows.until_displayed(f"{count} (")
    windows.picture("refused")
    windows.filter("")


@pytest.mark.parametrize("menu, name, keys", [
    ("SMTP Mail Transactions", "mail", ("frame", "sender", "queue_id", "status")),
    ("SMTP Sessions", "session", ("frame", "client", "tls", "tls_cipher", "end"))])
def test_tables(windows, menu, name, keys):
    """The rows are those of tshark."""
    said = windows.open("Statistics", menu, says="smtp.gmail.com")
    for row in windows.table(name):
        assert in_order([str(row[key]) for key in keys if key in row], said), row


@pytest.mark.parametrize("tree", TREES)
def test_statistics(windows, tree):
    """Each tree of counters has a window of its own."""
    said = windows.open("Statistics", "SMTP", tree, says="Topic / Item")
    assert any(TREES[tree] in text for text in said), said


def test_response_times(windows):
    said = windows.open("Statistics", "Service Response Time", "SMTPX", says="MAIL", title="SMTPX Service Response Time")
    assert {"connection", "RCPT", "end of data", "QUIT"} <= set(said)


def test_export_objects(windows):
    said = windows.open("File", "Export Objects", "SMTPX…", says="mails.tsv", title="SMTPX object list")
    assert in_order(["0001-12345-Test_message.eml"], said)
    assert in_order(["relay.example.com to alice@example.com,theboss@example.com", "accepted as 12345"], said)


def select(windows, number):
    """A packet, which must be in sight: it is the only one that is displayed."""
    windows.filter(f"frame.number == {number}", "1 (")
    windows.screen.click("tree", "Packet list", number)
    windows.screen.until("the packet", "names", "tree", "Packet details", "table cell",
                         says=lambda cells: cells and cells[0].startswith(f"Frame {number}:"))


@pytest.mark.parametrize("what, expression", [("SMTP Session", "smtpx.session == 2"),
                                              ("SMTP Mail", "smtpx.session == 2 && smtpx.transaction == 1")])
def test_conversation_filter(windows, what, expression):
    """From a packet of a mail to all of its mail, or of its session."""
    found = windows.home.text("-r", windows.path, "-2", "-Y", expression, "-T", "fields", "-e", "frame.number",
                              *windows.options).split()
    # The filter is made of what is known in a pass behind the first.
    select(windows, found[0])
    windows.choose("Analyze", "Conversation Filter", what)
    windows.until_displayed(f"{len(found)} (")
    windows.picture(what.lower().replace(" ", "-"))
    windows.filter("")


def test_follow(windows, transcripts):
    """One session from its greeting to its end, what is inside TLS as well, and nothing of the others."""
    if windows.home.version == "4.0":
        pytest.skip("the menu Follow of 4.0 has no place for more streams")
    [number] = windows.home.text("-r", windows.path, "-Y", 'smtpx.starttls && smtpx.command', "-T", "fields", "-e",
                                 "frame.number", *windows.options).split()
    select(windows, number)
    name = windows.window("Follow SMTPX Stream", ["Analyze", "Follow", "SMTPX Stream"])
    windows.screen.focus(name)
    said = b"".join(segment.octets for segment in transcripts["r1_gmail_starttls"].segments).decode().split()
    windows.screen.until("all of the session", "text", "text", "", says=lambda text: text and text.split() == said)
    windows.picture("follow-smtpx-stream")
    windows.screen.keys("Escape")
    windows.screen.until("its end", "windows", says=lambda names: name not in names)
    windows.screen.focus(windows.path.name)
    windows.filter("")


def test_nothing_came_up(windows):
    """No other window is left, and nothing was complained of."""
    assert windows.screen.ask("windows") == [windows.path.name]
    log = (windows.screen.folder / "log").read_text(errors="replace")
    for trouble in ("smtpx.so", "CRITICAL", "Dissector bug", "Assertion"):
        assert trouble not in log, log


# ---- Loaded again ----

# The window of each kind of table, and what it says of the larger capture alone.
KEPT_OPEN = {("SMTP Mail Transactions",): "a@mx.example", ("SMTP Sessions",): "store.example",
             ("SMTP", "Commands and Replies"): "LHLO", ("Service Response Time", "SMTPX"): "LHLO"}


def opened_anew(windows, menus):
    """What a window says that is opened now, the others left open; of a capture that is gone they say so in their title."""
    title = f"{'SMTPX Service Response Time Statistics' if menus[-1] == 'SMTPX' else menus[-1]} · {windows.path.name}"
    windows.screen.focus(windows.path.name)
    name = windows.window(title, ["Statistics", *menus])
    return windows.screen.until(f"rows in {name}", "names", "dialog", name, says=lambda names: names and any(
        text in ("QUIT", "smtp.example.com") for text in names))


@pytest.mark.parametrize("menus", KEPT_OPEN, ids=" ".join)
def test_loaded_again(home, transcripts, tls, menus):
    """View > Reload of a capture that was written anew, with windows open: no row of the old one stays, and none is there twice."""
    path = home.file("reload.pcap")

    def write(*names):
        stage.stage([transcripts[name] for name in names], path, tls)
        return len(home.text("-r", path).splitlines())

    write("r5_textbook")
    windows = Windows(home, path, tls.options)
    try:
        said = [opened_anew(windows, menus)]
        for names in (["r5_textbook", "lmtp"], ["r5_textbook"], ["r5_textbook"]):
            windows.count = write(*names)
            windows.choose("View", "Reload")
            windows.until_all_displayed()
            said.append(opened_anew(windows, menus))
        assert said[2] == said[3] == said[0]
        assert KEPT_OPEN[menus] in said[1] and KEPT_OPEN[menus] not in said[0]
    finally:
        windows.screen.close()
