# SPDX-License-Identifier: GPL-2.0-or-later
"""The steps that a session is made of.

Each step is what the client does and how the server would take it (`wish`), whether the
client waits for all replies before it (`waits`), and how it plays. `smaller()` gives
simpler steps of its kind, for shrink.py.
"""

from dataclasses import dataclass, field, replace

from scene import OPENING


@dataclass(frozen=True)
class Reply:
    code: int
    texts: tuple = ("ok",)
    between: str = " "  # code and text of the last line
    before: tuple = ()  # lines that are no replies, whole

    def octets(self):
        *first, last = self.texts
        lines = [f"{self.code}-{text}" for text in first]
        lines.append(f"{self.code}{self.between}{last}")
        return b"".join(line.encode() + b"\r\n" for line in lines)

    @property
    def good(self):
        return self.code < 400

    def smaller(self):
        if self.before:
            yield replace(self, before=())
        if len(self.texts) > 1:
            yield replace(self, texts=self.texts[-1:])


NO_MAIL = Reply(503, ("5.5.1 Error: need MAIL command",))
NESTED = Reply(503, ("5.5.1 Error: nested MAIL command",))
NO_RECIPIENTS = Reply(554, ("5.5.1 Error: no valid recipients",))
NO_HELLO = Reply(503, ("5.5.1 Error: send HELO/EHLO first",))
IN_CHUNKS = Reply(503, ("5.5.1 Error: not while chunks come",))


CERTAIN = "MAIL RCPT EHLO HELO LHLO BDAT AUTH".split()
CERTAIN_ALONE = "DATA RSET QUIT NOOP VRFY EXPN HELP STARTTLS".split()


@dataclass(frozen=True)
class Step:
    wish: Reply
    waits: bool = True

    def smaller(self):
        for wish in self.wish.smaller():
            yield replace(self, wish=wish)
        if not self.waits:
            yield replace(self, waits=True)


@dataclass(frozen=True)
class Greeting(Step):
    def play(self, scene):
        scene.say("S", "reply", self.wish.octets(), code=self.wish.code, answers=OPENING)
        scene.closed = self.wish.code in (421, 554)


@dataclass(frozen=True)
class Command(Step):
    """Any command line."""

    line: str = "NOOP"
    verb: str = "NOOP"

    def ask(self, scene):
        scene.unsent = False
        return scene.client("command", self.line.encode() + b"\r\n", self.waits, verb=self.verb)

    def play(self, scene):
        # It could be the chunk that was announced.
        if scene.unsent and not self.is_certain():
            return
        asked = self.ask(scene)
        if not scene.closed:
            self.take(scene, asked)

    def is_certain(self):
        """Is this line a command, whatever stands before it?"""
        return self.verb in CERTAIN or " " not in self.line and self.verb in CERTAIN_ALONE

    def take(self, scene, asked):
        scene.reply(asked, self.wish)


@dataclass(frozen=True)
class Hello(Command):
    """EHLO, HELO or LHLO."""

    def take(self, scene, asked):
        said = scene.reply(asked, self.wish)
        if self.wish.good:
            scene.greeted, scene.lmtp = True, self.verb == "LHLO"
            scene.end_mail("given up", said)


@dataclass(frozen=True)
class Reset(Command):
    def take(self, scene, asked):
        said = scene.reply(asked, self.wish)
        if self.wish.good:
            scene.end_mail("given up", said)


@dataclass(frozen=True)
class Quit(Command):
    def take(self, scene, asked):
        scene.end_mail("given up", scene.reply(asked, self.wish))
        scene.closed = True


@dataclass(frozen=True)
class Sender(Command):
    """MAIL"""

    address: str = "a@c.example"

    def take(self, scene, asked):
        wish = NESTED if scene.mail else self.wish if scene.greeted else NO_HELLO
        scene.reply(asked, wish)
        if wish.good:
            scene.begin_mail(self.address)


@dataclass(frozen=True)
class Recipient(Command):
    """RCPT"""

    address: str = "b@mx.example"

    def take(self, scene, asked):
        mail = scene.mail
        wish = NO_MAIL if not mail else IN_CHUNKS if mail.chunked else self.wish
        scene.reply(asked, wish)
        if mail:
            (mail.accepted if wish.good else mail.refused).append(self.address)


def finish(scene, asked, finals, octets, after=None):
    """The replies to a whole message: one, or of LMTP one for each recipient."""
    mail = scene.mail
    count = len(mail.accepted) if scene.lmtp else 1
    failed, said, taken = [], None, False
    for number in range(count):
        if scene.closed:  # 421: those that are left do not get it
            failed.append(mail.accepted[number])
            continue
        final, queue_id = finals[number % len(finals)]
        said = scene.reply(asked, final, after=after, queue_id=queue_id)
        mail.finals.append(said)
        taken = taken or final.good
        if scene.lmtp and not final.good:
            failed.append(mail.accepted[number])
    for address in failed:
        mail.accepted.remove(address)
        mail.refused.append(address)
    scene.end_mail("accepted" if taken else "refused", said, octets)


