#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures smtpx beside the built-in dissector in one run.

For each capture and mode: instructions (valgrind --tool=callgrind) and wall
time (the median of paired runs) of tshark with smtpx, with the built-in and
with a dissector that does nothing.  "Marginal" is what is above the last one.
Prints a table in Markdown.

    bench.py SMTPX.so NULL.so [--quick] [--only TEXT]
"""

import argparse
import re
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "epan"))

import generate  # noqa: E402
from wireshark import Home  # noqa: E402

# tshark dissects nothing for -q alone; a tap that counts frames makes it.
MODES = {"-q": ["-q", "-z", "io,stat,0"], "fields": ["-T", "fields", "-e", "{command}", "-e", "{code}"], "-V": ["-V"]}
FIELDS = {"smtpx": ("smtpx.command", "smtpx.reply.code"), "built-in": ("smtp.command_line", "smtp.response.code"),
          "null": ("vlan.id", "arp.opcode")}
QUICK = ["500 sessions, a mail of 2 KB each", "a message of 10 MB"]


def arguments(mode, kind, path):
    command, code = FIELDS[kind]
    return ["-r", path] + [part.format(command=command, code=code) for part in MODES[mode]]


def instructions(home, mode, kind, path):
    done = home.run("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "tshark",
                    *arguments(mode, kind, path), timeout=3600)
    return int(re.search(rb"Collected : (\d+)", done.stderr).group(1))


def seconds(homes, mode, path, runs):
    """The median of each kind's wall time, in paired runs."""
    times = {kind: [] for kind in homes}
    for _ in range(runs + 1):
        for kind, home in homes.items():
            start = time.perf_counter()
            home.tshark(*arguments(mode, kind, path))
            times[kind].append(time.perf_counter() - start)
    return {kind: statistics.median(measured[1:]) for kind, measured in times.items()}


def row(homes, name, mode, path, segments, runs):
    counted = {kind: instructions(home, mode, kind, path) for kind, home in homes.items()}
    timed = seconds(homes, mode, path, runs)
    mine, theirs = counted["smtpx"] - counted["null"], counted["built-in"] - counted["null"]
    return (f"| {name} | {mode} | {mine / 1e6:.1f} M | {theirs / 1e6:.1f} M | **{mine / theirs:.2f}** | "
            f"{counted['smtpx'] / counted['built-in']:.3f} | {mine / segments:.0f} | {timed['smtpx']:.2f} s | "
            f"{timed['built-in']:.2f} s | **{timed['smtpx'] / timed['built-in']:.2f}** |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("smtpx", type=Path, help="the plugin")
    parser.add_argument("null", type=Path, help="the plugin that does nothing")
    parser.add_argument("--quick", action="store_true", help="two captures and -q only")
    parser.add_argument("--only", default="", help="captures whose name contains this")
    parser.add_argument("--modes", default="", help="comma-separated: " + ", ".join(MODES))
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each kind")
    chosen = parser.parse_args()
    for plugin in (chosen.smtpx, chosen.null):
        if not plugin.is_file():
            parser.error(f"no such plugin: {plugin}")
    names = [name for name in (QUICK if chosen.quick else generate.CAPTURES) if chosen.only in name]
    modes = ["-q"] if chosen.quick else (chosen.modes.split(",") if chosen.modes else list(MODES))
    homes = {"smtpx": Home(chosen.smtpx), "built-in": Home(), "null": Home(chosen.null)}
    try:
        print(f"Wireshark {homes['smtpx'].version}; marginal: above a dissector that does nothing.\n")
        print("| capture | mode | smtpx | built-in | ratio, marginal | ratio, whole run | smtpx per segment | "
              "smtpx, wall | built-in, wall | ratio, wall |\n|---|---|---|---|---|---|---|---|---|---|")
        for name in names:
            path = homes["smtpx"].file("bench.pcap")
            segments = generate.write(name, path)
            for mode in modes:
                print(row(homes, name, mode, path, segments, chosen.runs), flush=True)
    finally:
        for home in homes.values():
            home.remove()


if __name__ == "__main__":
    main()
