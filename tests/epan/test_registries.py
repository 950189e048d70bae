# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of the protocol hold every fact of docs/registries.md, and each of their rows is seen in a transcript."""

import re
from pathlib import Path

import pytest

import stage
import transcript

ROOT = Path(__file__).resolve().parents[2]
REGISTRIES = (ROOT / "docs/registries.md").read_text(encoding="utf-8")

# Tokens of the tables in registries.md that are no token on the wire, or not the table's.
NOT_KEYWORDS = {"XXXX", "XXXXXXXA", "XXXXXXXB", "XXXX...", "CONNECT", "GET", "POST", "Header:"}


def rows(macro):
    """The arguments of each row of a .def table."""
    text = (ROOT / f"plugin/smtp/smtp_{macro}.def").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return [[part.strip().strip('"') for part in re.split(r",\s*(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", row)]
            for row in re.findall(r"^SMTP_\w+\((.*)\) *$", text, re.M)]


def table(heading):
    """The rows of the first table behind a heading of registries.md."""
    behind = REGISTRIES.split(heading, 1)[1]
    lines = []
    for line in behind.split("\n"):
        if line.startswith("|"):
            lines.append([cell.strip() for cell in line.strip("|").split(" | ")])
        elif lines:
            break
    assert len(lines) > 3, f"no table behind {heading}"
    return lines[2:]


def words(cell):
    """The upper-case tokens of a cell."""
    return set(re.findall(r"[A-Z0-9][A-Z0-9_-]{2,}", cell))


VERBS = {row[1] for row in rows("verbs")} - {""}
KEYWORDS = {row[0] for row in rows("keywords")}
PARAMETERS = {row[1] for row in rows("parameters") if len(row) == 6}
CODES = {row[0] for row in rows("codes") if len(row) == 2}
MECHANISMS = {row[1] for row in rows("mechanisms")} - {""}
ENHANCED = {(row[0], row[1]) for row in rows("enhanced")}
PARAMETER_ROWS = [row for row in rows("parameters") if len(row) == 6]


def test_keywords():
    registered = {row[0] for row in table("### 4a. EHLO keywords, registered")}
    assert registered <= KEYWORDS
    assert {row[0] for row in rows("keywords") if row[1] == "IANA"} == registered


def test_verbs_of_extensions():
    named = set()
    for row in table("### 4a. EHLO keywords, registered"):
        match = re.match(r"([A-Z]+)\b", row[3])
        named |= {match.group(1)} if match else set()
    standard = re.search(r"Not registered but standard verbs: (.*?) \(RFC 5321", REGISTRIES).group(1)
    assert named | set(standard.split(", ")) | {"LHLO"} <= VERBS
    assert len(named) > 10


def test_parameters():
    named = set()
    for row in table("### 4a. EHLO keywords, registered"):
        for cell in row[4:6]:
            named |= set(re.findall(r"(?:^|; |also )([A-Z0-9-]{2,})(?==|$| \()", cell))
    assert len(named) >= 20
    assert named <= PARAMETERS
    assert {"PRDR", "XVERP"} <= PARAMETERS


def test_seen_outside():
    """Each token is a keyword or a verb, as the second column says."""
    for row in table("### 4a'. Keywords and verbs seen outside the registry"):
        tokens = {token.split("=")[0].strip(" .") for token in re.split(r",| \(|older ", row[0])}
        tokens = {token for token in tokens if re.fullmatch(r"[A-Z0-9_-]{3,}", token)} - NOT_KEYWORDS
        for token in tokens - ({"PIPELINING"} if "PIPECONNECT" in row[0] else set()):
            if re.search(r"keyword|both|list", row[1]):
                assert token in KEYWORDS, row[0]
            if "verb" in row[1] and "several" not in row[1] or "both" in row[1]:
                assert token in VERBS, row[0]
    assert {"CONNECT", "GET", "POST"} <= VERBS


def test_codes():
    listed = {row[0] for row in table("### 4b. Reply codes")}
    wild = re.search(r"seen in the wild, no RFC \| ([\d, ]+),", REGISTRIES).group(1)
    assert {code for code in listed if code.isdigit()} | set(wild.split(", ")) == CODES


