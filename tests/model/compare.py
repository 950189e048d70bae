# SPDX-License-Identifier: GPL-2.0-or-later
"""What is shown against what is true, where nothing is missing: all must be there."""

from collections import Counter
from dataclasses import dataclass

from expect import expected
from show import MAIL

EXACT = ["command.verb", "command", "reply.code", "response_to", "response_in", "auth.result",
         "transaction.queue_id"]


@dataclass(frozen=True)
class Wrong:
    frame: int
    field: str
    text: str

    def __str__(self):
        return f"frame {self.frame}: {self.field}: {self.text}"


def differs(frame, field, here, there):
    if here != there:
        yield Wrong(frame, field, f"{here}, not {there}")


def is_part(unit, field, value):
    """Is this what the start of a unit says, whose end was never said?"""
    if unit.kind == "reply":
        return field == "reply.code" and value == str(unit.code)
    known = {"command.verb": unit.verb or "", "command": unit.octets.decode().rstrip("\r\n")}
    return unit.kind == "command" and known.get(field, "").startswith(value)


def without_part(placed, frame, field, found, want):
    """Values in a frame, without that of a line which breaks off there, with the connection, where it has one."""
    broken = [placed.units[index] for index in placed.breaks_off(frame)]
    if len(found) > len(want) and any(is_part(unit, field, found[-1]) for unit in broken):
        return found[:-1]
    return found


def compare_whole(placed, shown):
    """(all that is wrong with a session, what was counted)"""
    wanted = expected(placed)
    wrong, counts = [], Counter()
    for frame in placed.all:
        want = wanted.get(frame.number, {})
        cells = {field: without_part(placed, frame.number, field, found, want.get(field, []))
                 for field, found in shown.get(frame.number, {}).items()}
        for field in EXACT:
            wrong += differs(frame.number, field, values(cells, field), values(want, field))
        wrong += differs(frame.number, "response_time", times(cells), want.get("response_time", []))
        wrong += compare_mails(placed, frame.number, cells, want)
        count(cells, want, counts)
    return wrong, counts


def count(cells, want, counts):
    for name, field in (("pairs", "response_to"), ("verbs", "command.verb")):
        true = sum((Counter(cells.get(field, [])) & Counter(want.get(field, []))).values())
        counts[f"{name} true"] += true
        counts[f"{name} false"] += len(cells.get(field, [])) - true
        counts[f"{name} missing"] += len(want.get(field, [])) - true
    here, there = (one.get("transaction.status", []).count("accepted") for one in (cells, want))
    counts["mails told"] += min(here, there)
    counts["mails false"] += max(here - there, 0)
    counts["mails missing"] += max(there - here, 0)


def values(cells, field):
    """AUTH's line is shown without its secret."""
    found = cells.get(field, [])
    if field == "command":
        return [value for value in found if not value.lower().startswith("auth")]
    return found


def times(cells):
    return [round(float(value) * 1000000) for value in cells.get("response_time", [])]


def is_taken(placed, frame):
    """Does a reply in this frame take a mail, for one recipient at least, though the connection broke off before the last one?"""
    return any(mail.status is None and frame in placed.frames[reply] for mail in placed.mails for reply in mail.finals)


def refused_senders(placed, frame):
    """How many MAIL are refused here? Each is told of as a transaction of its own."""
    replies = [placed.units[i] for i in placed.in_frame.get(frame, ()) if placed.last[i].number == frame]
    return sum(reply.kind == "reply" and reply.code >= 400 and reply.answers is not None and reply.answers >= 0 and
               placed.units[reply.answers].verb == "MAIL" for reply in replies)


def compare_mails(placed, frame, cells, want):
    """What became of a transaction that no reply to a message ended is not compared, but it was not accepted."""
    if "transaction.status" not in want:
        if "accepted" in cells.get("transaction.status", []) and not is_taken(placed, frame):
            yield Wrong(frame, "transaction.status", "a mail is accepted that was not")
        return
    here, there = (Counter(one.get("transaction.status", [])) for one in (cells, want))
    if here - there and not there - here and (here - there).total() <= refused_senders(placed, frame):
        return
    fields = MAIL if cells.get("transaction.status") == want["transaction.status"] else MAIL[:1]
    for field in fields:
        # An empty sender is an empty cell.
        here, there = (sorted(value for value in one.get(field, []) if value) for one in (cells, want))
        yield from differs(frame, field, here, there)
