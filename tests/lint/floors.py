#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds files of ours that use each other, and files that use what stands above them.

A file is a .c with the .h of its name; each table (.def) is one, too. It uses another
when it includes it, or when its object wants a symbol of the other's object. Objects are
compiled anew without optimization, so that no link-time optimizer hides a symbol.

    floors.py BUILD          one line, or the shortest circles and what is against the order; then status 1
    floors.py BUILD --list   the files floor by floor: each uses files of lower floors only

BUILD is a folder with compile_commands.json.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Lowest first. A file may use files of its own place and of those before it, of none behind it.
# The longest pattern that fits tells a file's place.
ORDER = [
    "plugin/smtp/*.def",
    "plugin/smtp/syntax/*",
    "plugin/smtp/*",
    "plugin/smtp/session/*",
    "plugin/epan/smtpx_compat",
    "plugin/epan/learn/*",
    "plugin/epan/entry/*",
    "plugin/epan/draw/*",
    "plugin/epan/taps/*",
    "packet-smtpx",
    "plugin/plugin",
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


class Trouble(Exception):
    """What keeps the files from being looked at."""


def files_of(root):
    """Paths of all sources, headers and tables, from the root."""
    found = [path for kind in ("c", "h", "def") for path in (root / "plugin").rglob(f"*.{kind}")]
    return sorted(str(path.relative_to(root)) for path in [root / "packet-smtpx.c", *found])


def unit_of(path):
    """The name under which a path is looked at: a .c and its .h have the same."""
    return path if path.endswith(".def") else str(Path(path).with_suffix(""))


class Uses:
    """Who uses whom, and by what: uses[one][other] is a list of reasons."""

    def __init__(self, units):
        self.reasons = {unit: defaultdict(list) for unit in units}

    def add(self, one, other, reason):
        if one != other and reason not in self.reasons[one][other]:
            self.reasons[one][other].append(reason)

    def of(self, unit):
        return sorted(self.reasons[unit])

    def arrows(self):
        return [(one, other) for one in sorted(self.reasons) for other in self.of(one)]


def add_includes(uses, root, paths):
    """Quoted includes must name a file of ours; others may."""
    for path in paths:
        for quote, name in INCLUDE.findall((root / path).read_text()):
            places = [os.path.normpath(str(Path(path).parent / name)), os.path.normpath(name)]
            target = next((place for place in places if place in paths), None)
            if target:
                uses.add(unit_of(path), unit_of(target), f"includes {Path(name).name}")
            elif quote == '"':
                raise Trouble(f'{path} includes "{name}", which is no file of ours')


def add_symbols(uses, objects):
    """objects: the symbols that each unit defines, and those that it wants."""
    owner = {symbol: unit for unit, (defined, _) in objects.items() for symbol in defined}
    for unit, (_, wanted) in objects.items():
        for symbol in sorted(wanted & owner.keys()):
            uses.add(unit, owner[symbol], symbol)


def symbols(path):
    """What an object defines for others and what it wants of them."""
    text = subprocess.run(["nm", "-g", path], capture_output=True, check=True, text=True).stdout
    rows = [line.split()[-2:] for line in text.splitlines() if line.strip()]
    return {name for kind, name in rows if kind not in "Uvw"}, {name for kind, name in rows if kind in "Uvw"}


def compile_plain(entry, target):
    """Compiles as compile_commands.json says, but neither optimized nor at link time."""
    command = shlex.split(entry["command"]) + ["-O0", "-fno-lto", "-w"]
    command[command.index("-o") + 1] = str(target)
    done = subprocess.run(command, cwd=entry["directory"], capture_output=True, text=True)
    if done.returncode != 0:
        raise Trouble(f"{entry['file']} does not compile:\n{done.stderr}")


def objects_of(root, build, paths):
    """The symbols of each source; every source must be one of the build's."""
    commands = json.loads((build / "compile_commands.json").read_text())
    entries = {os.path.relpath(entry["file"], root): entry for entry in commands}
    sources = [path for path in paths if path.endswith(".c")]
    missing = [path for path in sources if path not in entries]
    if missing:
        raise Trouble(f"not built: {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        targets = {path: Path(folder) / f"{number}.o" for number, path in enumerate(sources)}
        list(pool.map(lambda path: compile_plain(entries[path], targets[path]), sources))
        objects = {unit_of(path): symbols(target) for path, target in targets.items()}
    if not any(wanted for _, wanted in objects.values()):
        raise Trouble("the objects tell no symbols")
    return objects


# ---- Circles ----

def circle_through(uses, start, allowed):
    """A shortest way from a unit back to itself; None: there is none."""
    came_from = {}
    waiting = deque([start])
    while waiting:
        unit = waiting.popleft()
        for other in uses.of(unit):
            if other == start:
                way = [unit]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if other in allowed and other not in came_from:
                came_from[other] = unit
                waiting.append(other)
    return None


def floors_of(uses):
    """The units floor by floor, lowest first; and those that stand on none, being on a circle or above one."""
    left, floors = set(uses.reasons), []
    while True:
        floor = sorted(unit for unit in left if not left.intersection(uses.of(unit)))
        if not floor:
            return floors, left
        floors.append(floor)
        left -= set(floor)


def knots_of(uses):
    """Groups of units each of which uses every other by some way."""
    _, left = floors_of(uses)
    reached = {unit: reach(uses, unit) for unit in left}
    knots = {frozenset(other for other in reached[unit] if unit in reached.get(other, ())) for unit in left}
    return sorted((sorted(knot) for knot in knots if knot), key=lambda knot: (-len(knot), knot))


def reach(uses, start):
    """All that a unit uses, itself or by others; the unit itself only if a circle leads back."""
    seen, waiting = set(), [start]
    while waiting:
        for other in uses.of(waiting.pop()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


def shortest_circles(uses, knot):
    """The shortest circles of a knot, each from its first name on."""
    found = {}
    for unit in knot:
        circle = circle_through(uses, unit, set(knot))
        found.setdefault(frozenset(circle), circle)
    shortest = min(map(len, found.values()))
    return [circle for circle in found.values() if len(circle) == shortest]


# ---- Order ----

def height(unit):
    """Its place in ORDER."""
    fitting = [(len(pattern), place) for place, pattern in enumerate(ORDER) if fnmatch(unit, pattern)]
    if not fitting:
        raise Trouble(f"{unit} has no place in the order of floors.py")
    return max(fitting)[1]


def against_order(uses):
    return [(one, other) for one, other in uses.arrows() if height(other) > height(one)]


# ---- The report ----

def told(uses, one, other):
    """An arrow and its first reasons."""
    reasons = uses.reasons[one][other]
    more = f" and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    return f"    {one} -> {other}: {', '.join(reasons[:3])}{more}"


def complaints(uses):
    """Lines that say what is wrong; none: nothing is."""
    lines = []
    for knot in knots_of(uses):
        lines.append(f"{len(knot)} files use each other: {', '.join(knot)}")
        for circle in shortest_circles(uses, knot):
            lines.append(f"  a circle of {len(circle)}:")
            lines += [told(uses, one, other) for one, other in zip(circle, circle[1:] + circle[:1])]
    upwards = against_order(uses)
    if upwards:
        lines.append("against the order of the layers:")
        lines += [told(uses, one, other) for one, other in upwards]
    return lines


def look(root, build):
    paths = files_of(root)
    uses = Uses({unit_of(path) for path in paths})
    add_includes(uses, root, paths)
    add_symbols(uses, objects_of(root, build, paths))
    return uses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--list", action="store_true", help="print the floors")
    chosen = parser.parse_args()
    try:
        uses = look(ROOT, chosen.build)
        wrong = complaints(uses)
    except Trouble as trouble:
        sys.exit(f"floors: {trouble}")
    if wrong:
        sys.exit("\n".join(["floors: files use each other, or what stands above them", *wrong]))
    floors, _ = floors_of(uses)
    if chosen.list:
        for number, floor in enumerate(floors):
            print(f"{number:2}  {' '.join(floor)}")
    print(f"floors: {len(uses.reasons)} files, {len(uses.arrows())} arrows, {len(floors)} floors, no circle")


if __name__ == "__main__":
    main()
