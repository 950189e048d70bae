# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 3: which anomalies a session has, rule by rule: one line more, one octet less.

rules.txt has a session a rule, and what it is to be named, nothing else:

    == NAME: ANOMALY ANOMALY    a session; behind the colon all that it has (!CVE-...: that attack)
    offers KEYWORD, KEYWORD     greeting and EHLO with these capabilities, and QUIT at the end
    C: NOOP {x*510}             lines as in a transcript; {x*510} is x, 510 times
"""

import re
from collections import defaultdict
from pathlib import Path

import pytest

import capture
import transcript

SESSION = re.compile(r"^== (\w+):(.*)\n((?:(?!== ).*\n?)*)", re.MULTILINE)
OFFERS = re.compile(r"\Aoffers(.*)\n")


def whole(body):
    """The lines of a session, without what is shortened."""
    body = re.sub(r"\{([^*{}]+)\*(\d+)\}", lambda found: found[1] * int(found[2]), body)
    offers = OFFERS.match(body)
    if not offers:
        return body
    lines = ["mx.example", *filter(None, offers[1].strip().split(", "))]
    reply = "".join(f"S: 250{'-' if number < len(lines) else ' '}{line}\n" for number, line in enumerate(lines, 1))
    return f"S: 220 mx.example ESMTP\nC: EHLO a.example\n{reply}{body[offers.end():].rstrip()}\nC: QUIT\nS: 221 bye\n"


RULES = {name: (set(named.split()), transcript.parse(name, whole(body)))
         for name, named, body in SESSION.findall((Path(__file__).parent / "rules.txt").read_text(encoding="utf-8"))}


@pytest.mark.parametrize("passes", [["-2"], []], ids=["two passes", "one pass"])
def test_rules(home, passes):
    path = home.file("rules.pcap")
    capture.save(path, capture.numbered([made.connection() for _, made in RULES.values()]))
    rows = home.text("-r", home.own(path), *passes, "-T", "fields", "-e", "tcp.stream", "-e", "smtpx.anomaly",
                     "-e", "smtpx.exploit")
    found = defaultdict(set)
    for row in rows.splitlines():
        stream, anomalies, exploits = row.split("\t")
        found[int(stream)] |= set(filter(None, anomalies.split(",")))
        found[int(stream)] |= {f"!{exploit}" for exploit in exploits.split(",") if exploit}
    wrong = {name: sorted(found[stream] ^ named) for stream, (name, (named, _)) in enumerate(RULES.items())
             if found[stream] != named}
    assert not wrong, wrong
    assert len(RULES) > 200
