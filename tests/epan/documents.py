#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands in README.md and docs/*.md, and what these say that they print.

    documents.py [DOCUMENT...]

runs them with the plugin that SMTPX_PLUGIN names, and prints what they really print; test_docs.py compares.

A block of code is fenced without a language, or indented. In one with "$ " lines each of these is a command, with what
it prints below it (a backslash or open quotes go on, "# " is a comment); any other block is commands that print what they like.
"…" stands for anything: in a line for some of it, alone in a line for some lines. Blanks count once, rules of "=" and
"-" not at all, and zeros at the end of a decimal fraction are none.

A comment of HTML in a line of its own, before a block, says how to run it:

    <!-- capture NAME.pcap NAME.keys: TRANSCRIPT... -->   these files are there from here on
    <!-- file NAME -->           this block is no command but the text of a file
    <!-- first: COMMAND -->      what is to be there before
    <!-- needs NAME... -->       programs, or paths, without which it is not run
    <!-- from 4.4 -->            versions of Wireshark that it is about
    <!-- tried by tests/... -->  another test runs it, or a part of it
    <!-- not run: REASON -->     nobody does: it is counted, and told
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import stage

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MARK = re.compile(r"<!-- (capture|file|first:|needs|from|tried by|not run:) ?(.*?) -->$")


@dataclass
class Block:
    document: str
    line: int
    text: str
    marks: list  # of (word, rest), those before it
    captures: dict = field(default_factory=dict)  # names of files and of transcripts, as they are by then

    def __str__(self):
        return f"{self.document}:{self.line}"

    def mark(self, word):
        return next((rest for known, rest in self.marks if known == word), None)

    def every_mark(self, word):
        return [rest for known, rest in self.marks if known == word]

    def commands(self):
        """Pairs: a command, and the lines that it is said to print; None: nothing is said."""
        if not re.search(r"^\$ ", self.text, re.M):
            return [(self.text, None)]
        found = []
        for line in self.text.splitlines():
            if found and goes_on(found[-1][0]):
                found[-1][0] += f"\n{line}"
            elif line.startswith("$ "):
                found.append([line[2:], []])
            elif not line.startswith("# "):
                found[-1][1].append(line)
        return found


def goes_on(command):
    """Does it end with a backslash, or inside quotes?"""
    try:
        shlex.split(command)
    except ValueError:
        return True
    return command.endswith("\\")


def blocks_of(path):
    """All blocks of code of a document; those in a language that is none of a shell's have a mark "language"."""
    document, found, marks, captures = path.relative_to(ROOT).as_posix(), [], [], {}
    lines = path.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        mark = MARK.match(line)
        if mark and mark[1] == "capture":
            names, _, transcripts = mark[2].partition(": ")
            captures = {**captures, tuple(names.split()): transcripts.split()}
        elif mark:
            marks.append((mark[1].rstrip(":"), mark[2]))
        elif line.startswith("```"):
            end = lines.index("```", at + 1)
            language = [("language", line[3:])] if line[3:] else []
            found.append(Block(document, at + 1, "\n".join(lines[at + 1:end]), marks + language, captures))
            at, marks = end, []
        elif line.startswith("    ") and not lines[at - 1].strip():
            end = next((later for later in range(at, len(lines))
                        if lines[later].strip() and not lines[later].startswith("    ")), len(lines))
            text = "\n".join(line[4:] for line in lines[at:end]).rstrip()
            found.append(Block(document, at + 1, text, marks, captures))
            at, marks = end - 1, []
        at += 1
    assert not marks, f"{document}: no block behind {marks}"
    return found


def every():
    return [block for path in DOCUMENTS for block in blocks_of(path)]


# ---- Running ----


class Folder:
    """Where the commands of one document run, one block after the other."""

    def __init__(self, home, transcripts, tls, name):
        self.home, self.transcripts, self.tls = home, transcripts, tls
        self.path = home.file(f"docs-{Path(name).stem}")
        self.path.mkdir()
        home.own(self.path)

    def prepare(self, block):
        for names, transcripts in block.captures.items():
            if not (self.path / names[0]).exists():
                stage.stage([self.transcripts[name] for name in transcripts], self.path / names[0], self.tls)
                for keys in names[1:]:
                    shutil.copy(self.tls.keylog, self.path / keys)
                    self.home.own(self.path / keys)
        for command in block.every_mark("first"):
            done = self.shell(command)
            assert done.returncode == 0, f"{command}\n{done.stderr.decode()}"

    def shell(self, command):
        environment = self.home.environment()
        environment["PATH"] = f"{self.home.checkout / 'scripts'}:{environment['PATH']}"
        environment.pop("WIRESHARK_ABORT_ON_DISSECTOR_BUG")
        return subprocess.run(self.home.command("bash", "-c", command), env=environment, cwd=self.path,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=300)

    def write(self, block):
        (self.path / block.mark("file")).write_text(block.text + "\n", encoding="utf-8")

    def run(self, command):
        """The lines that it prints."""
        done = self.shell(command)
        said = done.stderr.decode()
        assert done.returncode == 0 and "Dissector bug" not in said, f"$ {command}\nstatus {done.returncode}\n{said}"
        return done.stdout.decode("utf-8", "replace").splitlines()


def missing(block):
    """What it needs and is not here."""
    return [name for words in block.every_mark("needs") for name in words.split()
            if not (Path(name).exists() if name.startswith("/") else shutil.which(name))]


# ---- Comparing ----


def plain(lines):
    """Lines as they are compared."""
    short = [re.sub(r"(?<![\d.])(\d+)\.(\d*?)0+(?![\d.])", lambda found: f"{found[1]}.{found[2]}".rstrip("."), line)
             for line in lines]
    return [" ".join(line.split()) for line in short if line.strip("=- \t")]


def says(expected, lines):
    """Are these the lines that are said to be printed?"""
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
                      for line in plain(expected))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in plain(lines))) is not None


def main():
    from tls import Tls
    from transcript import every as every_transcript
    from wireshark import Home

    home = Home(os.environ["SMTPX_PLUGIN"])
    tls = Tls(home.work)
    home.own(tls.keylog)
    transcripts = {made.name: made for made in every_transcript()}
    for name in sys.argv[1:] or [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]:
        folder = Folder(home, transcripts, tls, name)
        for block in blocks_of(ROOT / name):
            if block.mark("file"):
                folder.write(block)
            elif not (block.mark("language") or block.mark("tried by") or block.mark("not run") or missing(block)):
                folder.prepare(block)
                for command, printed in block.commands():
                    try:
                        lines = folder.run(command)
                    except AssertionError as wrong:
                        lines = [str(wrong)]
                    same = printed is None or says(printed, lines)
                    print(f"{block} {'same' if same else 'OTHER'}\n$ {command}")
                    if not same or "-v" in os.environ.get("VERBOSE", ""):
                        print("\n".join(lines))
    home.remove()


if __name__ == "__main__":
    main()
