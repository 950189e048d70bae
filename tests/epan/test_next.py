# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin compiles against the next Wireshark, as far as it is announced (next_headers.py)."""

import json
import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import next_headers

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["SMTPX_PLUGIN"]).parent


@pytest.fixture(scope="module")
def commands():
    """How each source of the plugin that sees Wireshark was compiled."""
    path = BUILD / "compile_commands.json"
    if not path.exists():
        pytest.skip("the plugin was not built by this CMake")
    wanted = (str(ROOT / "plugin/epan") + "/", str(ROOT / "packet-smtpx.c"), str(ROOT / "plugin/plugin.c"))
    return [(entry["file"], shlex.split(entry["command"])) for entry in json.loads(path.read_text())
            if entry["file"].startswith(wanted)]


def includes(words):
    """The folders that a command names for headers."""
    found = re.findall(r"(?:^|\0)(?:-I|-isystem\0?)([^\0]+)", "\0".join(words))
    return [Path(folder) for folder in found]


@pytest.fixture(scope="module")
def headers(home, commands, tmp_path_factory):
    """Where they are installed, the changed ones, and what was changed."""
    if home.version != "4.6":
        pytest.skip("the next version's headers are made of 4.6's")
    installed = next(folder for folder in includes(commands[0][1]) if (folder / "epan/tvbuff.h").exists())
    folder = tmp_path_factory.mktemp("next") / "wireshark"
    return installed, folder, next_headers.make(installed, folder)


def compiled(words, installed, folder):
    """What the compiler says of a source with those headers; sizes that change their sign are an error."""
    told = [word.replace(str(installed), str(folder)) for word in words]
    at = told.index("-o")
    del told[at:at + 2]
    flags = ["-fsyntax-only", "-Werror", "-Wsign-conversion"]
    return subprocess.run([*told, *flags], capture_output=True, text=True, cwd=BUILD)


def test_headers_are_changed(headers):
    """Else the compiler would see those of today."""
    _, folder, changed = headers
    assert {"tvbuff.h", "proto.h", "ws_version.h"} <= set(changed)
    assert len(re.findall(r"unsigned \w*(?:offset|length)", changed["tvbuff.h"][1])) > 100
    assert re.search(r"proto_tree_add_item\([^;]*unsigned start,\s*unsigned length", changed["proto.h"][1])
    assert re.search(r"bool\s+tvb_find_uint8\([^;]*unsigned \*found\);", changed["tvbuff.h"][1])
    assert (folder / "epan/dissectors/packet-tcp.h").exists() and not (folder / "epan/dissectors/packet-imf.h").exists()
    assert not [name for name, (_, text) in changed.items() if re.search(r"^[^#\n]*WS_DEPRECATED_X\(", text, re.M)]


def test_compiles(commands, headers):
    installed, folder, _ = headers
    assert len(commands) > 45
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = list(pool.map(lambda entry: compiled(entry[1], installed, folder), commands))
    wrong = {Path(file).name: one.stderr for (file, _), one in zip(commands, done) if one.returncode != 0}
    assert wrong == {}, "\n".join(wrong.values())[:8000]


def test_a_cast_to_int_does_not(commands, headers, tmp_path):
    """What a source would say that takes sizes for int, looks for -1, or uses what is gone."""
    installed, folder, _ = headers
    words = next(words for file, words in commands if file.endswith("packet-smtpx.c"))
    for line in ("tvb_get_ptr(tvb, 0, (int)tvb_captured_length(tvb))", "tvb_new_subset_length(tvb, 0, -1)",
                 "tvb_find_uint8(tvb, 0, 1, 'a') == -1"):
        path = tmp_path / "wrong.c"
        path.write_text("#include <wireshark.h>\n#include <epan/packet.h>\nvoid wrong(tvbuff_t *tvb);\n"
                        f"void wrong(tvbuff_t *tvb)\n{{\n    (void)({line});\n}}\n")
        done = compiled([str(path) if word.endswith("packet-smtpx.c") else word for word in words], installed, folder)
        assert done.returncode != 0 and "wrong.c:6" in done.stderr, line


def test_casts_are_in_one_place():
    """No call of a tvbuff or of a tree casts its size: smtpx_size() does."""
    for path in [ROOT / "packet-smtpx.c", *(ROOT / "plugin/epan").rglob("*.c")]:
        text = path.read_text()
        for call in re.findall(r"\b(?:tvb|proto_tree|proto_item)_\w+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", text):
            assert not re.search(r"\((?:int|unsigned|guint|gint)\)", call), f"{path.name}: {call}"
