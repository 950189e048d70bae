# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run of tshark costs: instructions, seconds, octets of memory."""

import json
import os
import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

# tshark dissects nothing for -q alone; a tap that counts frames makes it.
MODES = {
    "-q": ["-q", "-z", "io,stat,0"],
    "-2": ["-2", "-q", "-z", "io,stat,0"],
    "filter": ["-q", "-z", "io,stat,0,{command} || {code}"],
    "fields": ["-T", "fields", "-e", "{command}", "-e", "{code}"],
    # The same values as columns, and without the built-in's fields: docs/filters.md.
    "tabs": ["-T", "tabs", "-o",
             'gui.column.format:"Command","%Cus:{command}:0:U","Code","%Cus:{code}:0:U"'],
    "own-fields": ["-T", "fields", "-e", "{command}", "-e", "{code}"],
    "-V": ["-V"],
    "export": ["-q", "--export-objects", "imf,{folder}"],
}
FIELDS = {
    "smtpx": ("smtpx.command", "smtpx.reply.code"),
    "built-in": ("smtp.command_line", "smtp.response.code"),
    "null": ("vlan.id", "arp.opcode"),
}
WITHOUT_LEGACY = {"smtpx": ["-o", "smtpx.legacy_filters:FALSE"]}
# The same in both: what is refused, and a command.
FILTERS = [
    {"smtpx": "smtpx.reply.code >= 500", "built-in": "smtp.response.code >= 500"},
    {"smtpx": 'smtpx.command.verb == "MAIL"', "built-in": 'smtp.req.command == "MAIL"'},
]
# What IMF costs is its own: without it, text that nobody reads is left.
WITHOUT_IMF = ["--disable-protocol", "imf"]


def arguments(mode, kind, path, home, imf=False):
    """tshark's, for a mode, with one of the dissectors in FIELDS."""
    command, code = FIELDS[kind]
    folder = home.work / "exported"
    parts = [part.format(command=command, code=code, folder=folder) for part in MODES[mode]]
    if mode == "own-fields":
        parts += WITHOUT_LEGACY.get(kind, [])
    return ["-r", path] + parts + ([] if imf or mode == "export" else WITHOUT_IMF)


def counting(home, *program, **options):
    """Instructions of a program, start-up included (valgrind --tool=callgrind); with steady.so they repeat to 0.01 %."""
    done = home.run("env", f"LD_PRELOAD={home.file('steady.so')}", "valgrind", "--tool=callgrind",
                    "--callgrind-out-file=/dev/null", *program, timeout=3600, **options)
    return int(re.search(rb"Collected : (\d+)", done.stderr).group(1))


def instructions(home, *tshark):
    return counting(home, "tshark", *tshark)


def asked(home, path, wanted=None):
    """Instructions of sharkd that opens a capture, and looks for the first frame of a filter: it reads all for that."""
    requests = [("load", {"file": str(path)})] + ([("frames", {"filter": wanted, "limit": 1})] if wanted else [])
    lines = [json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})
             for number, (method, parameters) in enumerate(requests + [("bye", {})], 1)]
    return counting(home, "sharkd", "-", input="\n".join(lines).encode() + b"\n", check=False)


def counted(homes, mode, path, imf=False, options=()):
    """Instructions of each kind of dissector."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {kind: pool.submit(instructions, home, *arguments(mode, kind, path, home, imf), *options)
                for kind, home in homes.items()}
        return {kind: run.result() for kind, run in runs.items()}


def once(home, *tshark):
    """(wall seconds, CPU seconds, peak octets of memory) of a run."""
    start = time.perf_counter()
    # IMF has bugs of its own with a message of 100 MB; they are told, and cost what they cost.
    done = home.run("/usr/bin/time", "-f", "%U %S %M", "tshark", *tshark, check=False, timeout=3600)
    wall = time.perf_counter() - start
    assert done.returncode == 0, done.stderr.decode()
    user, system, kilobytes = done.stderr.split(b"\n")[-2].split()
    return wall, float(user) + float(system), int(kilobytes) * 1024


def timed(homes, mode, path, runs, imf=False, options=()):
    """The medians of paired runs: kind -> (wall, CPU, peak)."""
    measured = {kind: [] for kind in homes}
    for _ in range(runs):
        for kind, home in homes.items():
            measured[kind].append(once(home, *arguments(mode, kind, path, home, imf), *options))
    return {kind: tuple(map(statistics.median, zip(*figures))) for kind, figures in measured.items()}


def items(home, kind, path, options=()):
    """How many items of the tree tshark -V shows of the dissector."""
    shown, count = False, 0
    for line in home.text(*arguments("-V", kind, path, home), *options).splitlines():
        if not line.startswith(" "):
            shown = line.startswith("Simple Mail Transfer Protocol")
        count += shown
    return count
