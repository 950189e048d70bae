# SPDX-License-Identifier: GPL-2.0-or-later
"""What is true of a session: its units, which answers which, and what became of its mails.

A step of a plan (plan.py) plays in a Scene: it says what client and server say, in the
order of each side. The server here is a plain one that keeps to the RFCs: it takes what
a step wishes where its state allows that, and refuses it otherwise. So a plan without
some of its steps is a plan, too.
"""

from dataclasses import dataclass, field

OPENING = -1  # what a greeting answers


@dataclass
class Unit:
    """What one side says at once: a line, a reply, a message's octets."""

    side: str
    kind: str  # command, answer, text, end, chunk, reply or odd
    octets: bytes
    after: int | None = None  # the other side's unit that must have come first
    part: int = 0  # of that unit, how many octets must have come; 0: all
    verb: str | None = None
    code: int | None = None
    answers: int | None = None  # reply: the client's unit, or OPENING
    ends: int | None = None  # reply: the client's unit whose end its time is counted from
    maybe: bool = False  # reply: whether it is shown as a pair is open
    auth: tuple | None = None  # reply that ends AUTH: (result, user or None)
    queue_id: str | None = None  # reply to a message
    start: int = 0  # in its side's octets

    @property
    def end(self):
        return self.start + len(self.octets)


@dataclass
class Mail:
    """A transaction."""

    sender: str
    accepted: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    octets: int = 0
    status: str | None = None  # accepted, refused, given up; None: it has not ended
    decided: int | None = None  # the reply that ended it
    finals: list = field(default_factory=list)  # the replies to its message
    broken: bool = False  # a chunk was refused
    chunked: bool = False


class Scene:
    def __init__(self):
        self.units = []
        self.mails = []
        self.mail = None  # that is open
        self.lmtp = False
        self.unsent = False  # a chunk that BDAT has announced, and that does not come
        self.has_to_wait = False  # the client: what it says next follows from the reply
        self.greeted = False  # HELO or its like was taken
        self.closed = False  # the server says no more
        self.over = False  # the client neither
        self.length = {"C": 0, "S": 0}
        self.last = {"C": None, "S": None}  # the last unit

    # ---- Saying ----

    def say(self, side, kind, octets, **more):
        unit = Unit(side, kind, octets, start=self.length[side], **more)
        self.length[side] += len(octets)
        self.units.append(unit)
        self.last[side] = len(self.units) - 1
        return self.last[side]

    def client(self, kind, octets, waits, **more):
        """waits: for all replies that are due."""
        after = self.last["S"] if waits or self.has_to_wait else None
        self.has_to_wait = False
        return self.say("C", kind, octets, after=after, **more)

    def reply(self, answers, reply, after=None, **more):
        """A Reply to a client's unit, behind another one (the same)."""
        after = answers if after is None else after
        for line in reply.before:
            self.say("S", "odd", line, after=after)
        if reply.code == 421:
            self.closed = True
        return self.say("S", "reply", reply.octets(), after=after, code=reply.code, answers=answers, ends=after, **more)

    # ---- Transactions ----

    def begin_mail(self, sender):
        self.mail = Mail(sender)
        self.mails.append(self.mail)

    def end_mail(self, status, decided, octets=0):
        if self.mail:
            self.mail.status, self.mail.decided, self.mail.octets = status, decided, octets
        self.mail = None
