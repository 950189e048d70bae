# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 3: smtpx's remarks (expert items) are the same, whoever looks.

What the tree shows, frame by frame, is what each way to list them must list: -z expert with a tree, with
columns alone, with neither, with filters, in one pass and in two, and sharkd's tap. What only later frames tell
is no remark, but for one: that the end of a line never comes. Only a second pass tells that. A display filter (-Y) leaves the list as it is; one given to -z takes the frames that it finds.
"""

import json
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import capture
import stage
from capture import Connection, Segment
from clicks import ask, load, setting, tapped
from whole import WHOLE, every

ROOT = Path(__file__).resolve().parents[2]
ANOMALIES = (ROOT / "docs/anomalies.md").read_text(encoding="utf-8")
REMARKS = (ROOT / "plugin/smtp/smtp_remarks.def").read_text(encoding="utf-8")
LIVE = Path(__file__).resolve().parent.parent / "live"
sys.path.append(str(LIVE))

import table  # noqa: E402

MAIL = 'smtpx.command.verb == "MAIL"'

# What tshark is asked beside -z expert.
CONTEXTS = {
    "neither tree nor columns": ["-q"],
    "columns": [],
    "a column of numbers": ["-o", 'gui.column.format:"No.","%m"'],
    "a tree": ["-V"],
    "fields of others": ["-T", "fields", "-e", "frame.number"],
    "a field of ours": ["-q", "-z", "io,stat,0,smtpx.reply.code"],
    "a filter": ["-Y", "smtpx"],
    "a filter that leaves some": ["-Y", MAIL],
    "a filter and no columns": ["-q", "-Y", MAIL],
}
PASSES = {"one pass": [], "two passes": ["-2"]}

# What a second pass alone tells: clear text behind STARTTLS, behind which TLS follows; below, the last line.
LATER = ("Error", "Security", "Clear text between STARTTLS and the TLS handshake (RFC 3207, 4)")

# For -z expert itself; each finds remarks in some transcript.
TAP_FILTERS = ["smtpx", "smtpx.anomaly", MAIL, "smtpx.reply.code", "tcp.srcport == 25"]


# ---- Lists of remarks: (severity, group, text) ----

SECTION = re.compile(r"^(Error|Warn|Note|Chat|Comment)s \(\d+\)\n=+\n.*\n((?: +\d.*\n)*)", re.MULTILINE)
ROW = re.compile(r" *(\d+) +(\S+) +(\S+)  (.*)")
LABEL = re.compile(r"Expert Info \((\w+)/([^)]+)\): (.*)", re.DOTALL)


def listed(text):
    """How often tshark's -z expert lists each of smtpx's."""
    counts = Counter()
    for severity, rows in SECTION.findall(text):
        for row in rows.splitlines():
            count, group, protocol, summary = ROW.fullmatch(row).groups()
            if protocol == "SMTPX":
                counts["Warning" if severity == "Warn" else severity, group, summary] += int(count)
    return counts


# What the last line or TLS record of a connection has, where its end never comes.
ENDLESS = {re.search(rf'^SMTP_REMARK\({name}, .*"(.*)"\)$', REMARKS, re.MULTILINE).group(1)
           for name in ("UNFINISHED_LINE", "UNFINISHED_REPLY", "GAP", "BARE_CR", "BARE_LF", "NUL", "INJECTION", "PATH_BRACKETS",
                        "PATH_SYNTAX")}


def in_tree(frames):
    """Those in the trees of smtpx, by frame."""
    return {number: Counter(LABEL.fullmatch(item.label).groups()
                            for protocol in frame.protocols if protocol.name == "smtpx"
                            for item in protocol.every() if item.name == "_ws.expert")
            for number, frame in frames.items()}


def by_frame(tapped):
    """Those of sharkd's tap."""
    frames = {}
    for one in tapped:
        frames.setdefault(one["f"], Counter())[one["s"], one["g"], one["m"]] += 1
    return frames


def whole(frames):
    return sum(frames.values(), Counter())


def kinds(counts):
    """For a message: what is too little or too much, a line each."""
    return "\n".join(f"  {count} x {severity}, {group}: {text}"
                     for (severity, group, text), count in sorted(counts.items()))


# ---- Captures ----

@dataclass
class Looked:
    """A capture with what its trees show."""

    path: Path
    options: list
    keylog: Path
    staged: list = field(default_factory=list)
    frames: dict = None
    tree: dict = None
    twice: dict = None  # in the second pass

    def look(self, home):
        self.frames = home.frames(self.path, *self.options)
        self.tree = in_tree(self.frames)
        self.twice = in_tree(home.frames(self.path, "-2", *self.options))
        return self

    def tree_for(self, arguments):
        return self.twice if "-2" in arguments else self.tree

    def names(self, frames):
        """Which transcripts these frames belong to."""
        return [one.transcript.name for one in self.staged if not set(one.all_frames).isdisjoint(frames)]


