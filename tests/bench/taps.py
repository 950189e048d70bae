#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What listening costs: the tables of mails and sessions, the counters, the times.

    taps.py SMTPX.so STEADY.so [--mails N] [--check]

Instructions (callgrind) of a run with each beside one without, and the memory of both, for each mail: of two captures,
one with twice as many mails as the other, so that neither the start of tshark nor what it has room for counts. Prints a table in Markdown.
--check fails where the table of mails takes more than MOST of the run.
"""

import argparse
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "epan"))

import generate  # noqa: E402
import measure  # noqa: E402
from wireshark import Home  # noqa: E402

MOST = 0.05
OCTETS = 2000  # of a message
LISTENERS = {
    "nobody": (),
    "-z smtpx,mail": ("-z", "smtpx,mail"),
    "-z smtpx,mail,json": ("-z", "smtpx,mail,json"),
    "-z smtpx,session": ("-z", "smtpx,session"),
    "-z smtpx,tree": ("-z", "smtpx,tree"),
    "-z smtpx,srt": ("-z", "smtpx,srt"),
}
RUN = ("-q", "-z", "io,stat,0")


class Bench:
    def __init__(self, smtpx, steady, mails):
        self.home = Home(smtpx)
        self.home.own(self.home.work)
        shutil.copy(steady, self.home.file("steady.so"))
        self.mails = mails
        self.paths = [self.write(count) for count in (mails, 2 * mails)]

    def write(self, count):
        path = self.home.file(f"mails-{count}.pcap")
        generate.write(generate.sessions(count, OCTETS), path)
        return path

    def for_each(self, measured, listener):
        """How much it is for one mail more."""
        with ThreadPoolExecutor(2) as pool:
            less, more = pool.map(lambda path: measured(self.home, "-r", path, *RUN, *LISTENERS[listener]), self.paths)
        return (more - less) / self.mails


def memory(home, *arguments):
    return measure.once(home, *arguments)[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("smtpx")
    parser.add_argument("steady")
    parser.add_argument("--mails", type=int, default=1000, help="of the smaller capture")
    parser.add_argument("--check", action="store_true")
    wanted = parser.parse_args()
    bench = Bench(wanted.smtpx, wanted.steady, wanted.mails)
    try:
        print("| who listens | instructions for each mail | of the run | octets of memory for each mail |\n|---|---|---|---|")
        nobody = bench.for_each(measure.instructions, "nobody")
        kept = bench.for_each(memory, "nobody")
        print(f"| nobody | {nobody:,.0f} | | {kept:,.0f} |")
        part = {}
        for name in list(LISTENERS)[1:]:
            more = bench.for_each(measure.instructions, name) - nobody
            part[name] = more / nobody
            print(f"| `{name}` | +{more:,.0f} | {part[name]:.1%} | +{bench.for_each(memory, name) - kept:,.0f} |", flush=True)
    finally:
        bench.home.remove()
    if wanted.check and part["-z smtpx,mail"] > MOST:
        sys.exit(f"bench: the table of mails takes {part['-z smtpx,mail']:.1%} of a run, more than {MOST:.0%}")


if __name__ == "__main__":
    main()
