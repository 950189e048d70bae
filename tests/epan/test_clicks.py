# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 3, the invariance of order: whatever is asked for in whatever order shows the same.

And filters and columns: the same in tshark's one pass and two and in the running program.
"""

import random
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import capture
import stage
import whole
from canonical import breaks_off, flat, is_last_line, is_reread, is_retold, is_shortened
from clicks import ask, frame, is_frame, load, rows, setting, shown, told

FILTERS = Path(__file__).resolve().parents[2] / "docs/filters.md"


def anywhere(seed):
    chance = random.Random(seed)

    def cut(side, octets):
        places = sorted({chance.randrange(1, len(octets)) for _ in range(2)}) if len(octets) > 1 else []
        return [octets[start:end] for start, end in zip([0] + places, places + [len(octets)])]

    return cut


@pytest.fixture(scope="module")
def everything(home, transcripts, tls):
    path = home.file("everything.pcap")
    stage.stage([stage.on_port(one, one.port) for one in transcripts.values()], path, tls)
    return path


@pytest.fixture(scope="module")
def captures(home, transcripts, tls, everything):
    """All transcripts as they stand, cut by TCP, and with a packet of each lost, doubled or late."""
    opened = [stage.on_port(one, one.port) for one in transcripts.values() if one.opened and len(one.segments) > 1]
    cut, disordered = home.file("clicks-cut.pcap"), home.file("clicks-disordered.pcap")
    stage.stage(opened, cut, tls, cut=anywhere(3))
    capture.save_disordered(disordered, stage.connect(opened, tls)[0], random.Random(4))
    return {"as written": everything, "cut": cut, "disordered": disordered}


# ---- Order ----

# What else a user does between two clicks.
BETWEEN = [
    rows('smtpx.capability == "SIZE"'),
    rows("smtpx.anomaly", "smtpx.anomaly", "smtpx.command", "smtpx.reply.code"),
    rows('smtp.req.command == "MAIL"', "smtp.req.parameter", "smtpx.response_in"),
    rows("smtpx", "smtpx.response_to", "smtpx.transaction.status", skip=50, limit=100),
    rows(None, "smtpx.session", "smtp.response.code"),
    rows("imf.subject", "imf.subject", "smtpx.message.octets"),
    ("intervals", {"interval": 100, "filter": "smtpx.reply.code >= 400"}),
    ("iograph", {"interval": 100, "graph0": "packets", "filter0": "smtpx.response_time > 0"}),
    ("tap", {"tap0": "expert"}),
    ("follow", {"follow": "TCP", "filter": "tcp.stream == 5"}),
    ("check", {"filter": "smtpx.capability"}),
    ("complete", {"field": "smtpx.transaction."}),
]


def shuffled(seed):
    """Clicks in any order, every third packet clicked again, and something else now and then."""
    def order(frames):
        chance = random.Random(seed)
        requests = frames + chance.sample(frames, len(frames) // 3) + BETWEEN * 3
        chance.shuffle(requests)
        return requests
    return order


ORDERS = {
    "lists first, then backwards": lambda frames: BETWEEN + frames[::-1],
    "to and fro": lambda frames: [request for pair in zip(frames[::2], frames[::-2]) for request in pair],
    **{f"shuffled {seed}": shuffled(seed) for seed in range(3)},
}


@pytest.fixture(scope="module", params=["as written", "cut", "disordered"])
def in_order(request, home, captures, tls):
    """What comes before the first click, the clicks, and what each request tells when asked in order."""
    before = [setting("tls.keylog_file", tls.keylog), load(captures[request.param])]
    found, = ask(home, before, [rows("tcp.len > 0")])
    frames = [frame(row["num"]) for row in found]
    answers = ask(home, before, frames + BETWEEN)
    return before, frames, {str(asked): told(asked, answer) for asked, answer in zip(frames + BETWEEN, answers)}


@pytest.mark.parametrize("order", whole.some(ORDERS, "lists first, then backwards", "shuffled 0"))
def test_order(home, in_order, order):
    before, frames, expected = in_order
    requests = ORDERS[order](frames)
    assert any(map(is_frame, requests)) and len(requests) >= len(frames)
    for request, answer in zip(requests, ask(home, before, requests)):
        assert told(request, answer) == expected[str(request)], request


# How much of smtpx's an answer has, by what was asked for.
AMOUNTS = {
    "frames": len,
    "intervals": lambda answer: answer["frames"],
    # A string says at which interval the numbers go on.
    "iograph": lambda answer: sum(item for item in answer["iograph"][0]["items"] if not isinstance(item, str)),
    "tap": lambda remarks: len({one["f"] for one in remarks}),
    "follow": lambda answer: len(answer["payloads"]),
    "check": lambda answer: 5 if answer == {"status": "OK"} else 0,
    "complete": lambda answer: len(answer["field"]),
}


@pytest.mark.parametrize("request_", BETWEEN, ids=lambda asked: " ".join([asked[0], *map(str, asked[1].values())][:2]))
def test_what_is_between_finds_something(in_order, request_):
    """Else the same would be nothing."""
    _, _, expected = in_order
    assert AMOUNTS[request_[0]](expected[str(request_)]) >= 5


def test_clicks_show_what_two_passes_show(home, everything, tls):
    before = [setting("tls.keylog_file", tls.keylog), load(everything)]
    twice = home.frames(everything, "-2", *tls.options)
    for number, answer in zip(twice, ask(home, before, [frame(number) for number in twice])):
        mine = {item.label for protocol in twice[number].protocols if protocol.name == "smtpx"
                for item in protocol.every() if not item.hidden}
        assert mine <= set(shown(answer)[0]), f"frame {number}"


# ---- Filters ----

def documented_filters():
    table = FILTERS.read_text().partition("## Filters to begin with")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


# Filters whose frames the fields themselves tell: field, and which of its values; None: any.
FOUND_BY_VALUE = {
    'smtpx.capability == "SIZE"': ("smtpx.capability", lambda value: value == "SIZE"),
    'smtpx.capability contains "AUTH"': ("smtpx.capability", lambda value: "AUTH" in value),
    "smtpx.anomaly": ("smtpx.anomaly", None),
    'smtpx.transaction.status == "accepted"': ("smtpx.transaction.status", lambda value: value == "accepted"),
    'smtpx.transaction.status == "incomplete"': ("smtpx.transaction.status", lambda value: value == "incomplete"),
    'smtpx.transaction.status == "refused"': ("smtpx.transaction.status", lambda value: value == "refused"),
    "smtpx.reply.code >= 500": ("smtpx.reply.code", lambda value: int(value) >= 500),
    "smtpx.reply.class == 3": ("smtpx.reply.class", lambda value: value == "3"),
    'smtpx.mail.from == ""': ("smtpx.mail.from", lambda value: value == ""),
    'smtpx.rcpt.to contains "@"': ("smtpx.rcpt.to", lambda value: "@" in value),
    "smtpx.response_in": ("smtpx.response_in", None),
    "smtpx.starttls == 1": ("smtpx.starttls", lambda value: value == "1"),
    "smtpx.message.octets > 50": ("smtpx.message.octets", lambda value: int(value) > 50),
    "smtp.req.command": ("smtp.req.command", None),
    'smtp.req.command == "MAIL"': ("smtp.req.command", lambda value: value == "MAIL"),
    "smtp.response.code >= 400": ("smtp.response.code", lambda value: int(value) >= 400),
    'smtp.rsp.parameter contains "SIZE"': ("smtp.rsp.parameter", lambda value: "SIZE" in value),
    "smtp.auth.username": ("smtp.auth.username", None),
}

# What a first pass cannot know yet.
LATER = re.compile(r'response_in|incomplete|transaction\.recipient|transaction\.status == "refused"|smtpx\.anomaly$')


@pytest.fixture(scope="module")
def by_value(home, everything, tls):
    return home.frames(everything, "-2", *tls.options)


@pytest.fixture(scope="module")
def by_filter(home, everything, tls):
    """Frames that sharkd finds, by filter; all filters in one running program."""
    expressions = list(dict.fromkeys([*FOUND_BY_VALUE, *documented_filters()]))
    before = [setting("tls.keylog_file", tls.keylog), load(everything)]
    answers = ask(home, before, [rows(expression) for expression in expressions])
    return {expression: [row["num"] for row in answer] for expression, answer in zip(expressions, answers)}


def found(home, path, expression, *arguments):
    return [int(line) for line in home.text("-r", path, "-Y", expression, "-T", "fields", "-e", "frame.number",
                                            *arguments).split()]


@pytest.mark.parametrize("expression", FOUND_BY_VALUE)
def test_filter_finds_the_values(by_value, by_filter, expression):
    name, fits = FOUND_BY_VALUE[expression]
    expected = [number for number, one in by_value.items() if any(fits is None or fits(value)
                                                                  for value in one.values(name))]
    assert expected and by_filter[expression] == expected


def is_cut_off(once, twice):
    """Is a mail told as accepted of which LMTP's last replies never come?  A first pass does not know that."""
    accepted = ["accepted" in frame.values("smtpx.transaction.status") for frame in (once, twice)]
    return accepted == [False, True] and twice.values("smtpx.session.protocol") == ["LMTP"]


