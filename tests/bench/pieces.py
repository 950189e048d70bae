#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is kept of a session, by who took it: pieces and octets for each of many small sessions.

The plugin must be built without inlining, and export its functions (scripts/bench --pieces does so).

    pieces.py SMTPX.so PIECES.so [--sessions N] [--built-in]
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "epan"))

import generate  # noqa: E402
import measure  # noqa: E402
from wireshark import Home  # noqa: E402

# Who only hands memory on.
BETWEEN = re.compile(r"(wmem_\w+|smtpx_take|smtpx_take0|take_memory|give_memory_back)$")


def name_of(caller, plugin):
    """A function's name; of a library without debugging symbols the exported one before it."""
    path, offset, exported = caller.split("+")
    if Path(path).name != "smtpx.so":
        return exported if exported != "?" else Path(path).name
    done = subprocess.run(["addr2line", "-f", "-e", plugin, hex(int(offset, 16) - 1)], capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[0]


def pieces(home, kind, path, plugin, library):
    """(pieces, octets) of all that is kept, by callers."""
    done = home.run("env", f"LD_PRELOAD={library}", "tshark", *measure.arguments("-q", kind, path, home), timeout=3600)
    names, counted, octets = {}, Counter(), Counter()
    for line in done.stdout.decode().splitlines():
        if not line.startswith("piece "):
            continue
        _, pieces_of, octets_of, *callers = line.split()
        for caller in callers:
            names.setdefault(caller, name_of(caller, plugin))
        chain = [names[caller] for caller in callers if not BETWEEN.match(names[caller])]
        who = " < ".join(list(dict.fromkeys(chain))[:3])
        counted[who] += int(pieces_of)
        octets[who] += int(octets_of)
    return {who: (counted[who], octets[who]) for who in counted}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("smtpx", type=Path, help="the plugin")
    parser.add_argument("pieces", type=Path, help="what counts")
    parser.add_argument("--sessions", type=int, default=2000, help="how many, each with a mail of 2 KB")
    parser.add_argument("--built-in", action="store_true", help="what Wireshark's own dissector keeps")
    return parser.parse_args()


def main():
    chosen = parse()
    home = Home(None if chosen.built_in else chosen.smtpx)
    path = home.file("pieces.pcap")
    library = home.file("pieces.so")
    try:
        home.own(home.work)
        shutil.copy(chosen.pieces, library)
        generate.write(generate.sessions(chosen.sessions, 2000), path)
        kept = pieces(home, "built-in" if chosen.built_in else "smtpx", path, home.plugin, library)
        print("| pieces a session | octets | who takes them |\n|---|---|---|")
        for who, (count, octets) in sorted(kept.items(), key=lambda item: -item[1][1]):
            if abs(octets) >= chosen.sessions:
                print(f"| {count / chosen.sessions:.2f} | {octets / chosen.sessions:.0f} | {who} |")
    finally:
        home.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
