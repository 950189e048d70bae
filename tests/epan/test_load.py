# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin loads, says what it is, and is refused politely where it does not fit."""

import os
import re
import struct
import subprocess
from pathlib import Path

import pytest

from wireshark import Home


def plugin():
    return Path(os.environ["SMTPX_PLUGIN"])


def version():
    text = (Path(__file__).resolve().parents[2] / "CMakeLists.txt").read_text()
    return re.search(r"project\(smtpx VERSION ([0-9.]+)", text).group(1)


def test_listed_with_its_version(home):
    line = next(line for line in home.text("-G", "plugins").splitlines() if line.startswith("smtpx.so"))
    assert re.split(r"\s+", line)[1:3] == [version(), "dissector"]


def test_exports_nothing_but_the_plugin(home):
    symbols = subprocess.run(["nm", "-D", "--defined-only", plugin()], capture_output=True, check=True).stdout.decode()
    names = {line.split()[-1] for line in symbols.splitlines()}
    assert names == {"plugin_version", "plugin_want_major", "plugin_want_minor", "plugin_register", "plugin_describe"}


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
        assert b"smtpx" not in done.stdout
    finally:
        home.remove()


@pytest.mark.parametrize("option", ["legacy_filters", "desegment_lines", "reassemble_messages", "replace_builtin"])
def test_preferences_are_known(home, option):
    done = home.run("tshark", "-G", "protocols", "-o", f"smtpx.{option}:FALSE", check=False)
    assert b"Unknown" not in done.stderr and b"unknown" not in done.stderr
