# SPDX-License-Identifier: GPL-2.0-or-later
"""What mutate.py makes of made-up mutations, programs and rings."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import mutate  # noqa: E402
import mutations  # noqa: E402
from mutate import Bench, Result, Trouble  # noqa: E402
from mutations import Mutation  # noqa: E402

# The program is a file of its lines; ring 1 wants "good", ring 2 "fast".
FILES = {"a.txt": "good\nfast\nplain\n", "tests/epan/keep.txt": "", "build/old.txt": "", ".git/HEAD": ""}
BUILD = ["sh", "-c", "! grep -q broken '{src}/a.txt' && mkdir -p '{build}' && cp '{src}/a.txt' '{build}/program'"]
RINGS = {"1": ["grep", "-q", "good", "{build}/program"],
         "2": ["sh", "-c", "grep -q slow '{build}/program' && sleep 60; grep fast '{build}/program' || exit 1"]}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(text)
    return tmp_path / "root"


def made_up(folder, root):
    return Bench(folder, folder.parent, root, configure=["true"], build=BUILD, programs=["{build}/program"],
                 rings=RINGS)


@pytest.fixture
def bench(root, tmp_path):
    made = made_up(tmp_path / "1", root)
    made.prepare()
    made.try_unbroken()
    return made


def change(old, new, file="a.txt"):
    return Mutation(file, old, new, "a rule")


def test_copy_has_the_sources_alone(bench, root):
    assert sorted(map(str, mutate.sources(bench.source))) == ["a.txt", "tests/epan/keep.txt"]
    (root / "b.txt").write_text("new")
    (root / "tests/epan/keep.txt").unlink()
    before = (bench.source / "a.txt").stat().st_mtime_ns
    mutate.copy_changed(root, bench.source)
    assert sorted(map(str, mutate.sources(bench.source))) == ["a.txt", "b.txt"]
    assert (bench.source / "a.txt").stat().st_mtime_ns == before


@pytest.mark.parametrize("old, new, ring", [("good", "bad", "1"), ("fast", "late", "2"), ("plain", "odd", None)])
def test_first_ring_that_notices(bench, root, old, new, ring):
    assert bench.attempt(change(old, new)).ring == ring
    assert (bench.source / "a.txt").read_text() == (root / "a.txt").read_text() == FILES["a.txt"]
    assert bench.attempt(change("plain", "odd")) == Result(None)


def test_a_ring_that_takes_too_long(bench):
    bench.seconds["2"] = 1
    assert bench.attempt(change("plain", "slow")) == Result("2", "takes too long")


def test_one_that_does_not_build(bench):
    with pytest.raises(Trouble, match="does not build"):
        bench.attempt(change("plain", "broken"))
    assert bench.attempt(change("good", "bad")).ring == "1"


def test_one_that_changes_no_program(bench):
    with pytest.raises(Trouble, match="the programs are the same"):
        bench.attempt(change("", "x", "tests/epan/keep.txt"))


def test_ring_that_fails_without_a_mutation(bench):
    bench.rings = {"1": ["false"]}
    with pytest.raises(Trouble, match="ring 1 fails without a mutation"):
        bench.try_unbroken()


@pytest.mark.parametrize("old, file, said", [
    ("o", "a.txt", "found 2 times"), ("none", "a.txt", "found 0 times"), ("good", "b.txt", "no such file: b.txt"),
    ("good", "a.txt", "changes nothing")])
def test_ones_that_cannot_be_made(root, old, file, said):
    some = {"fine": change("fast", "late"), "wrong": change(old, "good", file)}
    complaint, = mutate.complaints(root, some)
    assert complaint.startswith("wrong: ") and said in complaint


def test_choice(monkeypatch):
    monkeypatch.setattr(mutations, "MUTATIONS", {"one": change("a", "b"), "two": change("a", "b", "plugin/b.c")})
    monkeypatch.setattr(mutations, "SURVIVORS", {})
    assert list(mutate.chosen([])) == ["one", "two"]
    assert list(mutate.chosen(["two"])) == ["two"] == list(mutate.chosen([], "plugin/"))
    assert mutate.chosen(["one"], "plugin/") == {}
    with pytest.raises(Trouble, match="no such mutation: three"):
        mutate.chosen(["one", "three"])
    monkeypatch.setattr(mutations, "SURVIVORS", {"four": "a reason"})
    with pytest.raises(Trouble, match="no such mutation: four"):
        mutate.chosen([])


@pytest.mark.parametrize("name", mutations.MUTATIONS)
def test_line_is_there(name):
    """Else it would be found missing by who runs all of them, hours later."""
    mutation = mutations.MUTATIONS[name]
    root = Path(__file__).resolve().parents[2]
    assert (root / mutation.file).read_text().count(mutation.old) == 1 and mutation.old != mutation.new


def test_verdict(monkeypatch):
    monkeypatch.setattr(mutations, "SURVIVORS", {"known": "nobody can see it", "old": "as well"})
    results = {"noticed": Result("1"), "lives": Result(None), "known": Result(None), "old": Result("2")}
    assert list(mutate.verdict(results)) == ["lives survived", "old is listed as a survivor, and ring 2 noticed it"]
    rows = mutate.table({"known": change("a", "b")}, results)
    assert rows[-1] == "| known | a.txt | a rule | SURVIVED: nobody can see it |"


@pytest.mark.parametrize("said, first", [
    ("..F\nFAILED test_x.py::test_y[a - b] - assert [] == [1]\n1 failed", "test_x.py::test_y[a - b]"),
    ("E\nERROR test_x.py::test_y - OSError\nFAILED test_x.py::test_z", "test_x.py::test_y"),
    ("/src/tests/smtp/test_line.c:12: x == 1\n1 checks", "test_line.c:12"),
    ("last words", "last words"), ("", "signal 11")])
def test_what_failed(said, first):
    assert mutate.what_failed(said, -11 if not said else 1) == first


def test_in_parallel(root, tmp_path, bench):
    other = made_up(tmp_path / "2", root)
    other.prepare()
    other.seconds = bench.seconds
    some = {str(number): change("good", f"bad {number}") if number % 2 else change("plain", f"odd {number}")
            for number in range(8)}
    results = mutate.tried([bench, other], some)
    assert {name: result.ring for name, result in results.items()} == {
        name: "1" if int(name) % 2 else None for name in some}
    some["wrong"] = change("plain", "broken")
    with pytest.raises(Trouble, match="wrong: does not build"):
        mutate.tried([bench, other], some)


def test_program_names_what_it_cannot_do(tmp_path):
    done = subprocess.run([sys.executable, mutate.__file__, tmp_path, "no-such-one"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == "mutate: no such mutation: no-such-one\n"
