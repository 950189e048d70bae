# SPDX-License-Identifier: GPL-2.0-or-later
"""What floors.py finds in made-up files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import floors  # noqa: E402
from floors import Trouble, Uses, complaints, floors_of, knots_of, shortest_circles  # noqa: E402


def uses_of(text):
    """ "a>b b>c": a uses b, b uses c."""
    arrows = [pair.split(">") for pair in text.split()]
    made = Uses({name for pair in arrows for name in pair})
    for one, other in arrows:
        made.add(one, other, f"{other}()")
    return made


def circles(text):
    uses = uses_of(text)
    return [shortest_circles(uses, knot) for knot in knots_of(uses)]


def test_no_circle():
    assert circles("a>b a>c b>d c>d") == []
    assert floors_of(uses_of("a>b a>c b>d c>d")) == ([["d"], ["b", "c"], ["a"]], set())


def test_two_files():
    assert circles("a>b b>a b>c") == [[["a", "b"]]]


def test_longer_path():
    assert circles("a>b b>c c>d d>b") == [[["b", "c", "d"]]]


def test_shortest_of_a_knot():
    """All of a knot hang together, and the shortest circles are told, no longer one."""
    uses = uses_of("a>b b>c c>a c>d d>c")
    assert knots_of(uses) == [["a", "b", "c", "d"]]
    assert circles("a>b b>c c>a c>d d>c") == [[["c", "d"]]]


def test_what_only_uses_or_is_used_by_a_circle():
    uses = uses_of("top>a a>b b>a b>low")
    assert knots_of(uses) == [["a", "b"]]
    assert floors_of(uses) == ([["low"]], {"top", "a", "b"})


def test_two_knots():
    assert circles("a>b b>a b>c c>d d>c") == [[["a", "b"]], [["c", "d"]]]


@pytest.mark.parametrize("one, other", [
    ("plugin/smtp/session/smtp_session", "plugin/epan/smtpx_compat"),
    ("plugin/smtp/syntax/smtp_line", "plugin/smtp/session/smtp_session"),
    ("plugin/smtp/syntax/smtp_line", "plugin/smtp/smtp_reading"),
    ("plugin/smtp/smtp_verbs.def", "plugin/smtp/syntax/smtp_line"),
    ("plugin/epan/learn/smtpx_message", "plugin/epan/draw/smtpx_view"),
    ("plugin/epan/learn/smtpx_stream", "plugin/epan/entry/smtpx_position"),
    ("plugin/epan/draw/smtpx_view", "packet-smtpx"),
    ("plugin/smtp/session/smtp_session", "packet-smtpx"),
    ("packet-smtpx", "plugin/plugin"),
])
def test_order(one, other):
    assert complaints(uses_of(f"{one}>{other}")) == [
        "against the order of the layers:", f"    {one} -> {other}: {other}()"]
    assert complaints(uses_of(f"{other}>{one}")) == []


def test_a_file_without_a_place():
    with pytest.raises(Trouble, match="plugin/epan/odd/smtpx_odd has no place"):
        complaints(uses_of("packet-smtpx>plugin/epan/odd/smtpx_odd"))


# ---- Files ----

GOOD = {
    "packet-smtpx.c": '#include "plugin/epan/draw/smtpx_b.h"\nint enter(void) { return b(); }\n',
    "plugin/plugin.c": "int enter(void);\nint plugin(void);\nint plugin(void) { return enter(); }\n",
    "plugin/epan/draw/smtpx_b.h": "int b(void);\n",
    "plugin/epan/draw/smtpx_b.c": '#include "plugin/epan/draw/smtpx_b.h"\n#include "../../smtp/syntax/smtp_a.h"\n'
                                  "int b(void) { return a(); }\n",
    "plugin/smtp/syntax/smtp_a.h": "#include <stddef.h>\nint a(void);\n",
    "plugin/smtp/syntax/smtp_a.c": '#include "smtp_a.h"\nint a(void) { return\n#include "../smtp_rows.def"\n;}\n',
    "plugin/smtp/smtp_rows.def": "1\n",
}


def looked_at(root, **changed):
    """What floors.py sees of GOOD's files with others added or put in their place, compiled with -flto."""
    files = {**GOOD, **{name.replace("__", "/") + ".c": text for name, text in changed.items()}}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    sources = [str(root / name) for name in files if name.endswith(".c")]
    entries = [{"directory": str(root), "file": source, "command": f"cc -O2 -flto=auto -I. -o x.o -c {source}"}
               for source in sources]
    (root / "compile_commands.json").write_text(json.dumps(entries))
    return floors.look(root, root)


