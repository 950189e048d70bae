# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of servers and scenarios, in Markdown: what is in the recordings of a folder."""

import json
from pathlib import Path

PARTS = {"raw": "Each octet chosen by the test", "programs": "Programs", "large": "5 MB messages"}


class Recording:
    """One recording and what came of checking it."""

    def __init__(self, description, result):
        self.server, _, self.part = description.stem.rpartition("-")
        told = json.loads(description.read_text(encoding="utf-8"))
        self.version = told["version"]
        self.sessions = told["sessions"]
        self.result = result

    @property
    def identical(self):
        return sum((self.result.wanted & self.result.exported).values())

    @property
    def sent(self):
        return sum(self.result.wanted.values())

    def cell(self, scenario):
        """Messages exported as sent of messages sent, or what else was looked at: "yes" or "no"."""
        for name, session in zip(self.result.complaints, self.sessions):
            if session["scenario"] == scenario:
                left = self.result.exported.copy()
                found = 0
                for mail in session["mails"]:
                    found += left[mail] > 0
                    left[mail] -= 1
                count = f"{found}/{len(session['mails'])}" if session["mails"] else ""
                return f"{count} wrong".strip() if self.result.complaints[name] else count or "yes"
        return ""


def rows(recordings, servers):
    scenarios = list(dict.fromkeys(session["scenario"] for one in recordings for session in one.sessions))
    yield "| | " + " | ".join(servers) + " |"
    yield "| --- |" + " --- |" * len(servers)
    for scenario in scenarios:
        yield f"| {scenario} | " + " | ".join(
            next((one.cell(scenario) for one in recordings if one.server == server), "") for server in servers) + " |"
    totals = [next((f"{one.identical}/{one.sent}" for one in recordings if one.server == server), "") for server in servers]
    yield "| **identical messages** | " + " | ".join(totals) + " |"


def markdown(recordings, clients=None):
    """clients: their versions, by name."""
    versions = {one.server: one.version for one in recordings}
    servers = list(versions)
    lines = ["Servers: " + ", ".join(versions.values()) + "."]
    if clients:
        lines += ["Clients: " + ", ".join(dict.fromkeys(clients.values())) + "."]
    identical, sent = (sum(getattr(one, name) for one in recordings) for name in ("identical", "sent"))
    lines += ["", f"Identical messages: {identical}/{sent}. "
              f"Commands and replies with their partners: {sum(exchanges(one) for one in recordings)}."]
    for part, title in PARTS.items():
        of_part = [one for one in recordings if one.part == part]
        if of_part:
            lines += ["", f"### {title}", "", *rows(of_part, [server for server in servers
                                                              if any(one.server == server for one in of_part)])]
    return "\n".join(lines) + "\n"


def exchanges(recording):
    return sum(len(session["exchanges"]) for session in recording.sessions)


def described(folder):
    return sorted(Path(folder).glob("*.json"))
