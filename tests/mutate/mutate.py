#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Breaks smtpx by one line at a time, and tells which ring of the tests notices.

    mutate.py FOLDER [--list] [--file TEXT] [--jobs N] [NAME...]

Works on copies of the sources in FOLDER, which are kept: the next run builds what has changed alone. The
rings run one after the other until one fails: 1 (units), 2 (transcripts), 4 (recorded sessions), and of 3 what
is quick. Fails when a mutation survives that is not in mutations.SURVIVORS, or one of these does not.
"""

import argparse
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import mutations

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = re.compile(r"build.*|\.git|__pycache__|\.pytest_cache")

# As released, but quick to build: no assertion notices what a test should, and nothing is optimized at the end.
CONFIGURE = ["cmake", "-S", "{src}", "-B", "{build}", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
             "-DCMAKE_C_FLAGS_DEBUG=-O1 -DNDEBUG"]
NINJA = ["ninja", "-C", "{build}", "smtpx", "test-smtp"]
PROGRAMS = ["{build}/smtpx.so", "{build}/test-smtp"]
PYTEST = ["/usr/bin/python3", "-m", "pytest", "-p", "no:cacheprovider", "-q", "--tb=no", "-rfE", "{x}"]

# The quick part of ring 3: one pass and two, remarks, what is exported, old habits, and the rows of the tables.
QUICK = ["test_registries.py", "test_invariance.py::test_pass", "test_remarks.py::test_sharkd[as written]",
         "test_remarks.py::test_expert[as written-neither tree nor columns-one pass]",
         "test_remarks.py::test_severities", "test_remarks.py::test_places", "test_settings.py::test_largest_message",
         "test_bad_input.py::test_retransmission_of_a_cut_line", "test_bad_input.py::test_truncated_behind_a_cut_line",
         "test_rows.py::test_long_title_ends_in_dots", "test_rows.py::test_what_rows_say", "test_rows.py::test_title",
         "test_rows.py::test_some_were_refused", "test_rows.py::test_without_end", "test_taps.py::test_taken_for_two",
         "test_taps.py::test_both_passes", "test_export.py", "test_habits.py"]

RINGS = {
    "1": ["{build}/test-smtp"],
    "2": [*PYTEST, "test_transcripts.py"],
    "4": [*PYTEST, "test_live.py"],
    "3, quick": [*PYTEST, *QUICK],
}

# An endless loop that takes memory must not take the machine's.
MEMORY = 8 << 30
FIRST_TRY = 900  # seconds


class Trouble(Exception):
    """What keeps mutations from being tried."""


# ---- Mutations ----

def chosen(names, part=""):
    """Mutations by name, those whose file has a part in its path."""
    unknown = (set(names) | mutations.SURVIVORS.keys()) - mutations.MUTATIONS.keys()
    if unknown:
        raise Trouble(f"no such mutation: {', '.join(sorted(unknown))}")
    return {name: one for name, one in mutations.MUTATIONS.items()
            if part in one.file and (not names or name in names)}


def place(root, mutation):
    """The text of its file, and where in it the old text begins; it must be there once."""
    path = root / mutation.file
    if not path.is_file():
        raise Trouble(f"no such file: {mutation.file}")
    text = path.read_text()
    count = text.count(mutation.old)
    if count != 1 or mutation.old == mutation.new:
        raise Trouble(f"{mutation.file}: found {count} times, not once: {mutation.old!r}" if count != 1 else
                      f"{mutation.file}: changes nothing: {mutation.old!r}")
    return text, text.index(mutation.old)


def mutated(root, mutation):
    text, at = place(root, mutation)
    return text[:at] + mutation.new + text[at + len(mutation.old):]


def complaints(root, some):
    """Which of the mutations cannot be made, a line each."""
    for name, mutation in some.items():
        try:
            place(root, mutation)
        except Trouble as trouble:
            yield f"{name}: {trouble}"


# ---- A copy of the sources ----

def sources(root):
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not NOT_COPIED.fullmatch(name)]
        yield from (Path(folder, name).relative_to(root) for name in files)


def copy_changed(root, target):
    """The same files as in root; those that are the same already stay untouched, for ninja's sake."""
    wanted = set(sources(root))
    for path in wanted:
        copy = target / path
        octets = (root / path).read_bytes()
        if not copy.is_file() or copy.read_bytes() != octets:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(octets)
    for path in set(sources(target)) - wanted if target.is_dir() else ():
        (target / path).unlink()


