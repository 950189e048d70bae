#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures smtpx beside the built-in dissector and beside one that does nothing.

"Marginal" is what is above the dissector that does nothing.  Instructions are
callgrind's, and without what the IMF dissector costs; wall and CPU time and peak
memory are medians of paired runs, with it.  Prints tables in Markdown.

    bench.py SMTPX.so NULL.so STEADY.so [--tables LIST] [--only TEXT] [--runs N] [--check]
"""

import argparse
import json
import math
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "epan"))

import generate  # noqa: E402
from bounds import BOUNDS  # noqa: E402
import measure  # noqa: E402
import tools  # noqa: E402
from tls import Tls  # noqa: E402
from wireshark import Home  # noqa: E402

FIGURES = HERE / "figures.json"
GROWN_TOO_MUCH = 1.05
# Instructions by which two runs may differ, on another machine perhaps.
NOISE = 500000

SMALL = {
    "500 sessions, a mail of 2 KB each": lambda _: generate.sessions(500, 2000),
    "500 sessions, pipelined": lambda _: generate.sessions(500, 2000, True),
    "500 sessions at once": lambda _: generate.sessions(500, 2000),
    "1 session, 500 mails of 1 KB": lambda _: generate.one([generate.text(1000)] * 500),
    "1 transaction, 2,500 recipients": lambda _: generate.recipients(2500),
    "1 transaction, 2,500 recipients, pipelined": lambda _: generate.recipients(2500, True),
    "LMTP, 500 mails for 3 recipients": lambda _: generate.one([generate.text(1000)] * 500, hello=b"LHLO", recipients=3),
    "a message of 1 MB": lambda _: generate.one([generate.text(1000000)]),
    "a message of 1 MB, BDAT": lambda _: generate.one([generate.text(1000000)], bdat=True),
    "a message of 1 MB, a dot in each line": lambda _: generate.one([generate.text(1000000, dots=True)]),
    "a message of 1 MB inside TLS": lambda tls: generate.implicit_tls(generate.one([generate.text(1000000)]), tls),
    "100 KB in segments of 7 octets": lambda _: generate.one([generate.text(100000)], size=7),
    "a line of 1 MB": lambda _: generate.long_line(1000000),
}

LARGE = {
    "a message of 10 MB": lambda _: generate.one([generate.attachment(generate.random.Random(1), 10000000)]),
    "a message of 100 MB": lambda _: generate.one([generate.attachment(generate.random.Random(1), 100000000)]),
    "a message of 100 MB, BDAT": lambda _: generate.one([generate.attachment(generate.random.Random(1), 100000000)],
                                                        bdat=True),
    "2,000,000 unacknowledged commands": lambda _: generate.unacknowledged(2000000),
    "10,000 sessions": lambda _: generate.sessions(10000, 2000),
}

# Of which memory is measured, without IMF.
KEPT = {
    "20,000 sessions, a mail of 2 KB each": lambda _: generate.sessions(20000, 2000),
    "200 messages of 1 MB": lambda _: generate.one([generate.text(1000000)] * 200),
}

START_UP = "nothing"
NO_MAIL = {
    START_UP: lambda path: generate.write([], path),
    "3,000 web requests": lambda path: generate.write(generate.web(3000), path),
    "6,000 DNS queries": lambda path: generate.write_dns(6000, path),
    "6,000 segments of anything": lambda path: generate.write(generate.bulk(6000), path),
    "6,000 segments of text on a port that is nobody's": lambda path: generate.write(generate.chat(6000), path),
}

# What grows: the connections for a size, the first sizes for instructions and memory.  Each is doubled three
# times, those in OFTEN four times.  Smaller ones would find room in what Wireshark has taken already.
GROWTH = {
    "message size, octets": (lambda n: generate.one([generate.text(n)]), 1000000, 4000000),
    "messages": (lambda n: generate.one([generate.text(500)] * n), 400, 4000),
    "recipients": (generate.recipients, 1000, 20000),
    "pipelined recipients": (lambda n: generate.recipients(n, True), 2000, 40000),
    "sessions": (lambda n: generate.sessions(n, 500), 200, 2000),
    "lines of a reply": (generate.reply_lines, 4000, 160000),
    "length of a line": (generate.long_line, 1000000, 32000000),
    "a line, each octet a segment": (generate.slow_line, 4000, 16000),
    "a reply, each octet a segment": (generate.slow_reply, 4000, 16000),
    "a line, each octet a record of TLS": (generate.slow_line, 4000, 16000),
    "commands that nobody has acknowledged": (generate.unacknowledged, 20000, 100000),
}
INSIDE_TLS = {"a line, each octet a record of TLS"}
OFTEN = {"a line, each octet a segment", "a reply, each octet a segment", "a line, each octet a record of TLS"}

# What --check measures: small, and each of another kind.
CHECKED = [("500 sessions, a mail of 2 KB each", "-q"), ("1 transaction, 2,500 recipients", "-q"),
           ("a message of 1 MB", "-q"), ("500 sessions, a mail of 2 KB each", "filter"),
           ("1 transaction, 2,500 recipients, pipelined", "-q"), ("1 transaction, 2,500 recipients", "-V")]


# And of which captures memory, without IMF.
CHECKED_MEMORY = ["a message of 10 MB", "10,000 sessions"]
MEMORY_NOISE = 1 << 20


class Bench:
    def __init__(self, smtpx, null, steady, runs, only):
        self.homes = {"smtpx": Home(smtpx), "built-in": Home(), "null": Home(null)}
        complaints = {kind: home.complaint() for kind, home in self.homes.items()}
        for kind, complaint in complaints.items():
            if complaint:
                self.close()
                sys.exit(f"bench: {kind}: {complaint}")
        self.home = self.homes["smtpx"]
        self.runs, self.only = runs, only
        self.path = self.home.file("bench.pcap")
        self.tls = Tls(self.home.work)
        for home in self.homes.values():
            home.own(home.work)
            shutil.copy(steady, home.file("steady.so"))
        self.home.own(self.tls.keylog)

    def close(self):
        for home in self.homes.values():
            home.remove()

    def of(self, *kinds):
        return {kind: self.homes[kind] for kind in kinds}

    def wanted(self, captures):
        return [name for name in captures if self.only in name]

    def write(self, captures, name):
        if captures is NO_MAIL:
            return captures[name](self.path)
        return generate.write(captures[name](self.tls), self.path, interleaved="at once" in name)

    def counted(self, mode):
        return measure.counted(self.homes, mode, self.path, options=self.tls.options)

    # ---- Tables ----

    def instructions(self, modes):
        print("| capture | mode | smtpx | built-in | ratio | smtpx per segment | whole run |\n|---|---|---|---|---|---|---|")
        for name in self.wanted(SMALL):
            segments = self.write(SMALL, name)
            for mode in modes:
                counted = self.counted(mode)
                mine, theirs = marginal(counted)
                print(f"| {name} | {mode} | {mine / 1e6:.1f} M | {theirs / 1e6:.1f} M | **{mine / theirs:.2f}** | "
                      f"{mine / segments:.0f} | {counted['smtpx'] / counted['built-in']:.3f} |", flush=True)

    def items(self):
        print("| capture | smtpx, items | built-in, items | smtpx, per item | built-in, per item | ratio |\n"
              "|---|---|---|---|---|---|")
        for name in self.wanted(SMALL):
            self.write(SMALL, name)
            mine, theirs = marginal(self.counted("-V"))
            counts = {kind: measure.items(self.homes[kind], kind, self.path, self.tls.options) for kind in ("smtpx", "built-in")}
            mine, theirs = mine / max(1, counts["smtpx"]), theirs / max(1, counts["built-in"])
            print(f"| {name} | {counts['smtpx']} | {counts['built-in']} | {mine:.0f} | {theirs:.0f} | "
                  f"**{mine / theirs:.2f}** |", flush=True)

    def large(self):
        print("| capture | mode | smtpx, wall | CPU | memory | built-in, wall | CPU | memory | nothing, memory | "
              "ratio, CPU | ratio, memory above nothing |\n|---|---|---|---|---|---|---|---|---|---|---|")
        for name in self.wanted(LARGE):
            self.write(LARGE, name)
            for mode in ("-q", "-2", "export"):
                figures = measure.timed(self.homes, mode, self.path, self.runs, imf=True)
                cells = " | ".join(f"{wall:.2f} s | {cpu:.2f} s | {peak >> 20} MB" for wall, cpu, peak in
                                   (figures["smtpx"], figures["built-in"]))
                peaks = {kind: figure[2] for kind, figure in figures.items()}
                mine, theirs = marginal(peaks)
                print(f"| {name} | {mode} | {cells} | {peaks['null'] >> 20} MB | "
                      f"**{figures['smtpx'][1] / figures['built-in'][1]:.2f}** | **{mine / theirs:.2f}** |", flush=True)

    def memory(self):
        print("| capture | smtpx, above nothing | built-in | ratio |\n|---|---|---|---|")
        for name in self.wanted(KEPT):
            self.write(KEPT, name)
            mine, theirs = marginal({kind: figures[2] for kind, figures in
                                     measure.timed(self.homes, "-q", self.path, self.runs).items()})
            print(f"| {name} | {mine / 1e6:.1f} MB | {theirs / 1e6:.1f} MB | **{mine / theirs:.2f}** |", flush=True)

    def refilter(self):
        """A capture that is open is filtered again, in sharkd: all that it costs, above the same without a filter."""
        self.write(SMALL, "500 sessions, a mail of 2 KB each")
        homes = self.of("smtpx", "built-in")
        opened = {kind: measure.asked(home, self.path) for kind, home in homes.items()}
        print("| filter | smtpx | built-in | ratio |\n|---|---|---|---|")
        for filters in measure.FILTERS:
            mine, theirs = (measure.asked(home, self.path, filters[kind]) - opened[kind] for kind, home in homes.items())
            print(f"| `{filters['smtpx']}` | {mine / 1e6:.1f} M | {theirs / 1e6:.1f} M | **{mine / theirs:.2f}** |", flush=True)

    def no_mail(self):
        print("| capture | with smtpx | without | difference | ratio | per segment, start-up apart |\n|---|---|---|---|---|---|")
        started = None
        for name in dict.fromkeys([START_UP, *self.wanted(NO_MAIL)]):
            segments = self.write(NO_MAIL, name)
            counted = measure.counted(self.of("smtpx", "built-in"), "-q", self.path, imf=True)
            mine, theirs = counted["smtpx"], counted["built-in"]
            started = mine - theirs if name == START_UP else started
            each = f"{(mine - theirs - started) / segments:.0f}" if segments else ""
            print(f"| {name} | {mine / 1e6:.1f} M | {theirs / 1e6:.1f} M | {(mine - theirs) / 1e6:+.2f} M | "
                  f"**{mine / theirs:.4f}** | {each} |", flush=True)

    def growth(self):
        print("| what grows | from | to | instructions above nothing, M | exponent | from | to | memory above nothing, MB | exponent |\n"
              "|---|---|---|---|---|---|---|---|---|")
        for name in self.wanted(GROWTH):
            make, *starts = GROWTH[name]
            if name in INSIDE_TLS:
                make = self.inside_tls(make)
            doublings = 4 if name in OFTEN else 3
            cells = " | ".join(self.grown(make, start, doublings, cost)
                               for start, cost in zip(starts, (self.more_instructions, self.more_memory)))
            print(f"| {name} | {cells} |", flush=True)

    def grown(self, make, start, doublings, cost):
        """Cells: the first size, the last, what each costs in millions, and the exponent."""
        costs = []
        for size in sizes(start, doublings):
            generate.write(make(size), self.path)
            costs.append(cost())
        figures = ", ".join(f"{each / 1e6:.1f}" for each in costs)
        return f"{start} | {start << doublings} | {figures} | **{exponent(costs):.3f}**"

    def inside_tls(self, make):
        return lambda size: generate.implicit_tls(make(size), self.tls)

    def more_instructions(self):
        return marginal(measure.counted(self.of("smtpx", "null"), "-q", self.path, options=self.tls.options))[0]

    def more_memory(self):
        peaks = measure.timed(self.of("smtpx", "null"), "-q", self.path, 3, options=self.tls.options)
        return marginal({kind: figures[2] for kind, figures in peaks.items()})[0]

    def bounds(self):
        print("| what | how much | wall | CPU | memory above nothing | octets of it for each |\n|---|---|---|---|---|---|")
        for name in self.wanted(BOUNDS):
            count, make = BOUNDS[name]
            generate.write(make(count), self.path)
            figures = measure.timed(self.of("smtpx", "null"), "-q", self.path, 1, imf=True)
            wall, cpu, peak = figures["smtpx"]
            above = peak - figures["null"][2]
            print(f"| {name} | {count:,} | {wall:.1f} s | {cpu:.1f} s | {above / 1e6:.0f} MB | {above / count:.1f} |", flush=True)

    def tools(self):
        tools.table(self.homes["smtpx"], self.homes["built-in"], self.path)

    # ---- The check ----

    def checked(self):
        """Ratio of the marginal instructions or octets for each of CHECKED, and by how much it may be off."""
        ratios = {}
        for name, mode in CHECKED:
            self.write(SMALL, name)
            mine, theirs = marginal(self.counted(mode))
            ratios[f"{name}, {mode}"] = mine / theirs, NOISE / theirs
        for name in CHECKED_MEMORY:
            self.write(LARGE, name)
            peaks = {kind: figures[2] for kind, figures in measure.timed(self.homes, "-q", self.path, 3).items()}
            mine, theirs = marginal(peaks)
            ratios[f"{name}, memory"] = mine / theirs, MEMORY_NOISE / theirs
        return ratios

    def check(self):
        """Whether no ratio has grown by more than 5 % over the committed ones."""
        committed = json.loads(FIGURES.read_text())
        good = True
        for name, (ratio, noise) in self.checked().items():
            if name not in committed:
                print(f"NEW: {name}: {ratio:.3f}, to be committed", flush=True)
                continue
            held = ratio <= committed[name] * GROWN_TOO_MUCH + noise
            good = good and held
            print(f"{'ok' if held else 'GROWN'}: {name}: {ratio:.3f}, committed {committed[name]:.3f}", flush=True)
        return good


def marginal(counted):
    """What smtpx and the built-in cost above the dissector that does nothing."""
    return counted["smtpx"] - counted["null"], counted.get("built-in", 0) - counted["null"]


def sizes(start, doublings):
    return [start << doubling for doubling in range(doublings + 1)]


def exponent(costs):
    """The slope of log(cost) over log(size), fitted over sizes of which each is twice the one before."""
    points = [(doubling, math.log2(max(1, cost))) for doubling, cost in enumerate(costs)]
    middle = sum(x for x, _ in points) / len(points)
    return sum((x - middle) * y for x, y in points) / sum((x - middle) ** 2 for x, _ in points)


TABLES = ["instructions", "items", "refilter", "large", "memory", "no-mail", "growth", "bounds", "tools"]


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"bench: {message}\n")


def parse():
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("smtpx", type=Path, help="the plugin")
    parser.add_argument("null", type=Path, help="the plugin that does nothing")
    parser.add_argument("steady", type=Path, help="what makes counted runs repeat")
    parser.add_argument("--tables", default=",".join(TABLES), help="comma-separated: " + ", ".join(TABLES))
    parser.add_argument("--modes", default="-q,-2,filter,fields,-V", help="of the instructions' table (use --modes=-q)")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each kind")
    parser.add_argument("--check", action="store_true", help="fail when a ratio of instructions or memory has grown by more than 5 %%")
    parser.add_argument("--commit", action="store_true", help="write the ratios that --check compares with")
    chosen = parser.parse_args()
    chosen.tables, chosen.modes = chosen.tables.split(","), chosen.modes.split(",")
    for plugin in (chosen.smtpx, chosen.null, chosen.steady):
        if not plugin.is_file():
            parser.error(f"no such library: {plugin}")
    for table in chosen.tables:
        if table not in TABLES:
            parser.error(f"no such table: {table}")
    if chosen.runs < 1:
        parser.error("--runs must be 1 or more")
    for mode in chosen.modes:
        if mode not in measure.MODES:
            parser.error(f"no such mode: {mode}")
    return chosen


def main():
    chosen = parse()
    bench = Bench(chosen.smtpx, chosen.null, chosen.steady, chosen.runs, chosen.only)
    try:
        if chosen.check:
            return 0 if bench.check() else 1
        if chosen.commit:
            FIGURES.write_text(json.dumps({name: round(ratio, 4) for name, (ratio, _) in bench.checked().items()}, indent=4) + "\n")
            return 0
        print(f"Wireshark {bench.home.version}")
        for table in chosen.tables:
            print()
            if table == "instructions":
                bench.instructions(chosen.modes)
            else:
                getattr(bench, table.replace("-", "_"))()
    finally:
        bench.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
