# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark 4.6's installed headers as those of the next version are announced to be.

What is announced of 5.0 (4.7 while it is made): offsets and lengths in tvbuffs and trees have no sign, so -1 is none of
them; tvb_find_...() tells whether it found something, and where by a pointer; of dissectors only the headers are
installed that others are to use; what was deprecated is gone.
"""

import re
import shutil

# The headers of dissectors that stay, with what they include.
PUBLIC = {"packet-tcp.h", "packet-tls.h", "packet-tls-utils.h"}

# Names of parameters that are an offset or a length.
SIZES = r"(?:\w*offset|start|size|\w*length|\w*len|limit)"


def without_deprecated(text):
    """Declarations that are marked so, and small functions in a header that are."""
    mark = r"(?:^WS_DLL_PUBLIC *\n)?^[^\n]*\bWS_DEPRECATED(?:_X)?\b[^;{]*"
    return re.sub(mark + r"(?:;|\{(?:[^{}]|\{[^{}]*\})*\})", "", text, flags=re.M)


def without_signs(text):
    """Offsets and lengths in the parameters of functions."""
    text = re.sub(rf"\b(const )?int ({SIZES})(?=\s*[,)])", r"\1unsigned \2", text)
    return re.sub(r"\bint(\s+tvb_raw_offset\()", r"unsigned\1", text)


def finding_by_pointer(text):
    """What tvb_find_...() gives; the functions of other names that find lines keep theirs."""
    return re.sub(r"\bint(\s+tvb_find_(?:uint8|uint16|tvb)\([^;{]*)\)\s*;", r"bool\1, unsigned *found);", text)


def included(folder, names):
    """These headers of dissectors, and those that they include."""
    found = set()
    while names:
        name = names.pop()
        if name not in found and (folder / name).exists():
            found.add(name)
            names |= set(re.findall(r'#include\s+["<](?:epan/dissectors/)?(packet-[\w-]+\.h)[">]', (folder / name).read_text()))
    return found


def make(installed, folder):
    """Writes them below a folder; gives what was changed, by file."""
    shutil.copytree(installed, folder)
    stays = included(folder / "epan/dissectors", set(PUBLIC))
    for path in (folder / "epan/dissectors").glob("packet-*.h"):
        if path.name not in stays:
            path.unlink()
    changed = {}
    for path in folder.rglob("*.h"):
        before = path.read_text(encoding="utf-8", errors="surrogateescape")
        text = without_deprecated(before)
        if path.name in ("tvbuff.h", "proto.h"):
            text = finding_by_pointer(without_signs(text))
        if path.name == "ws_version.h":
            text = re.sub(r"(VERSION_MAJOR\s+)\d+", r"\g<1>5", re.sub(r"(VERSION_MINOR\s+)\d+", r"\g<1>0", text))
        if text != before:
            path.write_text(text, encoding="utf-8", errors="surrogateescape")
            changed[path.name] = (before, text)
    return changed
