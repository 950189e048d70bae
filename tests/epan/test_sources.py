# SPDX-License-Identifier: GPL-2.0-or-later
"""The two ways to build: CMakeLists.txt names all sources, on its own and inside Wireshark's tree.

The tree is played by a few macros that note what they are called with.
"""

import json
import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What Wireshark's tree offers to plugins; epan stands for its library, plugin.c for what it generates.
TREE = """
cmake_minimum_required(VERSION 3.13)
project(@NAME@ LANGUAGES C)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_SOURCE_DIR})
set(WERROR_COMMON_FLAGS -Wall)
add_library(epan INTERFACE)
add_subdirectory(@ROOT@ smtpx)
get_target_property(sources smtpx SOURCES)
get_target_property(libraries smtpx LINK_LIBRARIES)
message(STATUS "sources=${sources}")
message(STATUS "libraries=${libraries}")
"""
MODULE = """
macro(set_module_info)
    message(STATUS "info=${ARGN}")
endmacro()
macro(register_plugin_files output kind)
    message(STATUS "scanned=${ARGN}")
    message(STATUS "registers=${output};${kind}")
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${output} "int plugin;")
    set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/${output} PROPERTIES GENERATED TRUE)
endmacro()
macro(add_wireshark_plugin_library name folder)
    add_library(${name} MODULE ${PLUGIN_FILES})
endmacro()
macro(install_plugin)
    message(STATUS "installed=${ARGN}")
endmacro()
"""


def sources():
    """All C files of the plugin, and headers and tables beside them."""
    return {str(path.relative_to(ROOT)) for path in [ROOT / "packet-smtpx.c", *(ROOT / "plugin").rglob("*.*")]}


@pytest.fixture(scope="module", params=["Wireshark", "wireshark"])
def tree(request, tmp_path_factory):
    """What CMakeLists.txt asks of the tree, by name: lists."""
    folder = tmp_path_factory.mktemp("tree")
    (folder / "WiresharkPlugin.cmake").write_text(MODULE)
    (folder / "CMakeLists.txt").write_text(TREE.replace("@NAME@", request.param).replace("@ROOT@", str(ROOT)))
    done = subprocess.run(["cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build"], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return {name: value.split(";") for name, value in re.findall(r"^-- (\w+)=(.*)$", done.stdout.decode(), re.MULTILINE)}


def test_all_sources_are_in_the_tree(tree):
    """plugin.c there is the generated one, not ours."""
    ours = {name for name in sources() if name.endswith(".c")} - {"plugin/plugin.c"}
    assert set(tree["sources"]) == ours | {"plugin.c"}
    assert set(tree["scanned"]) == ours
    assert tree["registers"] == ["plugin.c", "plugin"]
    assert tree["libraries"] == ["epan"] and tree["installed"] == ["smtpx", "epan"]


def test_what_the_tree_generates_calls_us(tree):
    """Its script looks for these functions by their looks: the brace may be on the next line, no more."""
    text = "".join((ROOT / name).read_text() for name in tree["scanned"])
    for kind in ("proto_register", "proto_reg_handoff"):
        assert re.findall(kind + r"_(\w+)\s*\(\s*void\s*\)\s*\{", text) == ["smtpx"]


def test_one_version(tree):
    alone = re.search(r"set\(SMTPX_VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    assert ".".join(tree["info"][1:4]) == alone and tree["info"][0] == "smtpx"


def test_packages_name_that_version():
    """Debian's changelog and the RPM spec cannot ask CMake."""
    alone = re.search(r"set\(SMTPX_VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    assert re.match(r"smtpx \((.*)-\d+\) ", (ROOT / "packaging/debian/changelog").read_text()).group(1) == alone
    spec = (ROOT / "packaging/rpm/smtpx.spec").read_text()
    assert re.findall(r"^Version: *(.*)$", spec, re.M) == [alone]
    assert re.search(r"^\* .* - (.*)-\d+$", spec, re.M).group(1) == alone


def test_nothing_lies_about():
    """Every header and table is included by some source."""
    text = "".join((ROOT / name).read_text() for name in sources() if name.endswith((".c", ".h")))
    included = {Path(name).name for name in re.findall(r'^ *#\s*include "([^"]+)"', text, re.MULTILINE)}
    assert {Path(name).name for name in sources() if not name.endswith(".c")} == included


# What the tree of 4.0.17 compiles plugins with, of gcc. Its headers are no system headers, so that a name which hides one
# of theirs is a warning there.
TREE_FLAGS = """-DG_DISABLE_DEPRECATED -DG_DISABLE_SINGLE_INCLUDES -O2 -Wall -Wextra -Wendif-labels -Wpointer-arith
-Wformat-security -fwrapv -fno-strict-overflow -Wvla -Waddress -Wattributes -Wdiv-by-zero -Wignored-qualifiers -Wpragmas
-Wno-overlength-strings -Wno-long-long -Wredundant-decls -Wframe-larger-than=32768 -Wunused-const-variable -Wshadow
-Wold-style-definition -Wstrict-prototypes -Wlogical-op -Werror=implicit -Wno-pointer-sign""".split()


def warnings_of(entry):
    """What the compiler says of a source of ours with the flags of the tree."""
    words = [word for word in shlex.split(entry["command"]) if not word.startswith(("-W", "-O", "-flto", "-fno-fat"))]
    del words[words.index("-o"):words.index("-o") + 2]
    while "-isystem" in words:
        at = words.index("-isystem")
        words[at:at + 2] = [f"-I{words[at + 1]}"]
    done = subprocess.run([*words, *TREE_FLAGS, "-fsyntax-only"], capture_output=True, text=True, cwd=entry["directory"])
    return [line for line in done.stderr.splitlines() if re.match(rf"{re.escape(str(ROOT))}/.*(warning|error):", line)]


def test_no_warning_of_the_tree():
    """With the tree's flags the compiler says nothing of our sources."""
    path = Path(os.environ["SMTPX_PLUGIN"]).parent / "compile_commands.json"
    if not path.exists():
        pytest.skip("the plugin was not built by this CMake")
    ours = {str(ROOT / name) for name in sources() if name.endswith(".c")}
    entries = {entry["file"]: entry for entry in json.loads(path.read_text()) if entry["file"] in ours}
    assert set(entries) == ours
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [line for lines in pool.map(warnings_of, entries.values()) for line in lines]
    assert found == [], "\n".join(found)
