# SPDX-License-Identifier: GPL-2.0-or-later
"""From what programs print to a dialogue.Session: lines of either side, in their order."""

import re


def follow(session, events):
    """events: (side, line) pairs; side C or S. A message's lines may or may not be among them."""
    session.ask("opening")
    reply, in_message = [], False
    for side, line in events:
        if side == "S":
            if in_message:
                session.ask("end")
                in_message = False
            reply.append(line)
            if line[3:4] != "-":
                exchange = session.told(reply)
                reply = []
                in_message = exchange.verb == "DATA" and exchange.code == "354"
        elif not in_message:
            session.ask("answer" if is_asked(session) else "command", line)
    return session


def is_asked(session):
    """Is the client in the middle of AUTH?"""
    return session.waiting() is None and bool(session.exchanges) and session.exchanges[-1].code == "334"


def lines(text, pattern):
    """(side, line) of each line that matches; the pattern has a group for the side's mark."""
    for line in text.splitlines():
        match = re.match(pattern, line)
        if match:
            yield "C" if ">" in match.group(1) else "S", match.group(2)


def swaks(text):
    """" -> EHLO", "<-  250 ok", "<** 550 no"; with ~ for - inside TLS."""
    return lines(text, r"( ->|<- |<\*\*| ~>|<~ |<~\*) ?(.*)")


def curl(text):
    return lines(text, r"([<>]) (.*)")


def msmtp(text):
    return lines(text, r"(<--|-->) (.*)")
