# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws a plan at random: what a client and a server could say to each other.

All that is drawn comes from one Random, so a seed is a plan.
"""

import base64
from dataclasses import replace

from plan import (Auth, Chunk, Command, Greeting, Hello, Message, Plan, Quit, Recipient, Reply, Reset, Sender, Shutdown)

WORDS = "ok sender recipient mail queue fine done accepted example now later please thank you text 250 354 no".split()
LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ0123456789"
UNKNOWN = "XFOO HULLO WIZ DEBUG XYZZY XGIBBERISH".split()
KEYWORDS = ["PIPELINING", "SIZE 10240000", "8BITMIME", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES", "SMTPUTF8", "HELP",
            "AUTH PLAIN LOGIN CRAM-MD5", "STARTTLS", "X-ODD one two"]

# Text that looks like something else.
DECEITS = [b".", b"..", b".x", b"QUIT", b"RSET", b"MAIL FROM:<not@a.command>", b"RCPT TO:<not@a.recipient>", b"DATA",
           b"250 ok", b"354 go", b"EHLO not.a.client", b"NOOP", b"BDAT 10 LAST", b"221 bye", b"AUTH PLAIN"]


def some(chance, words, least, most):
    return " ".join(chance.choice(words) for _ in range(chance.randint(least, most)))


def name(chance):
    return "".join(chance.choice("abcdefghijklmnop") for _ in range(chance.randint(1, 8)))


def address(chance):
    return f"{name(chance)}@{name(chance)}.example"


def identifier(chance):
    return "".join(chance.choice(LETTERS) for _ in range(chance.randint(8, 12)))


# ---- Replies ----

ODD_LINES = [b"050 out of the way\r\n", b"ok, whatever\r\n", b"199 not yet\r\n"]


def reply(chance, code, *texts):
    texts = texts or tuple(some(chance, WORDS, 1, 4) for _ in range(chance.choice((1, 1, 1, 1, 2, 3))))
    return Reply(code, texts)


def odd(chance, made):
    """A reply as few servers say it; its digits decide all the same."""
    between = chance.choice((":", ": ", "\t", ""))
    text = made.texts[-1] if between.strip() or made.texts[-1][:1].isalpha() else "fine"
    return replace(made, texts=(text,), between=between)


def good(chance, code=250):
    enhanced = chance.choice(("", "2.0.0 ", "2.1.0 ")) if code != 354 else ""
    return reply(chance, code, enhanced + some(chance, WORDS, 0, 3)) if chance.random() < 0.9 else reply(chance, code)


def bad(chance, *codes):
    code = chance.choice(codes)
    enhanced = chance.choice(("", f"{code // 100}.7.1 ", f"{code // 100}.1.1 "))
    return reply(chance, code, enhanced + some(chance, WORDS, 1, 4)) if chance.random() < 0.8 else reply(chance, code)


def either(chance, share, *codes, code=250):
    return good(chance, code) if chance.random() < share else bad(chance, *codes)


def final(chance):
    """The reply to a message, and the queue id in it."""
    if chance.random() < 0.2:
        return bad(chance, 550, 554, 552, 451, 452), None
    name_of_it = identifier(chance)
    forms = [("2.0.0 Ok: queued as %s", name_of_it), ("2.0.0 %s Message accepted for delivery", name_of_it),
             ("OK id=%s", name_of_it), ("ok", None)]
    text, known = chance.choice(forms)
    return Reply(250, (text % name_of_it if "%" in text else text,)), known


def finals(chance):
    return tuple(final(chance) for _ in range(chance.randint(1, 3)))


# ---- Commands ----

def case(chance, verb):
    """A verb as it is typed."""
    return chance.choice((verb, verb, verb, verb.lower(), verb.capitalize()))


def command(chance, made, verb, argument, wish, waits, **more):
    return made(wish, waits, line=f"{case(chance, verb)}{argument}", verb=verb.strip(), **more)


def sender(chance, waits):
    to = "" if chance.random() < 0.1 else address(chance)
    parameters = chance.choice(("", "", " SIZE=1000", " BODY=8BITMIME SIZE=20", " RET=HDRS ENVID=x1"))
    return command(chance, Sender, "MAIL", f" FROM:<{to}>{parameters}", either(chance, 0.9, 550, 451, 501, 530), waits,
                   address=to)


def recipient(chance, waits):
    to = address(chance)
    parameters = chance.choice(("", "", "", " NOTIFY=SUCCESS,FAILURE"))
    wish = either(chance, 0.75, 550, 450, 452, 553, code=chance.choice((250, 250, 250, 251)))
    return command(chance, Recipient, "RCPT", f" TO:<{to}>{parameters}", wish, waits, address=to)


def small_talk(chance, waits, many):
    """A command that leaves all as it is. many: one that others may stand behind in a group."""
    kind = chance.choice(("NOOP", "RSET", "VRFY", "HELP", "EXPN", "unknown", "NOOP", "RSET"))
    if many and kind in ("VRFY", "HELP", "EXPN", "unknown"):
        kind = "RSET"
    if kind == "RSET":
        return command(chance, Reset, "RSET", "", good(chance), waits)
    if kind == "unknown":
        return command(chance, Command, chance.choice(UNKNOWN), chance.choice(("", " one two")),
                       bad(chance, 500, 502), waits)
    argument = {"NOOP": "", "HELP": "", "VRFY": f" {name(chance)}", "EXPN": f" {name(chance)}"}[kind]
    wish = {"NOOP": good(chance), "HELP": reply(chance, 214), "VRFY": either(chance, 0.5, 550, code=252),
            "EXPN": either(chance, 0.5, 550)}[kind]
    return command(chance, Command, kind, argument, wish, waits)


# ---- Messages ----

def line(chance):
    drawn = chance.random()
    if drawn < 0.1:
        return b""
    if drawn < 0.13:
        return chance.choice(DECEITS)
    if drawn < 0.15:
        return b"." * chance.randint(1, 3) + name(chance).encode()
    if drawn < 0.2:
        return bytes(chance.choice(b"ABCDEFGHabcdefgh0123+/") for _ in range(76))
    if drawn < 0.22:
        return "Grüße aus Köln".encode()
    return some(chance, WORDS, 1, 12).encode()


def lines(chance):
    if chance.random() < 0.05:
        return ()
    header = [b"Subject: " + name(chance).encode(), b"From: " + address(chance).encode(), b""]
    count = chance.choice((0, 1, 2, 3, 5, 8, 13, 40))
    return tuple(header[chance.randint(0, 2):] + [line(chance) for _ in range(count)])


def chunks(chance, waits):
    count = chance.choice((1, 1, 2, 3))
    ready = waits or chance.random() < 0.3
    for number in range(count):
        octets = b"\r\n".join(lines(chance)) + b"\r\n"
        octets = octets if chance.random() < 0.9 else octets[:chance.randint(0, 3)]
        # 500 would say that the server knows no BDAT, and so nothing of its chunk.
        wish = either(chance, 0.93, 503, 552, 451)
        yield Chunk(wish, waits if not number else ready, octets=octets, last=number == count - 1, finals=finals(chance),
                    unsent=chance.random() < 0.5)


def mail(chance, pipelined, chunking, nested):
    """The steps of a transaction."""
    yield sender(chance, True)
    waits = not pipelined
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        yield recipient(chance, waits)
    if chance.random() < 0.05:
        yield small_talk(chance, waits, True)
    if nested and chance.random() < 0.04:
        yield sender(chance, waits)
    if chance.random() < 0.05:
        return
    if chunking and chance.random() < 0.4:
        yield from chunks(chance, waits)
    else:
        wish = either(chance, 0.93, 451, 503, 554, code=354)
        yield command(chance, Message, "DATA", "", wish, waits, lines=lines(chance), finals=finals(chance))


# ---- AUTH ----

def coded(text):
    return base64.b64encode(text.encode()).decode()


def auth(chance):
    user, secret = name(chance), name(chance)
    accepted = chance.random() < 0.7
    plain = coded(f"\0{user}\0{secret}")
    forms = {
        "PLAIN now": ("PLAIN", f" {plain}", ()),
        "PLAIN": ("PLAIN", "", (("", plain),)),
        "LOGIN": ("LOGIN", "", ((coded("Username:"), coded(user)), (coded("Password:"), coded(secret)))),
        "LOGIN now": ("LOGIN", f" {coded(user)}", ((coded("Password:"), coded(secret)),)),
        "CRAM-MD5": ("CRAM-MD5", "", ((coded("<1.2@mx.example>"), coded(f"{user} {'0123456789abcdef' * 2}")),)),
        "EXTERNAL": ("EXTERNAL", " =", ()),
        "unknown": ("XSECRET", "", ()),
    }
    form = chance.choice(list(forms))
    mechanism, argument, rounds = forms[form]
    result, code = ("accepted", 235) if accepted else ("refused", chance.choice((535, 535, 454, 534)))
    if form == "unknown":
        result, code = "refused", 504
    known = None if form in ("EXTERNAL", "unknown") else user
    if rounds and chance.random() < 0.1:
        rounds = rounds[:-1] + ((rounds[-1][0], "*"),)
        result, code = "cancelled", 501
        known = user if form.startswith("LOGIN") else None
    return Auth(reply(chance, code), True, line=f"AUTH {mechanism}{argument}", verb="AUTH", rounds=rounds, user=known,
                result=result)


# ---- Sessions ----

def hello(chance, verb):
    texts = ["mx.example at your service"]
    if verb != "HELO":
        texts += chance.sample(KEYWORDS, chance.randint(0, 6))
    return command(chance, Hello, verb, f" {name(chance)}.example", Reply(250, tuple(texts)), True)


def opening(chance, verb):
    if chance.random() < 0.02:
        yield Greeting(Reply(chance.choice((554, 421)), ("mx.example ESMTP not for you",)))
        return
    yield Greeting(Reply(220, ("mx.example ESMTP ready", "be nice")[:chance.choice((1, 1, 1, 2))]))
    if verb == "EHLO" and chance.random() < 0.05:
        yield command(chance, Command, "EHLO", " c.example", bad(chance, 500, 502), True)
        verb = "HELO"
    yield hello(chance, verb)
    if verb == "EHLO" and chance.random() < 0.05:
        yield command(chance, Command, "STARTTLS", "", bad(chance, 454, 502), True)


def body(chance, verb, traits):
    pipelined, chunking = verb != "HELO" and chance.random() < 0.5, verb != "HELO" and chance.random() < 0.4
    chunking = chunking and (verb != "LHLO" or "LMTP chunks" in traits)
    if verb == "EHLO" and chance.random() < 0.3:
        for _ in range(chance.choice((1, 1, 2))):
            yield auth(chance)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        if chance.random() < 0.2:
            yield small_talk(chance, True, False)
        yield from mail(chance, pipelined and chance.random() < 0.9, chunking, "nested MAIL" in traits)
    if chance.random() < 0.04:
        yield Shutdown(Reply(421, ("4.4.2 mx.example Error: timeout exceeded",)))
    if chance.random() < 0.85:
        yield command(chance, Quit, "QUIT", "", Reply(221, ("2.0.0 bye",)[:1]), True if not pipelined else chance.random() < 0.5)


def unusual(chance, steps, traits):
    """The server closes behind a reply to any command; or says one oddly, or something before it that is none."""
    steps = list(steps)

    def change(share, wish):
        at = chance.randrange(len(steps))
        if chance.random() < share and at and not isinstance(steps[at], Shutdown):
            steps[at] = replace(steps[at], wish=wish(steps[at].wish))

    change(0.04, lambda _: Reply(421, ("4.3.0 mx.example shutting down",)))
    if "odd replies" in traits:
        change(0.08, lambda wish: odd(chance, wish))
    if "stray lines" in traits:
        change(0.08, lambda wish: replace(wish, before=(chance.choice(ODD_LINES),)))
        # Behind a line without a code nobody can tell whether the client took it for its answer, or did not wait.
        steps = [replace(step, wish=replace(step.wish, before=())) if step.wish.before and not following.waits else step
                 for step, following in zip(steps, steps[1:])] + steps[-1:]
    if "unsent chunks" not in traits:
        steps = [replace(step, unsent=False) if isinstance(step, Chunk) else step for step in steps]
    return tuple(steps)


# What a session may have besides what is usual.
TRAITS = ("odd replies", "stray lines", "unsent chunks", "LMTP chunks", "nested MAIL")


def draw(chance, traits=TRAITS):
    verb = chance.choice(("EHLO", "EHLO", "EHLO", "HELO", "LHLO"))
    steps = list(opening(chance, verb))
    if not steps[0].wish.code in (421, 554):
        steps += body(chance, verb, traits)
    gone = chance.random() if chance.random() < 0.1 else None
    return Plan(unusual(chance, steps, traits), gone, chance.choice((25, 25, 587)))
