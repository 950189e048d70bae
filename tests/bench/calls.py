#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How often a line is read: calls of smtpx's functions for each line of a capture.

The plugin must be built without inlining (scripts/bench --calls does so).  A run
that nobody looks at learns; one of -V learns and draws.

    calls.py SMTPX.so
"""

import re
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "epan"))

import generate  # noqa: E402
import measure  # noqa: E402
from wireshark import Home  # noqa: E402

# A line is read once to learn it and once to draw it, and little is looked at twice.
MOST = 1.1
WATCHED = {"smtp_reply_line_parse": "reply lines", "smtp_line_find": "lines"}

VERBS = (b"EHLO", b"LHLO", b"MAIL", b"RCPT", b"DATA", b"QUIT")

CAPTURES = {
    "50 sessions, a mail each": lambda: generate.sessions(50, 2000),
    "50 sessions, pipelined": lambda: generate.sessions(50, 2000, True),
    "1 transaction, 200 recipients": lambda: generate.recipients(200),
    "a reply of 200 lines": lambda: generate.reply_lines(200),
    "LMTP, 20 mails for 3 recipients": lambda: generate.one([generate.text(1000)] * 20, hello=b"LHLO", recipients=3),
}


def calls(home, mode, path):
    """How often each function was called in a run of tshark, by name."""
    out = home.file("calls.out")
    home.run("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "tshark",
             *measure.arguments(mode, "smtpx", path, home), timeout=3600)
    names, counted, callee = {}, Counter(), None
    for line in out.read_text(errors="replace").splitlines():
        named = re.match(r"c?fn=\((\d+)\)(?: (\S+))?", line)
        if named:
            names.setdefault(named.group(1), named.group(2))
            callee = named.group(1)
        elif line.startswith("calls="):
            counted[callee] += int(line[6:].split()[0])
    return Counter({names[number]: count for number, count in counted.items()})


def lines_of(connections):
    """How many lines there are, and how many of them are of replies; those of messages are none."""
    segments = [segment for connection in connections for segment in connection.segments]
    replies = sum(segment.octets.count(b"\n") for segment in segments if segment.side == "S")
    commands = sum(segment.octets.count(b"\n") for segment in segments
                   if segment.side == "C" and segment.octets.startswith(VERBS))
    return {"lines": commands + replies, "reply lines": replies}


def main():
    home = Home(Path(sys.argv[1]))
    path = home.file("calls.pcap")
    good = True
    try:
        home.own(home.work)
        print("| capture | function | for each of | learning | drawing | most |\n|---|---|---|---|---|---|")
        for name, make in CAPTURES.items():
            connections = make()
            counted = lines_of(connections)
            generate.write(connections, path)
            learning, both = calls(home, "-q", path), calls(home, "-V", path)
            for function, unit in WATCHED.items():
                learned = learning[function] / counted[unit]
                drawn = (both[function] - learning[function]) / counted[unit]
                good = good and max(learned, drawn) <= MOST and min(learned, drawn) > 0
                print(f"| {name} | `{function}` | {counted[unit]} {unit} | {learned:.2f} | {drawn:.2f} | {MOST} |", flush=True)
    finally:
        home.remove()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
