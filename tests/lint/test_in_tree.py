# SPDX-License-Identifier: GPL-2.0-or-later
"""in_tree.py compiles the plugin's sources of a tree, tells what is said of them, and fails for it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKER = Path(__file__).resolve().parent / "in_tree.py"
OBJECTS = "plugins/epan/smtpx/CMakeFiles/smtpx.dir"


def checked(folder, sources):
    """A tree with these sources, and one of somebody else with a warning."""
    entries = []
    for name, text in {**sources, "other.c": "int other(void) { int unused; return 0; }"}.items():
        (folder / name).write_text(text)
        objects = "other.dir" if name == "other.c" else OBJECTS
        entries.append({"directory": str(folder), "file": name, "command": f"cc -Wall -o {objects}/{name}.o -c {folder / name}"})
    (folder / "compile_commands.json").write_text(json.dumps(entries))
    return subprocess.run([sys.executable, CHECKER, folder], capture_output=True, text=True)


def test_nothing_said(tmp_path):
    done = checked(tmp_path, {"good.c": "int good(void) { return 0; }"})
    assert (done.returncode, done.stdout) == (0, "1 sources, 0 with something said of them\n")
    assert (tmp_path / OBJECTS / "good.c.o").exists()


@pytest.mark.parametrize("text, says", [("int bad(void) { int unused; return 0; }", "warning"), ("int bad(void) {", "error")])
def test_something_said(tmp_path, text, says):
    done = checked(tmp_path, {"good.c": "int good(void) { return 0; }", "bad.c": text})
    assert done.returncode == 1 and says in done.stdout and "2 sources, 1 with" in done.stdout


def test_no_tree(tmp_path):
    assert checked(tmp_path, {}).returncode == 1
