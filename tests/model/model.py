#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tries the plugin on sessions drawn at random, of which all is known.

    model.py PLUGIN [--sessions N] [--seed S]

Says how much was compared; of the first session that is shown wrongly, the smallest
that fails as it does.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "epan"))

import case  # noqa: E402
import draw  # noqa: E402
import shrink  # noqa: E402
from wireshark import Home  # noqa: E402

AT_ONCE = 2000  # sessions in a capture

# Of these smtpx shows things that are not so, as is known.
OPEN = {"odd replies", "stray lines", "unsent chunks", "LMTP chunks", "nested MAIL"}


@dataclass
class Tally:
    sessions: int = 0
    frames: int = 0
    pairs: int = 0
    failing: int = 0

    def add(self, trial):
        self.sessions += len(trial.cases)
        self.failing += len(trial.failing())
        for placed in trial.placed:
            self.frames += len(placed.all)
            self.pairs += sum(unit.answers is not None and placed.whole(at) for at, unit in enumerate(placed.units))


def traits_but_open():
    return tuple(trait for trait in draw.TRAITS if trait not in OPEN)


def run(home, sessions, seed, traits=None):
    """The tally of so many sessions, and the first case that fails or None."""
    tally, failing = Tally(), None
    for start in range(0, sessions, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, sessions))
        trial = case.Trial(home, [case.drawn(seed, number, traits_but_open() if traits is None else traits) for number in numbers])
        tally.add(trial)
        failing = failing or next(iter(trial.failing()), None)
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
    parser.add_argument("--all", action="store_true", help="also what is known to fail")
    given = parser.parse_args()
    if not given.plugin.is_file():
        parser.error(f"no such plugin: {given.plugin}")
    home = Home(given.plugin)
    try:
        tally, failing = run(home, given.sessions, given.seed, draw.TRAITS if given.all else None)
        print(f"seed {given.seed}: {tally.sessions} sessions, {tally.frames} frames, {tally.pairs} pairs; "
              f"{tally.failing} sessions wrong")
        if failing:
            print(*shrink.told(home, shrink.shrink(home, failing)), sep="\n")
    finally:
        home.remove()
    sys.exit(bool(failing))


if __name__ == "__main__":
    main()