def test_meanings_of_codes(home):
    """Wireshark names each code as the list says."""
    listed = {}
    for row in table("### 4b. Reply codes"):
        if row[0].isdigit():
            listed[row[0]] = row[-1]
    lines = [line.split("\t") for line in home.text("-G", "values").splitlines()]
    named = {line[2]: line[3] for line in lines if line[:2] == ["V", "smtpx.reply.code"]}
    assert {code: named.get(code) for code in listed} == listed
    assert {code: named[code] for code in named.keys() - listed.keys()} == {
        code: ("Refused for now" if code < "500" else "Refused") + " (not in any RFC)"
        for code in named.keys() - listed.keys()}


# What stands before the reply in a session, where the verb alone is not enough.
BEFORE = {"connection": [], "AUTH answer": ["C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: ZnJlZA=="],
          "RCPT": ["C: RCPT TO:<a@b>"], "BDAT": ["C: BDAT 0"], "BURL": ["C: BURL imap://x LAST"],
          "AUTH": ["C: AUTH PLAIN AGEAYg=="], "XCLIENT": ["C: XCLIENT ADDR=192.0.2.1"], "XEXCH50": ["C: XEXCH50 4 2"]}


def test_meanings_behind_commands(home, tls):
    """And where the command changes the meaning, as that list says."""
    listed = table("Where the command changes what a code means:")
    sessions = [transcript.parse(f"{code} {verb}", "\n".join(
        ["S: 220 mx.example ESMTP"] * (verb != "connection") + BEFORE.get(verb, [f"C: {verb}"]) + [f"S: {code} text"]))
                for code, verb, _ in listed]
    path = home.file("meanings.pcap")
    staged = stage.stage(sessions, path, tls)
    frames = home.frames(path)
    shown = [item.label for one in staged for item in frames[one.frames[-1]].every() if item.name == "smtpx.reply.code"]
    assert shown == [f"Reply code: {meaning} ({code})" for code, _, meaning in listed]


def test_enhanced_codes():
    listed = {tuple(row[0].split(".")[1:]) for row in table("### 4c. Enhanced status codes")}
    assert listed == ENHANCED
    assert len(listed) == 81


