# SPDX-License-Identifier: GPL-2.0-or-later
"""The pictures that README.md shows are those that scripts/pictures makes, and one of what is shown today can be made."""

import re
import struct

import pytest

import documents
import pictures
import screen

README = (documents.ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"!\[([^]]+)\]\((docs/pictures/(\w+)\.png)\)", README)
LARGEST = 100000  # octets, of a file that each checkout has


def size_of(octets):
    assert octets.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") and octets.endswith(b"IEND\xaeB`\x82")
    return struct.unpack_from(">II", octets, 16)


@pytest.mark.parametrize("text, path, name", SHOWN, ids=[name for _, _, name in SHOWN])
def test_files(text, path, name):
    octets = (documents.ROOT / path).read_bytes()
    assert size_of(octets) == pictures.SIZE and len(octets) < LARGEST and len(text) > 30
    assert name in pictures.PICTURES


def test_names():
    """README.md shows those that the script makes when nothing is said, and no others are there."""
    script = (documents.ROOT / "scripts/pictures").read_text()
    made = re.search(r'docs/pictures" ((?:\w+ ?)+)', script)[1].split()
    assert sorted(made) == sorted(name for _, _, name in SHOWN) and len(made) == 2
    assert sorted(file.stem for file in (documents.ROOT / "docs/pictures").iterdir()) == sorted(made)


def test_readme_begins_with_pictures():
    """Two screens of text at most are before the first."""
    assert README[:README.index("![")].count("\n") < 50


@pytest.mark.skipif(bool(screen.missing()), reason=f"Wireshark's windows are not tried: no {', '.join(screen.missing())}")
@pytest.mark.parametrize("name", pictures.PICTURES)
def test_made(home, tls, tmp_path, name):
    """With the rows that it is there for."""
    pictures.take(name, tmp_path, home, tls)
    assert size_of((tmp_path / f"{name}.png").read_bytes()) == pictures.SIZE
