# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin loads, says what it is, and is refused politely where it does not fit."""

import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

import capture
import wireshark
from wireshark import Home

ROOT = Path(__file__).resolve().parents[2]


def plugin():
    return Path(os.environ["SMTPX_PLUGIN"])


def version():
    text = (ROOT / "CMakeLists.txt").read_text()
    return re.search(r"^set\(SMTPX_VERSION ([0-9.]+)", text, re.M).group(1)


def test_listed_with_its_version(home):
    line = next(line for line in home.text("-G", "plugins").splitlines() if line.startswith("smtpx.so"))
    assert re.split(r"\s+", line)[1:3] == [version(), "dissector"]


def test_exports_nothing_but_the_plugin(home):
    symbols = subprocess.run(["nm", "-D", "--defined-only", plugin()], capture_output=True, check=True).stdout.decode()
    names = {line.split()[-1] for line in symbols.splitlines()}
    assert names == {"plugin_version", "plugin_want_major", "plugin_want_minor", "plugin_register", "plugin_describe"}


def other_plugins(home, **environment):
    """Names of all plugins but smtpx, and whether smtpx is one of them."""
    done = subprocess.run(home.command("tshark", "-G", "plugins"), env={**home.environment(), **environment},
                          capture_output=True, check=True)
    names = {line.split()[0] for line in done.stdout.decode().splitlines()}
    return names - {"smtpx.so"}, "smtpx.so" in names


def test_one_installed_for_everybody_is_kept_out(bare):
    """Where smtpx is among the global plugins, a home has the others, and smtpx only if it is its own."""
    everybody = bare.path / "installed" / bare.version
    shutil.copytree(bare.ask_folder("Global Plugins"), everybody, symlinks=True,
                    ignore=shutil.ignore_patterns("smtpx.so"))
    (everybody / "epan").mkdir(exist_ok=True)
    shutil.copy(plugin(), everybody / "epan/smtpx.so")
    others = other_plugins(bare)[0]
    assert other_plugins(bare, WIRESHARK_PLUGIN_DIR=str(everybody.parent)) == (others, True)
    for own in (None, plugin()):
        home = Home(own, everybody)
        try:
            assert other_plugins(home) == (others, bool(own))
            assert home.complaint() is None
            home.everybody = everybody.parent
            assert "Wireshark loads" in home.complaint()
        finally:
            home.remove()


def symbol_offset(path, name):
    """File offset of a read-only symbol: address minus that of its load segment plus its place in the file."""
    symbols = subprocess.run(["nm", "-D", path], capture_output=True, check=True).stdout.decode()
    address = int(next(line for line in symbols.splitlines() if line.endswith(" " + name)).split()[0], 16)
    headers = subprocess.run(["readelf", "-lW", path], capture_output=True, check=True).stdout.decode()
    for line in headers.splitlines():
        parts = line.split()
        if parts and parts[0] == "LOAD":
            offset, start, size = (int(parts[at], 16) for at in (1, 2, 4))
            if start <= address < start + size:
                return address - start + offset
    raise AssertionError(f"{name} is in no segment")


def test_refused_by_another_minor_version(tmp_path):
    """Wireshark's own refusal, and the capture opens without smtpx."""
    octets = bytearray(plugin().read_bytes())
    at = symbol_offset(plugin(), "plugin_want_minor")
    wanted, = struct.unpack_from("<i", octets, at)
    struct.pack_into("<i", octets, at, wanted + 2)
    other = tmp_path / "smtpx.so"
    other.write_bytes(octets)
    home = Home(other)
    try:
        done = home.run("tshark", "-G", "plugins", check=False)
        assert done.returncode == 0
        assert b"smtpx.so" in done.stderr and b"compiled for" in done.stderr
        assert b"smtpx.so" not in done.stdout
    finally:
        home.remove()


def promised():
    """The preferences of docs/preferences.md with their defaults."""
    table = (ROOT / "docs/preferences.md").read_text()
    return dict(re.findall(r"^\| `(smtpx\.[^`]+)` \| ([^|]+?) \|", table, re.MULTILINE))


def test_preferences_are_the_promised_ones(home):
    listed = re.findall(r"^#(smtpx\.[a-z_.]+): (.*)$", home.text("-G", "currentprefs"), re.MULTILINE)
    assert dict(listed) == promised() and len(listed) == len(promised()) >= 8


@pytest.mark.parametrize("name, default", promised().items())
def test_preferences_are_known(home, name, default):
    """tshark takes them, and refuses the same with a slip of the pen or a value that is none."""
    path = home.file("empty.pcap")
    capture.save(path, [])

    def tried(option):
        done = home.run("tshark", "-r", path, "-o", option, check=False)
        return done.returncode, done.stderr

    assert tried(f"{name}:{default}") == (0, b"")
    status, said = tried(f"{name}x:{default}")
    assert status != 0 and b"unknown preference" in said
    if default not in ("TRUE", "FALSE"):  # all but TRUE is FALSE
        status, said = tried(f"{name}:no number")
        assert status != 0 and b"Invalid" in said


def test_checkout_that_only_root_may_read(tmp_path, monkeypatch):
    """Who may not read it runs a copy of its commands, which find the recordings beside them."""
    hidden = tmp_path / "hidden"
    for name, text in (("scripts/show", '#!/bin/sh\ncat "$(dirname "$0")/../tests/live/fixtures/one"\n'),
                       ("tests/live/fixtures/one", "a recording")):
        (hidden / name).parent.mkdir(parents=True)
        (hidden / name).write_text(text)
        (hidden / name).chmod(0o700)
    hidden.chmod(0o700)
    monkeypatch.setattr(wireshark, "ROOT", hidden)
    home = Home()
    try:
        assert home.run(home.checkout / "scripts/show").stdout == b"a recording"
    finally:
        home.remove()
