#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Wireshark's reassembly takes to put a message together, beside one buffer that grows.

    reassembly.py SMTPREASSEMBLY.so [--only TEXT] [--octets N] [--most SECONDS]

Prints a table in Markdown: instructions (callgrind) where the message is small (and valgrind is installed), CPU seconds, and by how much the peak of
memory rose while it was put together. What takes more CPU than --most is ended.
"""

import argparse
import re
import shutil
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "epan"))

import generate  # noqa: E402
from wireshark import Home  # noqa: E402

WAYS = ["buffer", "fragment_add", "fragment_add_check", "fragment_add_seq", "fragment_add_seq_next"]
GATHERED = 1 << 16
# Octets of the message, of a part.
MESSAGES = [(40000, 7), (80000, 7), (400000, 7), (400000, 1460), (10000000, 7), (100000000, 1460), (100000000, 65536)]
SMALL = 1000000  # up to so many octets instructions are counted


def run(home, most, path, way, octets, part, gathered, *before):
    """What tshark told on stderr; None: it took too long."""
    wish = f"SMTPX_REASSEMBLY={way} {octets} {part} {gathered}"
    done = home.run("env", wish, "prlimit", f"--cpu={most}", *before, "tshark", "-r", path, "-q", "-z", "io,stat,0",
                    timeout=3600, check=False)
    told = done.stderr.decode()
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return None
    if told.count("reassembly:") != 1 or "nothing" in told:
        sys.exit(f"reassembly: {way}, {octets} in {part}: {told}")
    return told


def instructions(home, most, *wanted):
    told = run(home, 60 * most, *wanted, "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
               "--toggle-collect=probe_once*")
    return f"{int(re.search(r'Collected : ([0-9]+)', told).group(1)) / 1e6:,.1f} M" if told else "not ended"


def row(home, most, path, way, octets, part, gathered):
    wanted = path, way, octets, part, gathered
    told = run(home, most, *wanted)
    name = f"{way}, of {gathered >> 10} KB" if gathered else way
    if not told:
        return f"| {octets:,} | {part:,} | {name} | | more than {most} s | |"
    seconds, kilobytes = re.search(r"reassembly: ([0-9.]+) s, ([0-9]+) KB", told).groups()
    counted = instructions(home, most, *wanted) if octets <= SMALL and shutil.which("valgrind") else ""
    return f"| {octets:,} | {part:,} | {name} | {counted} | {seconds} s | {int(kilobytes) / 1000:,.1f} MB |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("probe", type=Path)
    parser.add_argument("--only", default="", help="ways whose name contains this")
    parser.add_argument("--most", type=int, default=60, help="CPU seconds that a run may take")
    parser.add_argument("--octets", type=int, help="messages of so many octets")
    wanted = parser.parse_args()
    home = Home()
    try:
        folder = home.path / f".local/lib/wireshark/plugins/{home.version}/epan"
        folder.mkdir(parents=True)
        (folder / "smtpreassembly.so").write_bytes(wanted.probe.read_bytes())
        path = home.file("one.pcap")
        generate.write(generate.web(1), path)
        print(f"Wireshark {home.version}\n\n| octets | in parts of | way | instructions | CPU | memory |\n|---|---|---|---|---|---|")
        for octets, part in MESSAGES:
            if octets != (wanted.octets or octets):
                continue
            for way in (way for way in WAYS if wanted.only in way):
                alone = way == "buffer" or part >= GATHERED or octets <= 2 * GATHERED
                for gathered in (0,) if alone else (0, GATHERED):
                    print(row(home, wanted.most, path, way, octets, part, gathered), flush=True)
    finally:
        home.remove()


if __name__ == "__main__":
    main()
