#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads all transcripts under valgrind's memcheck.

    memory.py PLUGIN

In clear and inside TLS, two passes, whole tree.  Wireshark, glib and others
keep memory to the end, and lose some; what counts is each report with a frame
of smtpx.so among its callers.  None is suppressed.
"""

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "epan"))

import stage  # noqa: E402
import transcript  # noqa: E402
from tls import Tls  # noqa: E402
from wireshark import Home  # noqa: E402

OURS = "smtpx.so"


def reports(path):
    """(kind, text, frames as "function (object)") of each of valgrind's reports."""
    for error in ElementTree.parse(path).getroot().iter("error"):
        frames = [f"{frame.findtext('fn', '?')} ({Path(frame.findtext('obj', '?')).name})" for frame in error.iter("frame")]
        yield error.findtext("kind"), error.findtext("xwhat/text") or error.findtext("what", ""), frames


def valgrind(home, path, tls):
    result = home.file("memcheck.xml")
    home.run("env", "WIRESHARK_DEBUG_WMEM_OVERRIDE=simple", "G_SLICE=always-malloc", "G_DEBUG=gc-friendly", "valgrind",
             "--leak-check=full", "--show-leak-kinds=definite,possible", "--keep-debuginfo=yes", "--num-callers=40",
             "--xml=yes", f"--xml-file={result}", "tshark", "-r", path, "-2", "-V", "-o", f"tls.keylog_file:{tls.keylog}",
             timeout=3600)
    return list(reports(result))


def run(home):
    tls = Tls(home.work)
    home.own(tls.keylog)
    path = home.file("everything.pcap")
    made = transcript.every()
    for one in made:
        for segment in one.segments:
            segment.at = None
    stage.stage(made, path, tls)
    found = valgrind(home, home.own(path), tls)
    mine = [report for report in found if any(f"({OURS})" in frame for frame in report[2])]
    for kind, text, frames in mine:
        print(f"memory.py: {kind}: {text}", *frames, sep="\n    ", file=sys.stderr)
    print(f"memory.py: {len(made)} transcripts: {len(mine)} reports with a frame of {OURS}, {len(found) - len(mine)} without",
          file=sys.stderr)
    return not mine


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: memory.py PLUGIN")
    home = Home(sys.argv[1])
    try:
        sys.exit(0 if run(home) else 1)
    except subprocess.TimeoutExpired:
        sys.exit("memory.py: valgrind took more than an hour")
    finally:
        home.remove()


if __name__ == "__main__":
    main()
