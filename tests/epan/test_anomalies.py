# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 3: what is wrong on the wire is named, and nothing else is.

The transcripts anomaly_*.txt have each anomaly, those with _near.txt what comes near to it. Errors and
Warnings of all others, of the RFCs' dialogues and of the recorded sessions are listed in baseline.tsv, each
with its reason, unless the transcript itself states them.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

import stage
from anomalies import SEVERITY, baseline, stated, table as table_of_anomalies

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/anomalies.md").read_text(encoding="utf-8")
LIVE = Path(__file__).resolve().parent.parent / "live"
sys.path.append(str(LIVE))

import table  # noqa: E402

GRAVE = {name for name, severity in SEVERITY.items() if severity in ("ERROR", "WARN")}


# Seen in test_bad_input.py, test_export.py and test_load.py, or at lines that state something else.
ELSEWHERE = {"long_line", "unfinished_reply", "message_size", "message_elsewhere", "early_tls"}


def names_in(frames, numbers=None):
    return [name for number, frame in frames.items() if numbers is None or number in numbers
            for name in frame.values("smtpx.anomaly")]


@pytest.fixture(scope="module")
def in_transcripts(home, transcripts, tls):
    """The anomalies of each transcript."""
    path = home.file("anomalies.pcap")
    staged = stage.stage([stage.on_port(one, one.port) for one in transcripts.values()], path, tls)
    frames = home.frames(path, "-2", *tls.options)
    return {one.transcript.name: Counter(names_in(frames, set(one.all_frames))) for one in staged}


@pytest.fixture(scope="module")
def in_recordings(home):
    found = {}
    for description in table.described(LIVE / "fixtures"):
        ports = json.loads(description.read_text(encoding="utf-8"))["ports"]
        path = home.file(f"{description.stem}.pcapng.gz")
        path.write_bytes(description.with_suffix(".pcapng.gz").read_bytes())
        frames = home.frames(home.own(path), "-2", "-o", f"smtpx.tcp.port:{','.join(map(str, ports))}")
        found[description.stem] = Counter(names_in(frames))
    return found


def grave_in(found, known=()):
    return {(where, name): count for where, names in found.items() for name, count in names.items()
            if name in GRAVE and name not in known}


def test_baseline(in_transcripts, in_recordings, transcripts):
    """Errors and Warnings that nobody wrote a transcript for are those of the baseline, as often as there."""
    found = grave_in(in_recordings)
    for name, anomalies in in_transcripts.items():
        if not name.startswith("anomaly_"):
            found.update(grave_in({name: anomalies}, stated(transcripts[name])))
    known = {(where, name): count for where, name, count, _ in baseline()}
    new = {key: count for key, count in found.items() if known.get(key) != count}
    gone = {key: count for key, count in known.items() if key not in found}
    assert not new and not gone, f"not in baseline.tsv: {new}\nnot raised any more: {gone}"


def test_near(in_transcripts, transcripts):
    """What comes near to an anomaly is none."""
    near = [name for name in in_transcripts if name.startswith("anomaly_") and name.endswith("_near")]
    assert len(near) >= 3
    for name in near:
        assert set(in_transcripts[name]) == stated(transcripts[name]), name


def test_places(home, transcripts, tls):
    """The item of a remark on a message stands on the first octet that it is about."""
    path = home.file("octets.pcap")
    [staged] = stage.stage([stage.on_port(transcripts["anomaly_octets"], 25)], path, tls)
    frames = home.frames(path, "-2")
    [chunk] = [item for number in staged.all_frames for item in frames[number].every("smtpx.message.chunk_octets")
               if any(child.show == "dot_stuffing" for child in item.children)]
    octets = next(part.octets for part in staged.transcript.segments if b"Subject" in part.octets)
    assert {child.show: child.place - chunk.place for child in chunk.children if child.name == "smtpx.anomaly"} == {
        "bare_lf": octets.index(b"line\n") + 4, "bare_cr": octets.index(b"CR \r") + 3, "nul": octets.index(b"\0"),
        "eight_bit": octets.index(b"\xfc"), "text_line_length": octets.index(999 * b"x") + 999,
        "dot_stuffing": octets.index(b".not")}


def test_each_has_a_transcript(transcripts):
    """Each is stated by a transcript that has it."""
    missing = set(SEVERITY) - set().union(*(stated(one) for one in transcripts.values()))
    assert missing <= ELSEWHERE, missing - ELSEWHERE


def sections():
    """The headings of docs/anomalies.md, and the paragraphs below each."""
    parts = re.split(r"^### (\w+)$", DOCUMENT, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def test_documented(home):
    """Each registered anomaly has a section: what it is, how it looks in the packet list, what to do."""
    registered = {line.split("\t")[2].removeprefix("smtpx.anomaly.") for line in home.text("-G", "fields").splitlines()
                  if line.startswith("F\t") and line.split("\t")[2].startswith("smtpx.anomaly.")}
    assert set(sections()) == registered == set(SEVERITY)
    for name, text in sections().items():
        assert "**Packet list:**" in text and "**What to do:**" in text, name


def test_table(transcripts):
    """The table of them has a row for each, with the transcripts written for it and what comes near."""
    rows = {row[0]: row for row in table_of_anomalies()}
    assert list(rows) == list(SEVERITY)
    assert rows["dot_stuffing"][2:4] == ("anomaly_octets", "anomaly_octets_near")
    assert {name for name, row in rows.items() if not row[2]} <= ELSEWHERE
    assert all(name in rows and reason in rows[name][4] for _, name, _, reason in baseline())