def test_files_without_a_circle(tmp_path):
    uses = looked_at(tmp_path)
    assert complaints(uses) == []
    assert uses.arrows() == [
        ("packet-smtpx", "plugin/epan/draw/smtpx_b"), ("plugin/epan/draw/smtpx_b", "plugin/smtp/syntax/smtp_a"),
        ("plugin/plugin", "packet-smtpx"), ("plugin/smtp/syntax/smtp_a", "plugin/smtp/smtp_rows.def")]
    assert uses.reasons["packet-smtpx"]["plugin/epan/draw/smtpx_b"] == ["includes smtpx_b.h", "b"]
    assert uses.reasons["plugin/plugin"]["packet-smtpx"] == ["enter"]


def test_circle_of_symbols_alone(tmp_path):
    """A call without an include, and a variable: what an optimizer would keep from nm."""
    uses = looked_at(tmp_path, plugin__smtp__syntax__smtp_c="extern int d;\nint c(void) { return d; }\n",
                     plugin__smtp__syntax__smtp_d="int c(void);\nint d = 1;\nint e(void) { return c(); }\n")
    assert complaints(uses) == [
        "2 files use each other: plugin/smtp/syntax/smtp_c, plugin/smtp/syntax/smtp_d", "  a circle of 2:",
        "    plugin/smtp/syntax/smtp_c -> plugin/smtp/syntax/smtp_d: d",
        "    plugin/smtp/syntax/smtp_d -> plugin/smtp/syntax/smtp_c: c"]


def test_circle_of_an_include_and_a_symbol(tmp_path):
    calling = '#include "smtp_a.h"\nint z(void);\nint a(void) { return z(); }\n'
    uses = looked_at(tmp_path, plugin__smtp__syntax__smtp_a=calling,
                     plugin__smtp__syntax__smtp_z='#include "smtp_a.h"\nint z(void) { return 1; }\n')
    assert "    plugin/smtp/syntax/smtp_z -> plugin/smtp/syntax/smtp_a: includes smtp_a.h" in complaints(uses)


def test_private_names_are_nobodys(tmp_path):
    """A static function of the same name is not the other's."""
    own = "static int b(void) { return 1; }\nint c(void) { return b(); }\n"
    uses = looked_at(tmp_path, plugin__smtp__syntax__smtp_c=own)
    assert uses.of("plugin/smtp/syntax/smtp_c") == []


def test_an_include_of_nothing(tmp_path):
    with pytest.raises(Trouble, match="nowhere.h"):
        looked_at(tmp_path, plugin__smtp__syntax__smtp_c='#include "nowhere.h"\n')


def test_a_source_that_is_not_built(tmp_path):
    looked_at(tmp_path)
    (tmp_path / "plugin/smtp/syntax/smtp_lost.c").write_text("")
    with pytest.raises(Trouble, match="not built: plugin/smtp/syntax/smtp_lost.c"):
        floors.look(tmp_path, tmp_path)


def program(root, *arguments):
    """Runs floors.py as a file of that root."""
    copied = root / "tests/lint/floors.py"
    copied.parent.mkdir(parents=True)
    copied.write_text(Path(floors.__file__).read_text())
    return subprocess.run([sys.executable, copied, root, *arguments], capture_output=True, text=True)


def test_program_fails_on_circles(tmp_path):
    looked_at(tmp_path, plugin__smtp__syntax__smtp_a="int b(void);\nint a(void) { return b(); }\n")
    done = program(tmp_path)
    assert done.returncode == 1 and "2 files use each other" in done.stderr and not done.stdout


def test_program_lists_the_floors(tmp_path):
    looked_at(tmp_path)
    done = program(tmp_path, "--list")
    assert done.returncode == 0 and not done.stderr
    assert done.stdout.splitlines() == [
        " 0  plugin/smtp/smtp_rows.def", " 1  plugin/smtp/syntax/smtp_a", " 2  plugin/epan/draw/smtpx_b",
        " 3  packet-smtpx", " 4  plugin/plugin", "floors: 5 files, 4 arrows, 5 floors, no circle"]