def cut(side, octets):
    """The same places in each run, though TLS's octets are never the same."""
    chance = random.Random(f"{side} {len(octets)}")
    places = sorted({chance.randrange(1, len(octets)) for _ in range(2)}) if len(octets) > 1 else []
    return [octets[start:end] for start, end in zip([0] + places, places + [len(octets)])]


def as_written(home, transcripts, tls):
    path = home.file("remarks.pcap")
    return path, stage.stage([stage.on_port(one, one.port) for one in transcripts], path, tls)


def cut_otherwise(home, transcripts, tls):
    path = home.file("remarks-cut.pcap")
    return path, stage.stage([stage.on_port(one, one.port) for one in transcripts], path, tls, cut=cut)


def in_disorder(home, transcripts, tls):
    """A packet of each lost, doubled or late."""
    path = home.file("remarks-disorder.pcap")
    opened = [stage.on_port(one, one.port) for one in transcripts if one.opened and len(one.segments) > 1]
    capture.save_disordered(path, stage.connect(opened, tls)[0], random.Random(5))
    return path, []


STAGED = {"as written": as_written, "cut otherwise": cut_otherwise, "in disorder": in_disorder}
RECORDED = {path.stem: path for path in every(table.described(LIVE / "fixtures"), 3)}


def look(home, transcripts, tls, name):
    if name in STAGED:
        path, staged = STAGED[name](home, transcripts.values(), tls)
        return Looked(path, tls.options, tls.keylog, staged).look(home)
    ports = json.loads(RECORDED[name].read_text(encoding="utf-8"))["ports"]
    path = home.file(f"{name}.pcapng.gz")
    path.write_bytes(RECORDED[name].with_suffix(".pcapng.gz").read_bytes())
    return Looked(home.own(path), ["-o", f"smtpx.tcp.port:{','.join(map(str, ports))}"], tls.keylog).look(home)


@pytest.fixture(scope="module")
def looked(home, transcripts, tls):
    """A function that gives a capture by its name, looked at once."""
    known = {}

    def give(name):
        if name not in known:
            known[name] = look(home, transcripts, tls, name)
        return known[name]

    return give


def expert(home, path, *arguments):
    return listed(home.text("-r", path, "-z", "expert", *arguments))


def culprits(home, looked, tls, suspects, *arguments):
    """Of the transcripts, alone in a capture each, the first three that are listed otherwise than shown."""
    found = []
    for one in [one for one in looked.staged if one.transcript.name in suspects]:
        path = home.file("suspect.pcap")
        stage.stage([stage.on_port(one.transcript, one.transcript.port)], path, tls)
        passes = [argument for argument in arguments if argument == "-2"]
        if expert(home, path, *arguments) != whole(in_tree(home.frames(path, *passes, *tls.options))):
            found.append(one.transcript.name)
        if len(found) == 3:
            break
    return found


def difference(home, looked, tls, counts, *arguments):
    """What a list has too little and too much, and where to look."""
    tree = looked.tree_for(arguments)
    shown = whole(tree)
    missing, surplus = shown - counts, counts - shown
    where = [number for number, remarks in tree.items() if remarks.keys() & missing.keys()]
    suspects = looked.names(where) or [one.transcript.name for one in looked.staged]
    return (f"{len(shown)} kinds in the trees, {len(counts)} listed\nnot listed:\n{kinds(missing)}\n"
            f"listed and not shown:\n{kinds(surplus)}\nof the transcripts: "
            f"{culprits(home, looked, tls, suspects, *arguments)}\nframes with these in their trees: {where[:20]}")


# ---- Tests ----

SEVERITIES = re.findall(r"^\| (\w+) \| (\w+) \| (\w+) \|$", ANOMALIES, re.MULTILINE)[1:]


def test_severities(looked):
    """Each remark that is seen has the severity and group of docs/anomalies.md, which lists all of them."""
    wanted = {name: (severity, group) for name, severity, group in SEVERITIES}
    made = looked("as written")
    seen = {}
    assert list(wanted) == re.findall(r'^SMTP_REMARK\(\w+, "(\w+)"', REMARKS, re.MULTILINE)
    for frame in made.frames.values():
        for item in frame.every("_ws.expert"):
            name = next((child.name for child in item.children if child.name.startswith("smtpx.anomaly.")), None)
            if name:
                severity, group, _ = LABEL.fullmatch(item.label).groups()
                seen.setdefault(name.removeprefix("smtpx.anomaly."), set()).add((severity, group))
    assert seen == {name: {wanted[name]} for name in seen}
    assert len(seen) > 20


# A line of a client, and the octets that its remarks are about.
PLACES = [(b"NOOP a\rb", {"bare_cr": b"\r", "injection": b"\r"}), (b"NOOP a\0b", {"nul": b"\0", "injection": b"\0"}),
          (b"NOOP ${jndi:x}", {"exploit": b"${jndi:"}), (b"RCPT TO:<a%0ab@c>", {"injection": b"%0a"}),
          (b"MAIL FROM:<a@b> SIZE=x BODY=7BIT", {"parameter_syntax": b"SIZE=x"}),
          (b"RCPT TO:a@b", {"path_brackets": b"a@b"}), (b"BDAT many", {"bdat_size": b"many"}),
          (b"RSET now", {"argument_syntax": b"now"}), (b"AUTH PLAIN ???", {"auth_syntax": b"???"})]


