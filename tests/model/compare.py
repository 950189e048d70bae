# SPDX-License-Identifier: GPL-2.0-or-later
"""What is shown against what is true. """

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


def compare_whole(placed, shown):
    """All that is wrong with a session of which nothing is missing."""
    wanted = expected(placed)
    for frame in placed.all:
        cells, want = shown.get(frame.number, {}), wanted.get(frame.number, {})
        for field in EXACT:
            yield from differs(frame.number, field, values(cells, field), want.get(field, []))
        yield from differs(frame.number, "response_time", times(cells), want.get("response_time", []))
        yield from compare_mails(frame.number, cells, want)


def values(cells, field):
    """AUTH's line is shown without its secret."""
    return [value for value in cells.get(field, []) if field != "command" or not value.lower().startswith("auth")]


def times(cells):
    return [round(float(value) * 1000000) for value in cells.get("response_time", [])]


def compare_mails(frame, cells, want):
    """What became of a transaction that no reply to a message ended is not compared, but it was not accepted."""
    if "transaction.status" not in want:
        if "accepted" in cells.get("transaction.status", []):
            yield Wrong(frame, "transaction.status", "a mail is accepted that was not")
        return
    fields = MAIL if cells.get("transaction.status") == want["transaction.status"] else MAIL[:1]
    for field in fields:
        # An empty sender is an empty cell.
        here, there = (sorted(value for value in one.get(field, []) if value) for one in (cells, want))
        yield from differs(frame, field, here, there)
