#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads damaged captures with a plugin that is built with ASan and UBSan.

    files.py PLUGIN COUNT FOLDER

A file is a capture of three sessions of the transcripts, in clear or inside
TLS with its keys, of which editcap has changed 1, 3 or 10 % of the octets: of
the payload alone, or of all headers, too.  As tshark takes longer to start than
to read one, a hundred files, each with addresses of its own, are put one behind
the other and read at once: `tshark -2 -V`, giving up on any dissector bug.

Fails on what smtpx does wrong: a report of the sanitizers, a crash, "Dissector
bug" or "Malformed Packet" of SMTPX.  What goes wrong elsewhere in Wireshark is
counted.  FOLDER keeps the captures that failed.
"""

import random
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "epan"))

import capture  # noqa: E402
import stage  # noqa: E402
import transcript  # noqa: E402
from tls import Tls  # noqa: E402
from wireshark import Home  # noqa: E402

SESSIONS = 3  # in a file
TOGETHER = 100  # files that are read at once
RATES = ("0.01", "0.03", "0.10")
HEADERS = 40  # octets of IPv4 and TCP
WRONG = ("AddressSanitizer", "runtime error", "Dissector bug", "Malformed Packet: SMTPX")


def connections(transcripts, chance, tls):
    """Those of one file."""
    for made in chance.sample(transcripts, SESSIONS):
        inside = made.plain and chance.random() < 0.3
        segments = tls.wrap(made.segments) if inside else stage.on_wire(made, tls)[0]
        for segment in segments:
            segment.at = None
        connection = made.connection(segments)
        connection.named = False
        if inside:
            connection.port = 465
        yield connection


def write_files(home, transcripts, chance, tls, count):
    """So many damaged captures, and all of them in one."""
    written = [list(connections(transcripts, chance, tls)) for _ in range(count)]
    # Numbers them through, so that no two files share an address.
    list(capture.numbered(connection for of_file in written for connection in of_file))
    damaged = []
    for number, of_file in enumerate(written):
        whole, path = home.file("whole.pcap"), home.file(f"damaged-{number}.pcap")
        capture.save(whole, of_file)
        keep = ["-o", str(HEADERS)] if chance.random() < 0.6 else []
        subprocess.run(["editcap", "-E", chance.choice(RATES), *keep, "--seed", str(chance.randrange(1 << 31)), whole, path],
                       check=True, capture_output=True)
        damaged.append(path)
    together = home.file("together.pcap")
    subprocess.run(["mergecap", "-a", "-F", "pcap", "-w", together, *damaged], check=True, capture_output=True)
    return home.own(together)


def library():
    """gcc's ASan, which must be loaded before tshark."""
    return subprocess.run(["gcc", "-print-file-name=libasan.so"], check=True, capture_output=True).stdout.decode().strip()


def read(home, path, tls, abort):
    return home.run("env", *([] if abort else ["-u", "WIRESHARK_ABORT_ON_DISSECTOR_BUG"]), f"LD_PRELOAD={library()}",
                    "ASAN_OPTIONS=detect_leaks=0", "tshark", "-r", path, "-2", "-V", "-o",
                    f"tls.keylog_file:{tls.keylog}", check=False)


def troubles(done):
    """What is wrong with a run of tshark, a line each."""
    errors, text = done.stderr.decode("utf-8", "replace"), done.stdout.decode("utf-8", "replace")
    for line in errors.splitlines() + [line for line in text.splitlines() if line.lstrip().startswith("[")]:
        if any(word in line for word in WRONG):
            yield line.strip()
    if done.returncode:
        yield f"exit status {done.returncode}: {errors[-300:]}"
    elif "(smtpx)" not in text:
        yield "nothing was read by smtpx"


def is_elsewhere(line):
    return "Dissector bug" in line and "SMTPX" not in line


def check(home, path, tls):
    """What smtpx did wrong, and whether something else did."""
    found = list(troubles(read(home, path, tls, abort=True)))
    if not found:
        return [], False
    # Another dissector's bug ends tshark, and hides what is behind it.
    again = list(troubles(read(home, path, tls, abort=False)))
    mine = [line for line in again if not is_elsewhere(line)]
    # What happened once and not again is not to be lost either.
    return (mine if again else found), bool(again) and not mine


def run(home, count, folder):
    transcripts, chance, tls = transcript.every(), random.Random(1), Tls(home.work)
    home.own(tls.keylog)
    elsewhere, frames = 0, 0
    for start in range(0, count, TOGETHER):
        path = write_files(home, transcripts, chance, tls, min(TOGETHER, count - start))
        found, other = check(home, path, tls)
        elsewhere += other
        if found:
            kept = Path(folder) / f"files-{start}.pcap"
            shutil.copy(path, kept)
            shutil.copy(tls.keylog, kept.with_suffix(".keys"))
            sys.exit(f"files.py: {found[0]}\nfiles.py: reproduce it with {kept}")
        frames += int(subprocess.run(["capinfos", "-Mc", path], check=True, capture_output=True).stdout.split()[-1])
    print(f"files.py: {count} damaged files of {SESSIONS} sessions, {frames} frames: nothing wrong in smtpx; "
          f"of {-(-count // TOGETHER)} runs of tshark, other dissectors' bugs ended {elsewhere}", file=sys.stderr)


def main():
    if len(sys.argv) != 4 or not sys.argv[2].isdigit():
        sys.exit("usage: files.py PLUGIN COUNT FOLDER")
    home = Home(sys.argv[1])
    try:
        run(home, int(sys.argv[2]), sys.argv[3])
    finally:
        home.remove()


if __name__ == "__main__":
    main()
