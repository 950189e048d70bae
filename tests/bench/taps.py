#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What listening costs: the tables of mails and sessions, the counters, the times, following, export.

    taps.py SMTPX.so STEADY.so [--mails N] [--whole N] [--check]

Instructions (callgrind) of a run with each beside one without, and the memory of both, for each mail: of two captures,
one with twice as many mails as the other, so that neither the start of tshark nor what it has room for counts. Prints a table in Markdown.
--whole N measures nothing but what the table of N mails takes of a whole run, tshark's start included.
--check fails where the table of mails takes more than MOST of the run.
"""

import argparse
import shutil
import sys
import tempfile
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
    "-z follow,smtpx,ascii,0": ("-z", "follow,smtpx,ascii,0"),
    "--export-objects smtpx,DIR": ("--export-objects", "smtpx,{folder}"),
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

    def run(self, measured, path, listener):
        """What is exported has a folder of its own."""
        folder = self.home.own(Path(tempfile.mkdtemp(prefix="exported-", dir=self.home.work)))
        return measured(self.home, "-r", path, *RUN, *(word.format(folder=folder) for word in LISTENERS[listener]))

    def for_each(self, measured, listener):
        """How much it is for one mail more."""
        with ThreadPoolExecutor(2) as pool:
            less, more = pool.map(lambda path: self.run(measured, path, listener), self.paths)
        return (more - less) / self.mails

    def whole(self, count):
        """What the table of mails takes of a run, of it."""
        path = self.write(count)
        with ThreadPoolExecutor(2) as pool:
            nobody, table = pool.map(lambda name: self.run(measure.instructions, path, name), ("nobody", "-z smtpx,mail"))
        print(f"{count} mails: {nobody / 1e6:,.0f} M instructions, with the table of mails {table / 1e6:,.0f} M")
        return (table - nobody) / nobody

    def each(self):
        """A row for each listener; what the table of mails takes of the run."""
        print("| who listens | instructions for each mail | of the run | octets of memory for each mail |\n|---|---|---|---|")
        nobody = self.for_each(measure.instructions, "nobody")
        kept = self.for_each(memory, "nobody")
        print(f"| nobody | {nobody:,.0f} | | {kept:,.0f} |")
        part = {}
        for name in list(LISTENERS)[1:]:
            more = self.for_each(measure.instructions, name) - nobody
            part[name] = more / nobody
            print(f"| `{name}` | +{more:,.0f} | {part[name]:.1%} | +{self.for_each(memory, name) - kept:,.0f} |", flush=True)
        return part["-z smtpx,mail"]


def memory(home, *arguments):
    return measure.once(home, *arguments)[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("smtpx")
    parser.add_argument("steady")
    parser.add_argument("--mails", type=int, default=1000, help="of the smaller capture")
    parser.add_argument("--whole", type=int, help="so many mails")
    parser.add_argument("--check", action="store_true")
    wanted = parser.parse_args()
    bench = Bench(wanted.smtpx, wanted.steady, wanted.mails)
    try:
        part = bench.whole(wanted.whole) if wanted.whole else bench.each()
    finally:
        bench.home.remove()
    if wanted.check and part > MOST:
        sys.exit(f"bench: the table of mails takes {part:.1%} of a run, more than {MOST:.0%}")


if __name__ == "__main__":
    main()
