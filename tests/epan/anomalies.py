#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints what is known of each anomaly, as a table in Markdown.

    anomalies.py

Which transcripts have it, which come near to it, and which others and which recordings raise it, with the
reason (baseline.tsv).
"""

import re
from collections import defaultdict
from pathlib import Path

import transcript

ROOT = Path(__file__).resolve().parents[2]
BASELINE = Path(__file__).resolve().parent / "baseline.tsv"
REMARKS = (ROOT / "plugin/smtp/smtp_remarks.def").read_text(encoding="utf-8")
SEVERITY = dict(re.findall(r'^SMTP_REMARK\(\w+, "(\w+)", (\w+),', REMARKS, re.MULTILINE))
WRITTEN_FOR, NEAR = "anomaly_", "_near"


def stated(made):
    """The anomalies that a transcript says it has."""
    facts = [fact for line in made.lines for fact in line.facts]
    found = {part.strip() for fact in facts if fact.startswith("smtpx.anomaly = ")
             for part in fact.removeprefix("smtpx.anomaly = ").split("|")}
    found |= {"exploit" for fact in facts if fact.startswith("smtpx.exploit = ")}
    return found | {fact.removeprefix("?smtpx.anomaly.") for fact in facts if fact.startswith("?smtpx.anomaly.")}


def baseline():
    """(where, anomaly, how often, reason) of each row."""
    rows = [line.split("\t") for line in BASELINE.read_text(encoding="utf-8").splitlines()[1:]]
    assert all(len(row) == 4 and len(row[3]) > 10 for row in rows)
    return [(where, name, int(count), reason) for where, name, count, reason in rows]


def some(names, most=3):
    names = sorted(names, key=lambda name: (not name.startswith(WRITTEN_FOR), name))
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def raised(rows):
    """By reason: how often, and where."""
    by_reason = defaultdict(list)
    for where, count, reason in rows:
        by_reason[reason].append((where, count))
    return "; ".join(f"{sum(count for _, count in places)} ({some(where for where, _ in places)}): {reason}"
                     for reason, places in by_reason.items())


def table():
    """A row for each anomaly: its name, severity, who has it, who comes near, who else raises it and why."""
    transcripts = transcript.every()
    names = {made.name for made in transcripts}
    known = baseline()
    for anomaly, severity in SEVERITY.items():
        has = [made.name for made in transcripts if anomaly in stated(made) and not made.name.endswith(NEAR)]
        near = [name + NEAR for name in has if name + NEAR in names]
        clean = [(where, count, reason) for where, name, count, reason in known if name == anomaly]
        yield anomaly, severity, some(has), some(near), raised(clean)


def main():
    print("| anomaly | severity | has it | comes near | raised besides |\n| --- | --- | --- | --- | --- |")
    for row in table():
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
