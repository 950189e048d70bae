#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles smtpx's sources as a configured source tree of Wireshark would, and nothing else of it.

    in_tree.py BUILD

Prints what the compiler says, and fails if it says anything. The tree's own rule would build libwireshark first.
"""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def compiled(entry):
    """What the compiler says of one source."""
    (Path(entry["directory"]) / shlex.split(entry["command"])[-3]).parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(shlex.split(entry["command"]), cwd=entry["directory"], capture_output=True, text=True)
    return done.stderr if done.stderr or not done.returncode else f"{entry['file']}: status {done.returncode}\n"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    entries = json.loads((Path(sys.argv[1]) / "compile_commands.json").read_text())
    ours = [entry for entry in entries if "plugins/epan/smtpx/CMakeFiles/smtpx.dir" in entry["command"]]
    if not ours:
        sys.exit("the tree does not build smtpx")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(compiled, ours))
    print("".join(said), end="")
    found = sum(1 for text in said if text)
    print(f"{len(ours)} sources, {found} with something said of them")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
