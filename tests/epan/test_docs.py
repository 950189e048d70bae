# SPDX-License-Identifier: GPL-2.0-or-later
"""README.md and docs/*.md are true: commands print what is said there, and fields, files and links are there.

How a document tells which captures it is about, and what is not run, stands in documents.py.
"""

import difflib
import re

import pytest

import documents
from documents import DOCUMENTS, ROOT

BLOCKS = documents.every()


@pytest.fixture(scope="module")
def folders(home, transcripts, tls):
    """The folder of each document."""
    return {path.relative_to(ROOT).as_posix():
            documents.Folder(home, transcripts, tls, path.name) for path in DOCUMENTS}


def number(version):
    return tuple(map(int, version.split(".")))


def reason_not_to(block, version):
    """Why it is not run here; None: it is."""
    if block.mark("not run"):
        return f"not run: {block.mark('not run')}"
    if block.mark("from") and number(version) < number(block.mark("from")):
        return f"from Wireshark {block.mark('from')} on"
    lacking = documents.missing(block)
    return f"{', '.join(lacking)} is not there" if lacking else None


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.mark("file") or not block.mark("language")], ids=str)
def test_commands(home, folders, block):
    folder = folders[block.document]
    if block.mark("file"):
        folder.write(block)
        return
    if block.mark("tried by"):
        path, _, name = block.mark("tried by").partition("::")
        text = (ROOT / path).read_text()
        assert not name or f"\ndef {name}(" in text
        return
    reason = reason_not_to(block, home.version)
    if reason:
        pytest.skip(reason)
    folder.prepare(block)
    for command, printed in block.commands():
        lines = folder.run(command)
        if printed is not None:
            assert documents.says(printed, lines), f"$ {command}\n" + "\n".join(
                difflib.ndiff(documents.plain(printed), documents.plain(lines)))


def inline():
    """(document, text) of each piece of code in a line of text."""
    for path in DOCUMENTS:
        text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
        for line in text.splitlines():
            if not line.startswith("    "):
                yield from ((path.name, found.replace(r"\|", "|")) for found in re.findall(r"`([^`]+)`", line))


# A preference of the built-in dissector that Wireshark lists no longer, and still takes.
OLD_PREFERENCE = "smtp.tcp.port"
FILTER = re.compile(r"!?\(?(smtpx|smtp|imf|tls|tcp)\b[a-z0-9_.]*( .*)?")


def test_filters_are_filters(home):
    """A piece of code that begins with a field's name is a filter, or the name of a preference."""
    preferences = set(re.findall(r"^#?([a-z_.0-9]+): ", home.text("-G", "currentprefs"), re.M))
    told = [(name, text) for name, text in inline() if FILTER.fullmatch(text) and "." in text.split()[0]
            and not text.endswith(("()", ".c", ".h", ".def", ".so", ".md", ".")) and text != OLD_PREFERENCE]
    wanted = list(dict.fromkeys(text for _, text in told if text.partition(":")[0] not in preferences))
    answers = home.sharkd([("check", {"filter": text}) for text in wanted])
    wrong = {text for text, answer in zip(wanted, answers) if answer.get("status") != "OK"}
    assert len(wanted) > 200 and [pair for pair in told if pair[1] in wrong] == []


PATH = re.compile(r"(?:scripts|tests|docs|plugin|cmake|packaging|profile)/[\w./-]+")


def test_files_are_there():
    told = [(name, text) for name, text in inline() if PATH.fullmatch(text)]
    assert len(told) > 40 and [pair for pair in told if not (ROOT / pair[1]).exists()] == []


def test_links_lead_somewhere():
    wrong = []
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            if "://" not in target and not (path.parent / target).exists():
                wrong.append((path.name, target))
    assert wrong == []


def test_ten_questions():
    """docs/analysis.md has what its title says."""
    headings = re.findall(r"^## \d+\. ", (ROOT / "docs/analysis.md").read_text(), re.M)
    assert len(headings) == len([block for block in BLOCKS if block.document == "docs/analysis.md"]) == 10


def test_comparing():
    """What varies is left out, and nothing else."""
    assert documents.says(["a  b", "…", "c … d 1.50"], ["a b", "x", "y", "c lot of d 1.5"])
    assert documents.says(["1.500000000", "----", "2.0"], ["1.5", "2"])
    assert not documents.says(["a"], ["a", "b"]) and not documents.says(["a", "b"], ["a"])
    assert not documents.says(["10"], ["1"]) and not documents.says(["1.05"], ["1.5"])
    assert not documents.says(["a.c"], ["abc"]) and not documents.says(["4.0.10"], ["4.0.1"])