@pytest.fixture(scope="module")
def once(home, everything, tls):
    return home.frames(everything, *tls.options)


@pytest.fixture(scope="module")
def known_later(once, by_value):
    """The few frames of which a first pass cannot know what is there: a last line, or a message, without an end, a
    greeting that what follows it tells, an LMTP mail that was taken for some or of which LHLO is missing, and what a
    deceived server has read."""
    cut_off = {number for number, twice in by_value.items() if is_cut_off(once[number], twice)}
    assert 0 < len(cut_off) < 10
    known = cut_off | {number for number, twice in by_value.items() if is_last_line(once[number], twice) or
                       breaks_off(once[number], twice) or (flat(twice) and not flat(once[number])) or
                       is_reread(once[number], twice) or is_shortened(once[number], twice) or
                       is_retold(once[number], twice)}
    assert 0 < len(known) < len(by_value) / 50
    return known


@pytest.mark.parametrize("expression", dict.fromkeys([*FOUND_BY_VALUE, *documented_filters()]))
def test_filter_finds_the_same_everywhere(home, everything, tls, by_filter, known_later, expression):
    arguments = (home, everything, expression, *tls.options)
    assert found(*arguments, "-2") == by_filter[expression]
    if not LATER.search(expression):
        assert set(found(*arguments)) - known_later == set(by_filter[expression]) - known_later


