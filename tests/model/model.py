#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries the plugin on sessions drawn at random, of which all is known.

    model.py PLUGIN [--sessions N] [--seed S] [--damage KIND] [--all]

Says how much was compared; of the first session that is shown wrongly, the smallest
that fails as it does.
"""

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "epan"))

import case  # noqa: E402
import draw  # noqa: E402
from damage import KINDS  # noqa: E402
import shrink  # noqa: E402
from wireshark import Home  # noqa: E402

AT_ONCE = 2000  # sessions in a capture

# Of these, smtpx shows things that are not so where octets are missing: whether the chunk of a refused BDAT comes, for whom
# chunks are in LMTP, and whether a second MAIL has begun a transaction.
UNPROMISED = {"unsent chunks", "LMTP chunks", "nested MAIL"}


@dataclass
class Tally:
    sessions: int = 0
    frames: int = 0
    failing: int = 0
    counts: Counter = field(default_factory=Counter)

    def add(self, trial):
        self.sessions += len(trial.cases)
        self.failing += len(trial.failing())
        self.frames += sum(len(placed.all) for placed in trial.placed)
        for counts in trial.counts:
            self.counts += counts

    def share(self, what, true="true"):
        """Of what is there, how much is shown."""
        true, missing = self.counts[f"{what} {true}"], self.counts[f"{what} missing"]
        return true / (true + missing) if true + missing else 1.0

    def __str__(self):
        counts = self.counts
        return (f"{self.sessions} sessions, {self.frames} frames; pairs: {counts['pairs true']} true, "
                f"{counts['pairs false']} false, {counts['pairs missing']} missing ({self.share('pairs'):.2%} shown); "
                f"verbs: {counts['verbs true']} true, {counts['verbs false']} invented; accepted mails: "
                f"{counts['mails told']} told, {counts['mails false']} false, {counts['mails missing']} missing "
                f"({self.share('mails', 'told'):.2%} told); {self.failing} sessions wrong")


def traits_of(damage):
    """What is drawn: everything, but for what nobody could tell of a damaged capture."""
    return tuple(trait for trait in draw.TRAITS if damage.name == "none" or trait not in UNPROMISED)


def run(home, sessions, seed, damage, traits=None):
    """The tally of so many sessions, and the cases that fail."""
    tally, failing = Tally(), []
    traits = traits_of(damage) if traits is None else traits
    for start in range(0, sessions, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, sessions))
        trial = case.Trial(home, [case.drawn(seed, number, traits) for number in numbers], damage)
        tally.add(trial)
        failing += trial.failing()[:10 - len(failing)]
    return tally, failing


def natural(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"wants a number from 1, not {text!r}")
    return int(text)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        sys.exit(f"{self.prog}: {message}")


def main():
    parser = Parser(prog="model", description=__doc__.split("\n")[0])
    parser.add_argument("plugin", type=Path)
    parser.add_argument("--sessions", type=natural, default=4000, metavar="N")
    parser.add_argument("--seed", metavar="S", default=str(int(time.time())))
    parser.add_argument("--all", action="store_true", help="also what is not promised of a damaged capture")
    parser.add_argument("--damage", metavar="KIND", default="none", help=", ".join(KINDS))
    parser.add_argument("--show", type=natural, default=1, metavar="N", help="of the sessions that fail")
    given = parser.parse_args()
    if not given.plugin.is_file():
        parser.error(f"no such plugin: {given.plugin}")
    if given.damage not in KINDS:
        parser.error(f"no such damage: {given.damage} ({', '.join(KINDS)})")
    sys.exit(try_all(given))


def try_all(given):
    """@return how many sessions are shown wrongly, at most 1"""
    damage = KINDS[given.damage]
    home = Home(given.plugin)
    try:
        tally, failing = run(home, given.sessions, given.seed, damage, draw.TRAITS if given.all else None)
        print(f"seed {given.seed}, {damage.name}: {tally}", flush=True)
        for one in failing[:given.show]:
            print(*shrink.told(home, shrink.shrink(home, one, damage), damage), "", sep="\n", flush=True)
    finally:
        home.remove()
    return bool(failing)


if __name__ == "__main__":
    main()