@dataclass
class Result:
    """The ring that noticed, None: it survived; and what it said first."""

    ring: str | None
    said: str = ""


@dataclass
class Bench:
    """A copy of the sources with a build of its own, in which one mutation after the other is tried."""

    folder: Path
    temporary: Path
    root: Path = ROOT
    configure: list = field(default_factory=lambda: CONFIGURE)
    build: list = field(default_factory=lambda: NINJA)
    programs: list = field(default_factory=lambda: PROGRAMS)
    rings: dict = field(default_factory=lambda: RINGS)
    unbroken: list = field(default_factory=list)  # the programs without a mutation
    seconds: dict = field(default_factory=dict)  # what each ring may take
    left_out: list = field(default_factory=list)  # pytest's options for what fails without a mutation

    @property
    def source(self):
        return self.folder / "src"

    def words(self, command, first=True):
        filled = [word.format(src=self.source, build=self.folder / "build", x="-x" if first else "--maxfail=1000")
                  for word in command]
        return filled + (self.left_out if "pytest" in filled else [])

    def run(self, command, seconds, first=True):
        """Exit status, None: it took too long; and what was printed. All that it started is ended with it."""
        tests = self.source / "tests/epan"
        environment = {**os.environ, "SMTPX_PLUGIN": str(self.folder / "build/smtpx.so"), "TMPDIR": str(self.temporary)}
        process = subprocess.Popen(["prlimit", f"--as={MEMORY}", *self.words(command, first)], env=environment,
                                   cwd=tests if tests.is_dir() else self.source, text=True, errors="replace",
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            said, _ = process.communicate(timeout=seconds)
            return process.returncode, said
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return None, process.communicate()[0]

    def make(self):
        status, said = self.run(self.build, FIRST_TRY)
        if status != 0:
            raise Trouble(f"does not build:\n{said[-3000:]}")

    def prepare(self):
        copy_changed(self.root, self.source)
        status, said = self.run(self.configure, FIRST_TRY)
        if status != 0:
            raise Trouble(f"cannot be configured:\n{said[-3000:]}")
        self.make()
        self.unbroken = self.built()

    def built(self):
        return [Path(name).read_bytes() for name in self.words(self.programs)]

    def try_unbroken(self):
        """How long each ring takes without a mutation, and which tests fail even so: these tell nothing."""
        for name, command in self.rings.items():
            start = time.monotonic()
            status, said = self.run(command, FIRST_TRY, first=False)
            failed = failures(said)
            if status != 0 and not ("pytest" in command and status == 1 and failed):
                raise Trouble(f"ring {name} fails without a mutation:\n{said[-3000:]}")
            self.left_out += [f"--deselect={test}" for test in failed]
            self.seconds[name] = 60 + 5 * (time.monotonic() - start)

    def attempt(self, mutation):
        path = self.source / mutation.file
        kept = path.read_text()
        path.write_text(mutated(self.source, mutation))
        try:
            self.make()
            if self.built() == self.unbroken:
                raise Trouble("the programs are the same with it")
            return self.first_to_notice()
        finally:
            path.write_text(kept)

    def first_to_notice(self):
        for name, command in self.rings.items():
            status, said = self.run(command, self.seconds[name])
            if status is None:
                return Result(name, "takes too long")
            # pytest: 1, a test failed; 3, conftest.py stopped at a plugin that is not loaded; else it is our fault.
            if "pytest" in command and status not in (0, 1, 3):
                raise Trouble(f"ring {name}: pytest ended with {status}:\n{said[-3000:]}")
            if status != 0:
                return Result(name, what_failed(said, status))
        return Result(None)


def failures(said):
    """The tests that pytest says failed."""
    return re.findall(r"^(?:FAILED|ERROR) (\S+\.py::\w+(?:\[.*?\](?= - |$))?)", said, re.MULTILINE)


def what_failed(said, status):
    """The first failure that a ring told of."""
    tests = failures(said) or re.findall(r"^(?:\S*/)?(\w+\.c:\d+): ", said, re.MULTILINE)
    if tests:
        return tests[0]
    lines = said.strip().splitlines()
    return f"signal {-status}" if status < 0 else lines[-1] if lines else f"status {status}"


# ---- All of them ----

def say(text):
    print(f"mutate: {text}", file=sys.stderr, flush=True)


def tried(benches, some):
    """Each mutation's result, by name; as many at once as there are copies."""
    free = queue.SimpleQueue()
    for bench in benches:
        free.put(bench)

    def attempt(name):
        bench = free.get()
        start = time.monotonic()
        try:
            result = bench.attempt(some[name])
        except Trouble as trouble:
            raise Trouble(f"{name}: {trouble}") from None
        finally:
            free.put(bench)
        say(f"{name}: {f'ring {result.ring}' if result.ring else 'SURVIVED'}, {time.monotonic() - start:.0f} s")
        return result

    with ThreadPoolExecutor(len(benches)) as pool:
        try:
            return dict(zip(some, pool.map(attempt, some)))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def prepared(folder, count, temporary):
    """The copies, built; the first tells all of them how long a ring takes."""
    benches = [Bench(folder / str(number), temporary) for number in range(1, count + 1)]
    for bench in benches:
        bench.prepare()
    first = benches[0]
    first.try_unbroken()
    for bench in benches[1:]:
        bench.seconds, bench.left_out = first.seconds, first.left_out
    if first.left_out:
        say(f"{len(first.left_out)} tests fail without a mutation and are left out:")
        print("\n".join(f"    {option.partition('=')[2]}" for option in first.left_out), file=sys.stderr)
    return benches


def table(some, results):
    """Markdown: what was broken, where, and who noticed."""
    rows = ["| mutation | file | breaks | noticed by |", "|---|---|---|---|"]
    for name, mutation in some.items():
        result = results[name]
        reason = mutations.SURVIVORS.get(name, "")
        noticed = f"ring {result.ring}: {result.said}" if result.ring else f"SURVIVED{': ' if reason else ''}{reason}"
        rows.append(f"| {name} | {Path(mutation.file).name} | {mutation.rule} | {noticed.replace('|', '/')} |")
    return rows


def verdict(results):
    """What is wrong with the results, a line each; none: nothing."""
    for name, result in results.items():
        if result.ring is None and name not in mutations.SURVIVORS:
            yield f"{name} survived"
        elif result.ring and name in mutations.SURVIVORS:
            yield f"{name} is listed as a survivor, and ring {result.ring} noticed it"


def listed(root, some):
    for name, mutation in some.items():
        text, at = place(root, mutation)
        print(f"{name}: {mutation.file}:{text.count(chr(10), 0, at) + 1}: {mutation.rule}")


def run(options):
    some = chosen(options.names, options.file)
    wrong = list(complaints(ROOT, some))
    if wrong:
        raise Trouble("\n".join(["these mutations cannot be made:", *wrong]))
    if not some:
        raise Trouble("no mutation is chosen")
    if options.list:
        return listed(ROOT, some)
    temporary = Path(tempfile.mkdtemp(prefix="smtpx-mutate-"))
    temporary.chmod(0o755)
    try:
        say(f"{len(some)} mutations; first the rings without one")
        results = tried(prepared(options.folder.resolve(), min(options.jobs, len(some)), temporary), some)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    print("\n".join(table(some, results)))
    wrong = list(verdict(results))
    if wrong:
        raise Trouble("\n".join([f"of {len(some)} mutations", *wrong]))
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true", help="list the mutations and where they are made")
    parser.add_argument("--file", default="", help="only those whose file has this in its path")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="so many at once")
    options = parser.parse_intermixed_args()
    if options.jobs < 1:
        parser.error("--jobs must be 1 or more")
    try:
        run(options)
    except Trouble as trouble:
        sys.exit(f"mutate: {trouble}")


if __name__ == "__main__":
    main()
