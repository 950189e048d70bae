#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a transcript as a capture, to be looked at.

    transcribe.py NAME CAPTURE [KEYLOG]

NAME is that of a file in tests/transcripts; KEYLOG receives the TLS keys.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import stage
import transcript
from tls import Tls


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: transcribe.py NAME CAPTURE [KEYLOG]")
    source = transcript.FOLDER / f"{sys.argv[1]}.txt"
    if not source.is_file():
        sys.exit(f"transcribe.py: no such transcript: {sys.argv[1]}")
    with tempfile.TemporaryDirectory() as folder:
        tls = Tls(Path(folder))
        stage.stage([transcript.read(source)], sys.argv[2], tls)
        if len(sys.argv) == 4:
            shutil.copy(tls.keylog, sys.argv[3])


if __name__ == "__main__":
    main()
