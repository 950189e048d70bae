#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How large files and functions are, and what each file owns.

    sizes.py           the files with lines and what each owns, the longest functions; status 1 above the limits
    sizes.py --check   what is above the limits alone
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE_MOST, FUNCTION_MOST, PARAMETERS_MOST = 560, 60, 5
# Wireshark's own has as many.
ALLOWED = {"smtpx_register_follow"}


def sources():
    return sorted([*ROOT.glob("plugin/**/*.[ch]"), ROOT / "packet-smtpx.c"])


def owns(lines):
    """The first sentence of a file's comment."""
    text = ""
    for line in lines[1:]:
        said = line.strip(" */")
        if not said:
            break
        text += " " + said
    return text.strip().split(". ")[0].rstrip(".")


def functions(lines):
    """(lines between the braces, parameters, name) of each."""
    opened = None
    for number, line in enumerate(lines):
        if line == "{":
            opened = number
        elif line == "}" and opened is not None:
            first = opened
            while first > 0 and lines[first - 1].strip() and not lines[first - 1].startswith(("}", "#", " *", "/*")):
                first -= 1
            head = re.search(r"(\w+)\((.*)\)$", " ".join(lines[first:opened]))
            if head:
                yield number - opened - 1, head.group(2).count(",") + 1, head.group(1)
            opened = None


def main():
    quiet, above, found = "--check" in sys.argv, [], []
    for path in sources():
        lines = path.read_text(encoding="utf-8").splitlines()
        name = path.relative_to(ROOT)
        if not quiet:
            print(f"{len(lines):5} {name}: {owns(lines)}")
        if len(lines) > FILE_MOST:
            above.append(f"{name}: {len(lines)} lines")
        found += [(*one, name) for one in functions(lines)]
    found.sort(key=lambda one: one[:3], reverse=True)
    above += [f"{name}, {function}: {length} lines, {count} parameters" for length, count, function, name in found
              if (length > FUNCTION_MOST or count > PARAMETERS_MOST) and function not in ALLOWED]
    if not quiet:
        print(f"\n{len(found)} functions, the median has {found[len(found) // 2][0]} lines, "
              f"{sum(one[0] > 40 for one in found)} have more than 40; the longest:")
        for length, count, function, name in found[:5]:
            print(f"{length:5} {function} ({count} parameters), {name}")
    print("\n".join(above) or "sizes: none above the limits")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