@dataclass(frozen=True)
class Message(Command):
    """DATA, and what follows a 354.

    lines: without line ends and without the dots that are stuffed.  finals: (Reply, queue id or None)
    """

    line: str = "DATA"
    verb: str = "DATA"
    lines: tuple = ()
    finals: tuple = ((Reply(250), None),)

    def take(self, scene, asked):
        mail = scene.mail
        wish = self.wish
        scene.has_to_wait = True
        if not mail:
            wish = NO_MAIL
        elif mail.chunked:
            wish = IN_CHUNKS
        elif not mail.accepted and (scene.lmtp or wish.code != 354):
            wish = NO_RECIPIENTS
        scene.reply(asked, wish)
        if wish.code == 354:
            self.send(scene, mail)

    def send(self, scene, mail):
        lines = self.lines if mail.accepted else ()
        finals = self.finals if mail.accepted else ((NO_RECIPIENTS, None),)
        stuffed = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
        octets = sum(len(line) + 2 for line in lines)
        if stuffed:
            scene.client("text", stuffed, True)
        end = scene.client("end", b".\r\n", not stuffed)
        finish(scene, end, finals, octets)

    def smaller(self):
        yield from super().smaller()
        if self.lines:
            half = len(self.lines) // 2
            yield replace(self, lines=())
            if len(self.lines) > 1:
                yield replace(self, lines=self.lines[:half])
                yield replace(self, lines=self.lines[half:])
            if len(self.lines) < 12:
                for at in range(len(self.lines)):
                    yield replace(self, lines=self.lines[:at] + self.lines[at + 1:])
        if len(self.finals) > 1:
            yield replace(self, finals=self.finals[:1])


@dataclass(frozen=True)
class Chunk(Command):
    """BDAT and its octets.

    finals: of the last one.  unsent: the client waits for the reply to BDAT, and sends nothing when it is refused
    """

    verb: str = "BDAT"
    line: str = ""
    octets: bytes = b""
    last: bool = True
    finals: tuple = ((Reply(250), None),)
    unsent: bool = False

    def play(self, scene):
        scene.unsent = False
        line = f"BDAT {len(self.octets)}{' LAST' if self.last else ''}"
        asked = scene.client("command", line.encode() + b"\r\n", self.waits, verb="BDAT")
        sent = asked
        if self.octets and not (self.unsent and self.refusal(scene)):
            sent = scene.client("chunk", self.octets, False)
        elif self.octets:
            scene.has_to_wait = scene.unsent = True
        if not scene.closed:
            self.take_chunk(scene, asked, sent)

    def refusal(self, scene):
        mail = scene.mail
        if not mail:
            return NO_MAIL
        if mail.broken:
            return IN_CHUNKS
        if not mail.accepted:
            return NO_RECIPIENTS
        return None if self.wish.good else self.wish

    def take_chunk(self, scene, asked, sent):
        mail = scene.mail
        refusal = self.refusal(scene)
        if refusal:
            scene.reply(asked, refusal, after=sent)
            if mail:
                mail.broken = mail.chunked = True
            return
        mail.chunked = True
        mail.octets += len(self.octets)
        if self.last:
            finish(scene, asked, self.finals, mail.octets, sent)
        else:
            scene.reply(asked, self.wish, after=sent)

    def smaller(self):
        yield from super().smaller()
        if self.octets:
            yield replace(self, octets=b"")
            yield replace(self, octets=self.octets[:len(self.octets) // 2])
            yield replace(self, octets=self.octets[len(self.octets) // 2:])
        if len(self.finals) > 1:
            yield replace(self, finals=self.finals[:1])


@dataclass(frozen=True)
class Auth(Command):
    """AUTH. rounds: (challenge, the client's answer to it)"""

    verb: str = "AUTH"
    rounds: tuple = ()
    user: str | None = None
    result: str = "accepted"

    def take(self, scene, asked):
        for challenge, answer in self.rounds:
            scene.reply(asked, Reply(334, (challenge,)))
            asked = scene.client("answer", answer.encode() + b"\r\n", True)
        # What the client has given up was not refused, though the server hangs up.
        refused = self.wish.code == 421 and self.result != "cancelled"
        scene.reply(asked, self.wish, auth=("refused" if refused else self.result, self.user))


@dataclass(frozen=True)
class Shutdown(Step):
    """The server has enough, and nobody asked."""

    def play(self, scene):
        if not scene.closed:
            scene.say("S", "reply", self.wish.octets(), after=scene.last["C"], code=self.wish.code)
            scene.closed = scene.over = True


@dataclass(frozen=True)
class Plan:
    """A session. gone: at which part of its packets the connection breaks off; None: it is closed."""

    steps: tuple
    gone: float | None = None
    port: int = 25

    def smaller(self):
        if self.gone is not None:
            yield replace(self, gone=None)
        count = len(self.steps)
        size = count // 2
        while size:
            # The greeting stays: no server goes on without one.
            for at in range(1, count, size):
                yield replace(self, steps=self.steps[:at] + self.steps[at + size:])
            size //= 2
        for at, step in enumerate(self.steps):
            for simpler in step.smaller():
                yield replace(self, steps=self.steps[:at] + (simpler,) + self.steps[at + 1:])


def play(plan, scene):
    """All steps; a client that waits says nothing more when the server has gone."""
    for step in plan.steps:
        if scene.over or (scene.closed and (step.waits or scene.has_to_wait)):
            break
        step.play(scene)
    return scene
