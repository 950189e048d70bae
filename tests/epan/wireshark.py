# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs Wireshark's programs with smtpx, as an unprivileged user.

As root, Wireshark loads no personal plugin and says nothing about it; so when
the tests run as root, the programs run as "nobody".

Where smtpx is installed for everybody, that one would be loaded, in place of the one
to be tested and in the home without any. There the global plugins are all but smtpx.
"""

import functools
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

NOBODY = 65534
ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Field:
    """One item of a tree, as PDML has it."""

    name: str
    show: str
    label: str
    size: int
    hidden: bool
    value: str | None
    place: int  # of its first octet in the frame
    children: list = field(default_factory=list)

    def every(self):
        yield self
        for child in self.children:
            yield from child.every()


@dataclass(slots=True)
class Frame:
    number: int
    protocols: list  # of Field, those that were asked for

    def every(self, prefix=""):
        for protocol in self.protocols:
            for item in protocol.every():
                if item.name.startswith(prefix):
                    yield item

    def values(self, name):
        return [item.show for item in self.every() if item.name == name]


class Home:
    """A throwaway home folder with smtpx in it; for others to read.

    everybody: Wireshark's global plugins, in a folder named for its version.
    """

    def __init__(self, plugin=None, everybody=None):
        self.path = Path(tempfile.mkdtemp(prefix="smtpx-test-"))
        os.chmod(self.path, 0o755)
        self.version = self.ask_version()
        self.everybody = self.without_smtpx(everybody or self.ask_folder("Global Plugins"))
        self.plugin = self.path / f".local/lib/wireshark/plugins/{self.version}/epan/smtpx.so" if plugin else None
        if plugin:
            self.plugin.parent.mkdir(parents=True)
            shutil.copy(plugin, self.plugin)
        self.work = self.path / "work"
        self.work.mkdir()
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", self.path], check=True)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)

    def command(self, *arguments):
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.getuid() == 0 else []
        return user + [str(argument) for argument in arguments]

    def environment(self, **more):
        environment = dict(os.environ, HOME=str(self.path), LC_ALL="C.UTF-8", TZ="UTC",
                           WIRESHARK_ABORT_ON_DISSECTOR_BUG="1", **more)
        for name in ("XDG_CONFIG_HOME", "WIRESHARK_PLUGIN_DIR", "WIRESHARK_CONFIG_DIR"):
            environment.pop(name, None)
        if self.everybody:
            environment["WIRESHARK_PLUGIN_DIR"] = str(self.everybody)
        return environment

    @functools.cached_property
    def checkout(self):
        """A copy of the commands of this checkout and of its recordings: in root's home nobody else may read them."""
        copied = self.path / "checkout"
        for name in ("scripts", "tests/live/fixtures"):
            shutil.copytree(ROOT / name, copied / name)
        for path in (copied, *copied.rglob("*")):
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
        return copied

    def without_smtpx(self, folder):
        """What to use for the folder of all versions' global plugins; None: the folder itself will do."""
        if not folder.is_dir() or not list(folder.rglob("smtpx.so")):
            return None
        copied = self.path / "everybody"
        for path in folder.rglob("*.*"):
            if path.is_file() and path.name != "smtpx.so":
                link = copied / folder.name / path.relative_to(folder)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(path)
        return copied

    def complaint(self):
        """What is wrong with the smtpx that Wireshark loads, in a line; None: nothing."""
        rows = [line.split("\t") for line in self.text("-G", "plugins").splitlines()]
        loaded = [row[-1] for row in rows if row[0].strip() == "smtpx.so"]
        wanted = [str(self.plugin)] if self.plugin else []
        return None if loaded == wanted else f"Wireshark loads {loaded or 'no smtpx.so'}, not {wanted or 'none'}"

    def run(self, *arguments, check=True, **options):
        options.setdefault("timeout", 600)
        done = subprocess.run(self.command(*arguments), env=self.environment(), capture_output=True, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: exit status {done.returncode}\n{done.stderr.decode()}")
        for trouble in (b"Dissector bug", b"ERROR:", b"CRITICAL", b"couldn't be loaded"):
            if check and trouble in done.stderr + (b"" if "-G" in arguments else done.stdout):
                raise AssertionError(f"{arguments}: {trouble.decode()}\n{done.stderr.decode()}")
        return done

    def ask_folder(self, name):
        text = subprocess.run(["tshark", "-G", "folders"], capture_output=True, check=True, text=True).stdout
        return Path(re.search(rf"^{name}:\s*(.+)$", text, re.MULTILINE).group(1))

    def ask_version(self):
        text = subprocess.run(["tshark", "--version"], capture_output=True, check=True).stdout.decode()
        number = text.split("(Wireshark) ")[1].split()[0]
        return ".".join(number.split(".")[:2])

    def file(self, name):
        return self.work / name

    def own(self, path):
        """Lets the unprivileged user read and replace a file."""
        if os.getuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        return path

    def tshark(self, *arguments, **options):
        return self.run("tshark", *arguments, **options).stdout

    def text(self, *arguments):
        return self.tshark(*arguments).decode("utf-8", "replace")

    def frames(self, path, *arguments):
        """All frames with their smtpx, smtp and imf fields, by number."""
        pdml = self.tshark("-r", path, "-T", "pdml", "-J", "smtpx smtp imf tls", *arguments)
        return {frame.number: frame for frame in parse_pdml(pdml)}

    def columns(self, path, *arguments):
        """Protocol and Info of all frames, by number."""
        psml = self.tshark("-r", path, "-T", "psml", "-o",
                           'gui.column.format:"No.","%m","Protocol","%p","Info","%i"', *arguments)
        rows = ([section.text or "" for section in packet] for packet in ElementTree.fromstring(psml).iter("packet"))
        return {int(number): (protocol, info) for number, protocol, info in rows}

    def profile(self, name, **files):
        """A configuration profile with these lines in its files; gives the options that choose it."""
        folder = self.path / ".config/wireshark/profiles" / name
        folder.mkdir(parents=True, exist_ok=True)
        for file, lines in files.items():
            (folder / file).write_text("".join(f"{line}\n" for line in lines))
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", self.path / ".config"], check=True)
        return "-C", name

    def sharkd(self, requests, *options):
        """The results of JSON-RPC requests: (method, params) pairs; options as profile() gives them."""
        lines = [json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
                 for number, (method, params) in enumerate(requests, 1)]
        lines.append(json.dumps({"jsonrpc": "2.0", "id": len(lines) + 1, "method": "bye"}))
        done = self.run("sharkd", *(options or ["-"]), input="\n".join(lines).encode() + b"\n", check=False)
        answers = [json.loads(line) for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
        return [answer.get("result", answer.get("error")) for answer in answers[: len(requests)]]


# A Boolean is 1 or 0 in Wireshark 4.0's PDML, a word later.
BOOLEANS = {"True": "1", "False": "0"}

# A date is "Dec 31, 2026 23:59:59.000000000 UTC" in 4.0, 2026-12-31T23:59:59.000000000Z later.
DATE = re.compile(r"(\w{3} [ \d]\d, \d{4} [\d:]{8})\.0* UTC|([\d-]{10}T[\d:]{8})\.0*Z")


def uniform(show):
    """A value as all versions of Wireshark could show it."""
    date = DATE.fullmatch(show) if show.endswith(("UTC", "Z")) else None
    if date and date.group(1):
        return datetime.strptime(date.group(1), "%b %d, %Y %H:%M:%S").strftime("%Y-%m-%dT%H:%M:%SZ")
    if date:
        return date.group(2) + "Z"
    return BOOLEANS.get(show, show)


def parse_field(element):
    said = element.attrib.get
    show = said("show", "")
    return Field(said("name", ""), uniform(show), said("showname", show), int(said("size", "0")), said("hide") == "yes",
                 said("value"), int(said("pos", "0")), [parse_field(child) for child in element])


def is_asked_for(protocol):
    """-J leaves of another protocol its name alone; what stands first is said of each frame."""
    return protocol.get("name") not in ("geninfo", "frame") and not (len(protocol) and protocol[0].get("name") == "filtered")


def parse_pdml(pdml):
    """The frames, one after the other: of a large capture there is never all of the text as a tree."""
    for _, packet in ElementTree.iterparse(io.BytesIO(pdml)):
        if packet.tag == "packet":
            number = next(said.get("show") for said in packet[0] if said.get("name") == "num")
            yield Frame(int(number), [parse_field(protocol) for protocol in packet if is_asked_for(protocol)])
            packet.clear()