def test_documented_filters_are_read():
    assert len(documented_filters()) >= 15 and 'smtpx.capability == "STARTTLS"' in documented_filters()


# ---- Columns ----

COLUMNS = ["smtpx.command.verb", "smtpx.reply.code", "smtpx.capability", "smtpx.rcpt.to", "smtpx.response_to",
           "smtpx.transaction.status", "smtpx.transaction.refused", "smtpx.anomaly", "smtpx.session",
           "smtp.req.command", "smtp.response.code"]


def column_rows(home, path, *arguments, names="U"):
    """The values of COLUMNS, by frame; names "R": codes by their names, as sharkd has them."""
    wanted = ",".join(f'"{name}","%Cus:{name}:0:{names}"' for name in COLUMNS)
    psml = home.tshark("-r", path, "-T", "psml", "-o", f"gui.column.format:{wanted}", *arguments)
    return [[section.text or "" for section in packet] for packet in ElementTree.fromstring(psml).iter("packet")]


def spaced(table):
    """XML's attributes have a space for a CR, columns an escape, or since 4.4 the CR itself; other control
    octets are escaped in octal by columns, and in hexadecimal by XML."""
    def in_hexadecimal(found):
        return f"\\x{int(found.group(1), 8):02x}"
    return [[re.sub(r"\\([0-3][0-7]{2})", in_hexadecimal, re.sub(r"\\r|[\r\n]", " ", value)) for value in row]
            for row in table]


def test_columns(home, everything, tls, by_value):
    twice = column_rows(home, everything, "-2", *tls.options)
    expected = [[",".join(one.values(name)) for name in COLUMNS] for one in by_value.values()]
    assert spaced(twice) == expected
    before = [setting("tls.keylog_file", tls.keylog), load(everything)]
    clicked, = ask(home, before, [rows(None, *COLUMNS)])
    assert [row["c"] for row in clicked] == column_rows(home, everything, "-2", *tls.options, names="R")
    for at, name in enumerate(COLUMNS):
        assert any(row[at] for row in expected), name


def is_told_ahead(row, before, number):
    """Does a row say what only later frames tell?

    before: the row of the first pass."""
    told_of, told_before = dict(zip(COLUMNS, row)), dict(zip(COLUMNS, before))
    answered = [int(partner) for partner in told_of["smtpx.response_to"].split(",") if partner]
    left = "incomplete" in told_of["smtpx.transaction.status"] or (
        told_of["smtpx.transaction.status"] == "refused" and not told_before["smtpx.transaction.status"])
    endless = "unfinished_" in told_of["smtpx.anomaly"] and "unfinished_" not in told_before["smtpx.anomaly"]
    # A greeting may be known by what follows it, and what a line without a code answers by what is acknowledged.
    known_late = any(told_of[name] and not told_before[name] for name in ("smtpx.session", "smtpx.response_to"))
    retold = told_before["smtpx.transaction.status"] and not told_of["smtpx.transaction.status"]
    return (left or endless or known_late or retold or "clear_after_starttls" in told_of["smtpx.anomaly"] or
            any(partner > number for partner in answered))


def test_columns_in_one_pass(home, everything, tls, once, by_value):
    first = column_rows(home, everything, *tls.options)
    twice = column_rows(home, everything, "-2", *tls.options)
    same = [number for number, row in enumerate(twice, 1) if not is_told_ahead(row, first[number - 1], number) and
            not is_cut_off(once[number], by_value[number]) and not is_reread(once[number], by_value[number])]
    assert len(same) > 0.9 * len(twice)
    for number in same:
        assert first[number - 1] == twice[number - 1], f"frame {number}"
