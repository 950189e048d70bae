# SPDX-License-Identifier: GPL-2.0-or-later
"""What is shown of a damaged capture: nothing may be that is not true; how much of what is there is shown is counted.

A value is true in a frame if a unit of which octets are in the frame has it.
"""

from collections import Counter

from compare import Wrong, is_part, times
from scene import OPENING


def is_known(value, known):
    """An address that the capture has cut is shown as far as it goes, with "…" behind it."""
    return value in known or (value.endswith("…") and any(one.startswith(value[:-1]) for one in known if one))


class Comparison:
    def __init__(self, placed, shown):
        self.placed, self.units = placed, placed.units
        self.shown = shown
        self.wrong, self.counts = [], Counter()
        self.handshake = {frame.number for frame in placed.all[:3]}

    def fault(self, frame, field, text):
        self.wrong.append(Wrong(frame, field, text))

    def cells(self, frame, field):
        return self.shown.get(frame, {}).get(field, [])

    def here(self, frame, kind):
        """The units of this kind in a frame."""
        return [index for index in self.placed.in_frame.get(frame, ()) if self.units[index].kind == kind]

    def cut(self, frame):
        """The units that begin in a frame and end in another one, or nowhere: their start may be shown for the whole."""
        first, last = self.placed.first, self.placed.last
        return [index for index in self.placed.in_frame.get(frame, ()) if first[index] and first[index].number == frame and
                not (last[index] and last[index].number == frame)] + self.placed.breaks_off(frame)

    # ---- Values ----

    def lines(self, frame):
        true = Counter(self.units[index].verb for index in self.here(frame, "command"))
        for verb in self.cells(frame, "command.verb"):
            if true[verb] > 0:
                true[verb] -= 1
                self.counts["verbs true"] += 1
            elif not any(is_part(self.units[index], "command.verb", verb) for index in self.cut(frame)):
                self.counts["verbs false"] += 1
                self.fault(frame, "command.verb", f"{verb} is no command here")
        whole = [self.units[index].octets.decode() for index in self.here(frame, "command")]
        for command in self.cells(frame, "command"):
            if not command.lower().startswith("auth") and not any(command in one for one in whole):
                self.fault(frame, "command", f"{command!r} was not said here")
        for code in self.cells(frame, "reply.code"):
            if int(code) not in {self.units[index].code for index in self.here(frame, "reply")}:
                self.fault(frame, "reply.code", f"{code} is no reply here")

    def auth(self, frame):
        true = {self.units[index].auth for index in self.here(frame, "reply") if self.units[index].auth}
        for result in self.cells(frame, "auth.result"):
            if result not in {one for one, _ in true}:
                self.fault(frame, "auth.result", f"{result} is not so")
        known = {unit.auth[1] for unit in self.units if unit.auth}
        for user in self.cells(frame, "auth.username"):
            if user not in known:
                self.fault(frame, "auth.username", f"{user} is nobody")

    # ---- Pairs ----

    def frames(self, index):
        """Where a unit that is answered can be said to stand."""
        return self.handshake if index == OPENING else self.placed.frames[index]

    def is_pair(self, reply, frame, asked, code):
        unit = self.units[reply]
        if unit.answers is None or frame not in self.placed.frames[reply] or (code and code != unit.code):
            return False
        return asked in self.frames(unit.answers) or (unit.ends is not None and asked in self.frames(unit.ends))

    def pairs(self):
        open_replies = [index for index, unit in enumerate(self.units) if unit.kind == "reply"]
        for frame in self.placed.all:
            asked = self.cells(frame.number, "response_to")
            codes = self.cells(frame.number, "reply.code")
            codes = [int(code) for code in codes] if len(codes) == len(asked) else [None] * len(asked)
            for one, code in zip(asked, codes):
                found = next((reply for reply in open_replies if self.is_pair(reply, frame.number, int(one), code)), None)
                if found is None:
                    self.counts["pairs false"] += 1
                    self.fault(frame.number, "response_to", f"{code or 'this'} does not answer frame {one}")
                else:
                    open_replies.remove(found)
                    self.counts["pairs true"] += 1
                    self.time(frame.number, found, asked.index(one), len(asked))
        for reply in open_replies:
            if self.is_there(reply):
                self.counts["pairs missing"] += 1

    def is_there(self, reply):
        """Are a reply and what it answers whole in the capture?"""
        unit = self.units[reply]
        return unit.answers is not None and self.placed.whole(reply) and self.placed.whole(unit.answers)

    def time(self, frame, reply, number, count):
        shown = times(self.shown[frame])
        if any(one < 0 or one > 3600 * 1000000 for one in shown):
            self.fault(frame, "response_time", f"{shown} us")

    def asked(self, frame):
        """response_in, the other way round."""
        for reply in self.cells(frame, "response_in"):
            if not any(self.units[index].answers is not None and int(reply) in self.placed.frames[index] and
                       frame in self.frames(self.units[index].answers) | self.frames(self.units[index].ends or 0)
                       for index in self.placed.in_frame.get(int(reply), ()) if self.units[index].kind == "reply"):
                self.fault(frame, "response_in", f"frame {reply} answers nothing of this")

    # ---- Mails ----

    def mail_of(self, frame):
        """The mail that is told of, by its sender and recipients."""
        sender, recipients = self.cells(frame, "transaction.sender"), self.cells(frame, "transaction.recipient")
        for mail in self.placed.mails:
            if (sender and sender[0] and mail.sender == sender[0]) or set(recipients) & set(mail.accepted):
                return mail
        return None

    def told(self, frame):
        status = self.cells(frame, "transaction.status")
        if "accepted" in status:
            self.accepted(frame, [mail for mail in self.placed.mails if frame in self.takes(mail)])
        elif status in (["refused"], ["aborted"]):
            mail = self.mail_of(frame)
            if mail and mail.status == "accepted" and mail.sender:
                self.fault(frame, "transaction.status", f"{status[0]}, but it was accepted")

    def takes(self, mail):
        """The frames that can tell of an accepted mail: of LMTP any reply may be the last that is known to be to it."""
        if not any(self.units[reply].code < 300 for reply in mail.finals):
            return set()
        return {frame for reply in mail.finals for frame in self.placed.frames[reply]}

    def accepted(self, frame, mails):
        if not mails:
            self.counts["mails false"] += 1
            self.fault(frame, "transaction.status", "a mail is accepted that was not")
            return
        for field, known in (
                ("sender", {mail.sender for mail in mails}), ("octets", {str(mail.octets) for mail in mails}),
                ("recipient", {one for mail in mails for one in mail.accepted}),
                ("refused", {one for mail in mails for one in mail.refused})):
            if len(self.cells(frame, "transaction.status")) > 1:
                break
            for value in self.cells(frame, f"transaction.{field}"):
                if not is_known(value, known):
                    self.fault(frame, f"transaction.{field}", f"{value!r} is not so")

    def queue_ids(self, frame):
        known = {self.units[index].queue_id for index in self.here(frame, "reply")}
        for value in self.cells(frame, "transaction.queue_id"):
            if value not in known:
                self.fault(frame, "transaction.queue_id", f"{value} is not so")

    def mails(self):
        for mail in self.placed.mails:
            if mail.status == "accepted" and self.placed.whole(mail.decided):
                told = any("accepted" in self.cells(frame, "transaction.status") for frame in self.takes(mail))
                self.counts["mails told" if told else "mails missing"] += 1

    def compare(self):
        for frame in {frame.number for frame in self.placed.all}:
            self.lines(frame)
            self.auth(frame)
            self.asked(frame)
            self.told(frame)
            self.queue_ids(frame)
        self.pairs()
        self.mails()
        return self.wrong, self.counts


def compare_damaged(placed, shown):
    """(what is shown and not true, what was counted)"""
    return Comparison(placed, shown).compare()
