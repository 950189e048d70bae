#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes docs/fields.md from what the plugin registers.

    SMTPX_PLUGIN=smtpx.so fields.py
"""

import os
from pathlib import Path

from wireshark import Home

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "fields.md"

HEAD = """# Fields

Every display filter field that smtpx registers. They are the public interface:
once released, none is renamed. Written by `tests/epan/fields.py`; a test
compares this list with `tshark -G fields`.

| filter | type | name | what |
| --- | --- | --- | --- |
"""


def registered(home):
    """(filter, type, name, description) of each field, by filter."""
    rows = {}
    for line in home.text("-G", "fields").splitlines():
        parts = line.split("\t")
        if parts[0] == "F" and parts[2].startswith("smtpx."):
            rows[parts[2]] = (parts[2], parts[3].removeprefix("FT_"), parts[1], parts[7] if len(parts) > 7 else "")
    return [rows[name] for name in sorted(rows)]


def document(home):
    rows = (f"| `{name}` | {kind} | {label} | {text.replace('|', chr(92) + '|')} |\n"
            for name, kind, label, text in registered(home))
    return HEAD + "".join(rows)


def main():
    home = Home(os.environ["SMTPX_PLUGIN"])
    try:
        DOCUMENT.write_text(document(home))
    finally:
        home.remove()


if __name__ == "__main__":
    main()
