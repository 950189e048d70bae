#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a small snaplen leaves of pairs and results: snaplen.py PLUGIN...

Counts, at each snaplen, over all transcripts of which all is captured and the recorded sessions of tests/live:

  pairs     a reply and the command that it is told to answer, by their frames
  results   a reply that tells what became of a transaction; and its id, of which a part is none

There must be the ones of the whole capture whose commands and replies the snaplen leaves
whole; "of" says how many these are. None may be there that the whole capture has not.
Of what was inside TLS only sessions count of which all is there.

With several plugins (an old one and a new one) the table has the counts of each.
"""

import gzip
import struct
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import stage
import transcript
from tls import Tls
from wireshark import Home

FIXTURES = Path(__file__).resolve().parent.parent / "live/fixtures"
SNAPLENS = [68, 96, 128, 200, 256, 512, 1000]
WHOLE = 262144
FIELDS = ["frame.number", "frame.len", "frame.cap_len", "tcp.stream", "tcp.srcport", "tls.record", "smtpx.command",
          "smtpx.reply.code", "smtpx.message.chunk_octets", "smtpx.response_to", "smtpx.transaction.status",
          "smtpx.transaction.queue_id"]


@dataclass
class Frame:
    stream: int
    sender: tuple
    whole: bool
    tls: bool
    said: bool  # a unit ends here
    answered: list
    result: list


@dataclass
class Count:
    """due: in the whole capture, and whole in the cut one.  there: of these, in the cut one as well.
    untrue: in the cut one only, by capture."""

    due: int = 0
    there: int = 0
    untrue: list = field(default_factory=list)
    lacking: list = field(default_factory=list)

    def add(self, name, whole, due, cut):
        self.due += len(due)
        self.there += len(due & cut)
        self.lacking += [(name, *what) for what in due - cut]
        self.untrue += [(name, *what) for what in cut - whole]


def shortened(octets, snaplen):
    """A pcapng capture as it would be with this snaplen. (editcap -s takes none with TLS secrets in it.)"""
    parts, at = [], 0
    while at < len(octets):
        kind, length = struct.unpack_from("<II", octets, at)
        block = octets[at:at + length]
        if kind == 6:  # Enhanced Packet Block
            kept, sent = struct.unpack_from("<II", block, 20)
            packet = block[28:28 + min(kept, snaplen)]
            body = block[8:20] + struct.pack("<II", len(packet), sent) + packet + bytes(-len(packet) % 4)
            block = struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
        parts.append(block)
        at += length
    return b"".join(parts)


class Captures:
    """All transcripts in one capture, and each recording: uncut."""

    def __init__(self, home):
        self.home = home
        self.tls = Tls(home.work)
        home.own(self.tls.keylog)
        # What is smuggled in a message, the snaplen cuts with it.
        together = [one for one in transcript.every() if not one.name.startswith("smuggled_") and
                    not any(segment.at or segment.lost for segment in one.segments)]
        plain, staged = home.file("snaplen-transcripts.pcap"), home.file("snaplen-transcripts.pcapng")
        stage.stage(together, plain, self.tls)
        subprocess.run(["editcap", "-F", "pcapng", plain, staged], check=True, capture_output=True)
        self.captures = {"transcripts": staged.read_bytes()}
        for packed in sorted(FIXTURES.glob("*.pcapng.gz")):
            self.captures[packed.name.partition(".")[0]] = gzip.decompress(packed.read_bytes())

    def read(self, name, snaplen):
        """{number: Frame} of one capture."""
        path = self.home.file(f"snaplen-{name}.pcapng")
        path.write_bytes(shortened(self.captures[name], snaplen))
        self.home.own(path)
        asked = [part for field in FIELDS for part in ("-e", field)]
        text = self.home.text("-r", path, "-2", *self.tls.options, "-Y", "tcp", "-T", "fields",
                              "-E", "aggregator=\x1f", *asked)
        frames = {}
        for line in text.splitlines():
            cells = [cell.split("\x1f") if cell else [] for cell in line.split("\t")]
            number, length, kept, stream, port = (int(cell[0]) for cell in cells[:5])
            told = [status for status in cells[10] if status != "incomplete"]
            frames[number] = Frame(stream, (stream, port), kept == length, bool(cells[5]), any(cells[6:9]),
                                   [int(one) for one in cells[9]], told + (cells[11] if kept == length else []))
        return frames


def ends(whole):
    """{frame: the frame in which the unit ends that begins there, or goes on}, in the whole capture.
    Where the snaplen has cut it, it ends in the first of them."""
    last, found = {}, {}
    for number, frame in sorted(whole.items(), reverse=True):
        if frame.said:
            last[frame.sender] = number
        found[number] = last.get(frame.sender, number)
    return found


def pairs(frames, end):
    return {(end[number], end.get(command, command)) for number, frame in frames.items() for command in frame.answered}


def results(frames, end):
    return {(end[number], what) for number, frame in frames.items() for what in frame.result}


def kept(whole, cut):
    """The frames of which all is there; of a session inside TLS none, unless all of it is there."""
    secret, cut_short = set(), set()
    for number, frame in whole.items():
        secret |= {frame.stream} if frame.tls else set()
        cut_short |= set() if cut[number].whole else {frame.stream}
    return {number for number, frame in cut.items() if frame.whole and frame.stream not in secret & cut_short}


def count(captures, snaplens=tuple(SNAPLENS)):
    """{snaplen: {"pairs": Count, "results": Count}}"""
    counts = defaultdict(lambda: {"pairs": Count(), "results": Count()})
    for name in captures.captures:
        whole = captures.read(name, WHOLE)
        end = ends(whole)
        for snaplen in snaplens:
            cut = captures.read(name, snaplen)
            there = kept(whole, cut)
            for kind, of in (("pairs", pairs), ("results", results)):
                due = {what for what in of(whole, end)
                       if what[0] in there and (kind == "results" or what[1] in there)}
                counts[snaplen][kind].add(name, of(whole, end), due, of(cut, end))
    return counts


def main(plugins):
    columns = []
    for plugin in plugins:
        home = Home(plugin)
        columns.append(count(Captures(home)))
        home.remove()
    head = " | ".join(f"pairs{mark} | results{mark}" for mark in ("", *(f" ({plugin})" for plugin in plugins[1:])))
    print(f"| snaplen | {head} |\n| --- |{' --- | --- |' * len(plugins)}")
    for snaplen in SNAPLENS:
        cells = [f"{one.there} of {one.due}" + (f", {len(one.untrue)} untrue" if one.untrue else "")
                 for counts in columns for one in counts[snaplen].values()]
        print(f"| {snaplen} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main([Path(plugin).resolve() for plugin in sys.argv[1:]])
