# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the units of a session stand in a capture, and what its frames show if nothing of it is missing."""

from bisect import bisect_right
from collections import defaultdict

from scene import OPENING


class Placed:
    """A session in a capture, damaged or not.

    frames: by unit, those with octets of it.  whole: all octets of the unit are in the capture.
    first, last: the Frame in which its first and its last octet came first, or None.
    """

    def __init__(self, scene, frames):
        self.units = scene.units
        self.mails = scene.mails
        self.opening = frames[0]
        self.all = frames
        self.frames = [set() for _ in self.units]
        self.first, self.last = [None] * len(self.units), [None] * len(self.units)
        self.covered = [0] * len(self.units)
        self.order = {side: [at for at, unit in enumerate(self.units) if unit.side == side] for side in "CS"}
        self.starts = {side: [self.units[at].start for at in self.order[side]] for side in "CS"}
        self.in_frame = defaultdict(list)  # frame number: units with octets in it
        self.seen = {side: [] for side in "CS"}  # (start, end) of what came, none twice
        for frame in frames:
            if frame.kept:
                self.place(frame)

    def place(self, frame):
        side, start = frame.packet.side, frame.packet.start
        end = start + frame.kept
        order = self.order[side]
        at = bisect_right(self.starts[side], start) - 1
        while at < len(order) and self.units[order[at]].start < end:
            self.touch(order[at], frame, start, end)
            at += 1
        self.seen[side].append((start, end))

    def touch(self, index, frame, start, end):
        unit = self.units[index]
        start, end = max(start, unit.start), min(end, unit.end)
        if start >= end:
            return
        self.frames[index].add(frame.number)
        self.in_frame[frame.number].append(index)
        if start == unit.start and not self.first[index]:
            self.first[index] = frame
        if end == unit.end and not self.last[index]:
            self.last[index] = frame
        self.covered[index] += self.fresh(unit.side, start, end)

    def fresh(self, side, start, end):
        """How many of these octets had not come before."""
        taken = [(max(start, one), min(end, two)) for one, two in self.seen[side] if one < end and two > start]
        count, reached = 0, start
        for one, two in sorted(taken):
            count += max(one - reached, 0)
            reached = max(reached, two)
        return count + max(end - reached, 0)

    def whole(self, index):
        return index == OPENING or self.covered[index] == len(self.units[index].octets)

    def breaks_off(self, frame):
        """The units whose last octets are in this frame, that are not whole, and behind which their side has said nothing."""
        return [index for index in self.in_frame.get(frame, ())
                if not self.whole(index) and frame == max(self.frames[index]) and self.is_last(index)]

    def is_last(self, index):
        return not any(self.frames[later] for later in self.order[self.units[index].side] if later > index)

    def time(self, reply):
        """From the end of what a reply answers to its own first octet, in microseconds; None: not known."""
        unit = self.units[reply]
        end = self.opening if unit.ends is None else self.last[unit.ends]
        return self.first[reply].time - end.time if end and self.first[reply] else None

    def replies(self):
        """Of each client's unit: the replies to it."""
        found = defaultdict(list)
        for index, unit in enumerate(self.units):
            if unit.answers is not None and self.whole(index):
                found[unit.answers].append(index)
        return found


def expected(placed):
    """{frame: {field: values in order}} of a session of which nothing is missing."""
    found = defaultdict(lambda: defaultdict(list))
    replies = placed.replies()
    for index, unit in enumerate(placed.units):
        if not placed.whole(index):
            continue
        cells = found[placed.last[index].number]
        if unit.kind == "command":
            cells["command.verb"].append(unit.verb)
            if unit.verb != "AUTH":
                cells["command"].append(unit.octets[:-2].decode())
        if unit.kind in ("command", "answer", "end") and replies[index]:
            cells["response_in"].append(str(placed.last[replies[index][0]].number))
        if unit.kind == "reply":
            expect_reply(placed, index, cells)
    for mail in placed.mails:
        if mail.status in ("accepted", "refused") and placed.whole(mail.decided):
            expect_mail(mail, found[placed.last[mail.decided].number])
    return found


def expect_reply(placed, index, cells):
    unit = placed.units[index]
    cells["reply.code"].append(str(unit.code))
    if unit.answers is not None:
        asked = placed.opening if unit.answers == OPENING else placed.last[unit.answers]
        cells["response_to"].append(str(asked.number))
        cells["response_time"].append(placed.time(index))
    if unit.queue_id:
        cells["transaction.queue_id"].append(unit.queue_id)
    if unit.auth:
        result, user = unit.auth
        cells["auth.result"].append(result)
        cells["auth.username"] += [user] if user else []


def expect_mail(mail, cells):
    cells["transaction.status"].append(mail.status)
    cells["transaction.sender"].append(mail.sender)
    cells["transaction.recipient"] += mail.accepted
    cells["transaction.refused"] += mail.refused
    cells["transaction.octets"].append(str(mail.octets))