# What has to be said before such a line.
BEFORE = {b"RCPT": [b"MAIL FROM:<a@b>"], b"BDAT": [b"MAIL FROM:<a@b>", b"RCPT TO:<a@b>"]}


@pytest.mark.parametrize("line, places", PLACES)
def test_places(home, line, places):
    """A remark on a line shows the octets that it is about."""
    path = home.file("places.pcap")
    segments = [Segment("S", b"220 mx.example ESMTP\r\n")]
    for before in BEFORE.get(line[:4], ()):
        segments += [Segment("C", before + b"\r\n"), Segment("S", b"250 ok\r\n")]
    segments.append(Segment("C", line + b"\r\n"))
    capture.save(path, [Connection(segments)])
    found = [item for frame in home.frames(path).values() for item in frame.every() if item.name == "smtpx.anomaly"]
    assert {item.show: bytes.fromhex(item.value) for item in found} == places


# The transcripts as they stand in every context, the other captures in these.
FEW = [("neither tree nor columns", "one pass"), ("columns", "two passes"), ("a tree", "two passes"),
       ("a filter that leaves some", "one pass")]
CASES = [("as written", context, passes) for context in CONTEXTS for passes in PASSES]
CASES += [(name, *case) for name in [*STAGED, *RECORDED] if name != "as written" for case in FEW]


@pytest.mark.parametrize("name", STAGED)
def test_captures_have_remarks(looked, name):
    """Else the same would be nothing."""
    assert sum(map(bool, looked(name).tree.values())) > 50


def test_recordings_have_remarks(looked):
    assert sum(any(looked(name).tree.values()) for name in RECORDED) >= (5 if WHOLE else 4)


@pytest.mark.parametrize("name, context, passes", CASES)
def test_expert(home, looked, tls, name, context, passes):
    made = looked(name)
    arguments = [*CONTEXTS[context], *PASSES[passes], *made.options]
    counts = expert(home, made.path, *arguments)
    shown = made.twice if passes == "two passes" else made.tree
    assert counts == whole(shown), difference(home, made, tls, counts, *arguments)


def is_deceived(remarks):
    """Is one about what a server has taken for the end of a message? Later passes draw what it has read behind that."""
    return any(re.search("took something else than|SMTP smuggling|some servers take for the end|"
                         "read as commands what was sent as a message", text)
               for _, _, text in remarks)


@pytest.mark.parametrize("name", [*STAGED, *RECORDED])
def test_tree_in_two_passes(home, looked, name):
    """The same, but for a remark that only later frames justify."""
    made = looked(name)
    kept = [number for number, remarks in made.twice.items() if not is_deceived(made.tree[number] + remarks)]
    assert len(kept) > 0.99 * len(made.twice) - 8
    more = {number: made.twice[number] - made.tree[number] for number in kept}
    assert {text for _, _, text in whole(more)} <= {LATER[-1]} | ENDLESS
    assert not whole({number: made.tree[number] - made.twice[number] for number in kept})


@pytest.mark.parametrize("expression", TAP_FILTERS)
def test_expert_of_some_frames(home, looked, expression):
    """-z expert,FILTER lists the remarks of the frames that the filter finds."""
    made = looked("as written")
    found = home.text("-r", made.path, "-Y", expression, "-T", "fields", "-e", "frame.number", *made.options).split()
    counts = listed(home.text("-r", made.path, "-q", "-z", f"expert,{expression}", *made.options))
    expected = whole({number: made.tree[number] for number in map(int, found)})
    assert expected
    assert counts == expected, f"not listed:\n{kinds(expected - counts)}\nsurplus:\n{kinds(counts - expected)}"


@pytest.mark.parametrize("name", [*STAGED, *RECORDED])
def test_sharkd(home, looked, name):
    """Frame by frame."""
    made = looked(name)
    before = [setting("tls.keylog_file", made.keylog)]
    before += [setting(*option.split(":", 1)) for option in made.options if option.startswith("smtpx.")]
    answer, = ask(home, [*before, load(made.path)], [("tap", {"tap0": "expert"})])
    shown = {number: remarks for number, remarks in made.twice.items() if remarks}
    found = by_frame(tapped(answer))
    different = {number for number in shown.keys() | found.keys() if shown.get(number) != found.get(number)}
    assert not different, (f"{len(whole(shown))} kinds in the trees, {len(whole(found))} tapped\n"
                           f"not tapped:\n{kinds(whole(shown) - whole(found))}\n"
                           f"frames: {sorted(different)[:20]}, of {made.names(different)[:20]}")