def test_mechanisms():
    named = set()
    for row in table("### 4d. AUTH: mechanisms"):
        named |= words(re.sub(r"\([^)]*\)", "", row[0]))
    # Parts of names that stand for several: "SCRAM-SHA-1, -SHA-256, each -PLUS", "9798-{U,M}-...", "GS2-*".
    named -= {"GS2-", "PLUS", "SHA-256", "9798-", "RSA-SHA1-ENC", "DSA-SHA1", "ECDSA-SHA1"}
    assert len(named) > 30
    assert named <= MECHANISMS
    assert {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-512-PLUS", "9798-M-ECDSA-SHA1", "EAP-AES128-PLUS"} <= MECHANISMS


def noted(heading):
    """Cells of a table of notes; a cell without a word is empty."""
    return [[cell.replace("-", "") if cell == "-" else cell for cell in row] for row in table(heading)]


def test_notes():
    """What the tree says of keywords, parameters, words of their values, and mechanisms is in the lists."""
    assert noted("What EHLO keywords are for:") == [[row[0], row[3], row[4]] for row in rows("keywords")]
    assert noted("What parameters are for:") == [[f"{row[2]} {row[1]}", row[4], row[5]] for row in PARAMETER_ROWS]
    assert noted("What words of their values say:") == [
        [row[0], row[1], row[2]] for row in rows("parameters") if len(row) == 3]
    assert noted("How mechanisms authenticate:") == [[row[1], row[4], row[5]] for row in rows("mechanisms") if row[1]]


def test_each_has_a_note():
    """What a standard names has a meaning and a source; where no RFC is known, who uses it."""
    assert all(row[3] and row[4].startswith("RFC") for row in rows("keywords") if row[1] != "SEEN")
    assert all(row[4] and row[5] for row in PARAMETER_ROWS)
    assert all(row[4] and row[5] for row in rows("mechanisms") if row[1])
    assert all(row[3] and row[4] for row in rows("enhanced"))


def test_queue_ids():
    """Each form is in that list, in the same order, with a reply that it fits."""
    listed = [(cells[0].strip("` "), cells[2]) for cells in table("### 4f. Queue ids")]
    assert [pattern for pattern, _ in listed] == [row[0] for row in rows("queue_ids")]
    for pattern, reply in listed:
        assert form(pattern).search(reply), pattern


# ---- Each row is seen ----


def form(pattern):
    """A pattern of smtp_queue_ids.def as a regular expression."""
    word = r"[^ \t,;()\[\]]+"
    parts = {" ": r"[ \t:]+", "@": f"(?P<id>{word})", "*": word, "^": r"^\d{3} (?:\d\.\d+\.\d+ )?", "$": r" *$"}
    begins = r"(?<![^ \t,;()\[\]])" if pattern[0] in "@*" else ""
    return re.compile(begins + "".join(parts.get(octet, re.escape(octet)) for octet in pattern), re.I)


@pytest.fixture(scope="module")
def dialogues():
    """(command line, first digit of the reply that follows it) of each transcript, roughly: by order."""
    pairs = []
    for one in transcript.every():
        waiting = []
        for line in one.lines:
            if re.match(r"[2345]\d\d( |$)", line.text):
                if waiting:
                    pairs.append((waiting.pop(0), line.text[0]))
            elif not re.match(r"\d\d\d-", line.text):
                waiting.append(line.text.upper())
    return pairs


@pytest.fixture(scope="module")
def facts():
    """(line, facts) of all transcripts."""
    return [(line.text.upper(), line.facts) for one in transcript.every() for line in one.lines]


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_verb_is_taken_and_refused(verb, dialogues):
    answers = {digit for line, digit in dialogues if line.split(" ")[0] == verb}
    assert answers & set("23") and answers & set("45"), f"{verb} was answered by {sorted(answers)}"


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
def test_keyword_is_offered(keyword, facts):
    offered = {value for _, some in facts for fact in some if fact.startswith("smtpx.capability = ")
               for value in fact.split(" = ", 1)[1].split(" | ")}
    assert keyword in offered


@pytest.mark.parametrize("parameter", sorted(PARAMETERS))
def test_parameter_is_taken_and_refused(parameter, dialogues):
    pattern = re.compile(rf"^(MAIL|RCPT)\b.*[ >]{parameter}(=| |$)")
    answers = {digit for line, digit in dialogues if pattern.match(line)}
    assert "2" in answers and "5" in answers, f"{parameter} was answered by {sorted(answers)}"


@pytest.mark.parametrize("mechanism", sorted(MECHANISMS))
def test_mechanism_is_taken_and_refused(mechanism, dialogues):
    answers = {digit for line, digit in dialogues if line.startswith(f"AUTH {mechanism} ")}
    assert answers & set("23") and "5" in answers, f"{mechanism} was answered by {sorted(answers)}"


@pytest.mark.parametrize("pattern", [row[0] for row in rows("queue_ids")])
def test_queue_id_is_seen(pattern, facts):
    """The first form that fits a reply, of an id that a transcript states."""
    def first(line):
        return next((one[0] for one in rows("queue_ids") if form(one[0]).search(line)), None)

    assert any(first(line) == pattern for line, some in facts
               if any(fact.startswith("smtpx.transaction.queue_id = ") for fact in some))


def test_code_is_seen(facts):
    seen = {value for _, some in facts for fact in some if fact.startswith("smtpx.reply.code = ")
            for value in fact.split(" = ", 1)[1].split(" | ")}
    assert CODES <= seen


def test_enhanced_code_is_seen(facts):
    seen = {tuple(value.split(".")[1:]) for _, some in facts for fact in some
            if fact.startswith("smtpx.reply.enhanced = ") for value in fact.split(" = ", 1)[1].split(" | ")}
    assert ENHANCED <= seen


def test_exploits():
    """The same attacks in the table and in the list."""
    listed = [row[0] for row in table("### 4h. Published attacks and scanners")]
    assert sorted(set(listed)) == sorted({row[0].split('"')[0] for row in rows("exploits")})
    scanners = re.search(r"Scanners, in .*?cybercop", REGISTRIES, re.DOTALL).group(0).upper()
    assert all(row[0] in scanners for row in rows("scanners"))


def test_exploits_have_transcripts():
    stated = {fact.removeprefix("smtpx.exploit = ") for made in transcript.every() for line in made.lines
              for fact in line.facts if fact.startswith("smtpx.exploit = ")}
    assert {row[0].split('"')[0] for row in rows("exploits")} <= stated
