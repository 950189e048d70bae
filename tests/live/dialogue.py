# SPDX-License-Identifier: GPL-2.0-or-later
"""What a client knows of a session: its commands, their replies, its messages.

A client tells it what it sent and what came back, in its own order; partners
follow from SMTP's one rule, that replies come in the order of what they answer.
Nothing here has seen a capture.
"""

import hashlib
import re
from dataclasses import asdict, dataclass, field

PATH = re.compile(r"<([^>]*)>")


@dataclass
class Exchange:
    """Something that the server answers.

    kind: opening (the greeting answers it), command, answer (a step of AUTH),
    end (the final dot), aside (nothing was asked: Sendmail's 050), ignored (a
    command that the server throws away).  replies: each a list of lines without line ends.
    """

    kind: str
    text: str = ""
    tls: bool = False
    replies: list = field(default_factory=list)

    @property
    def code(self):
        return self.replies[-1][-1][:3] if self.replies else ""

    @property
    def verb(self):
        return self.text.split(" ")[0].upper() if self.kind == "command" else ""

    @property
    def ends_message(self):
        return self.kind == "end" or (self.verb == "BDAT" and self.text.upper().endswith(" LAST"))


@dataclass
class Transaction:
    sender: str
    accepted: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    status: str = "incomplete"
    octets: int | None = None
    replies: list = field(default_factory=list)  # to the message

    def queue_ids(self, known):
        """What these replies call the message, if the server's log does so, too."""
        words = (word.strip("<>()[],;.").removeprefix("id=") for line in self.replies for word in line.split())
        return [word for word in words if word in known]

    def recipient(self, address, code):
        (self.accepted if code.startswith("2") else self.refused).append(address)

    def end(self, exchange, lmtp):
        """The replies to the message: one; or one for each recipient, between 353 and one for all with PRDR."""
        codes = [reply[-1][:3] for reply in exchange.replies]
        prdr = codes[0] == "353"
        each = codes[1:-1] if prdr else codes
        if (lmtp or prdr) and len(each) == len(self.accepted):
            late = [address for address, code in zip(self.accepted, each) if not code.startswith("2")]
            self.accepted = [address for address in self.accepted if address not in late]
            self.refused += late
        taken = codes[-1:] if prdr else codes
        self.status = "accepted" if any(code.startswith("2") for code in taken) else "refused"
        self.replies = [line for reply in exchange.replies for line in reply]


def transactions(exchanges, lmtp=False):
    """The transactions that ended or were under way, in order."""
    found, current = [], None
    for exchange in exchanges:
        if exchange.verb == "MAIL" and exchange.replies:
            begun = Transaction(PATH.search(exchange.text).group(1))
            found.append(begun)
            current = begun if exchange.code.startswith("2") else None
            begun.status = "incomplete" if current else "refused"
        elif current is None or not exchange.replies:
            continue
        elif exchange.verb == "RCPT":
            current.recipient(PATH.search(exchange.text).group(1), exchange.code)
        elif exchange.ends_message:
            current.end(exchange, lmtp)
            current = None
        elif exchange.verb == "DATA" and exchange.code != "354" or exchange.verb == "BDAT" and exchange.code[0] != "2":
            current.status = "refused"
            current = None
        elif exchange.verb in ("RSET", "EHLO", "HELO", "LHLO", "QUIT", "STARTTLS") and exchange.code.startswith("2"):
            current.status = "aborted"
            current = None
    return found


@dataclass
class Session:
    """One connection."""

    scenario: str
    client: str
    lmtp: bool = False
    anomalies: list = field(default_factory=list)  # names that smtpx is to give
    user: str | None = None
    inside_only: bool = False  # the client tells of what was inside TLS only
    untold: list = field(default_factory=list)  # commands that the client sends and does not tell of
    exchanges: list = field(default_factory=list)
    mails: list = field(default_factory=list)  # octets, or their SHA-256 once stored
    transactions: list = field(default_factory=list)
    queue_ids: list = field(default_factory=list)
    tls: bool = False

    def ask(self, kind, text=""):
        self.exchanges.append(Exchange(kind, text, self.tls))
        return self.exchanges[-1]

    def told(self, lines):
        """A whole reply: it answers the first that is not answered."""
        exchange = self.waiting()
        assert exchange, f"{self.scenario}: a reply to nothing: {lines}"
        while lines[0].startswith("050"):
            place = next(number for number, one in enumerate(self.exchanges) if one is exchange)
            self.exchanges.insert(place, Exchange("aside", "", self.tls, [[lines.pop(0)]]))
        exchange.replies.append(lines)
        if exchange.verb == "STARTTLS" and exchange.code == "220":
            self.tls = True
        return exchange

    def waiting(self):
        return next((one for number, one in enumerate(self.exchanges) if not self.complete(number)), None)

    def complete(self, number):
        exchange = self.exchanges[number]
        if not exchange.replies:
            return exchange.kind == "ignored"
        several = exchange.replies[0][0][:3] == "353"
        if exchange.ends_message and (self.lmtp or several):
            open_ones = [one for one in transactions(self.exchanges[:number]) if one.status == "incomplete"]
            recipients = len(open_ones[-1].accepted) if open_ones else 1
            return len(exchange.replies) >= (recipients + 2 if several else recipients)
        return True

    def stored(self, known_ids):
        """For JSON.  known_ids: what the server's log calls messages."""
        kept = asdict(self)
        done = transactions(self.exchanges, self.lmtp)
        ended = [one for one in done if one.replies]
        if len(ended) == len(self.mails):
            for one, octets in zip(ended, self.mails):
                one.octets = len(octets)
        kept["queue_ids"] = [word for one in ended for word in one.queue_ids(known_ids)]
        kept["mails"] = [hashlib.sha256(octets).hexdigest() for octets in self.mails]
        kept["transactions"] = [asdict(one) for one in done]
        for one in kept["transactions"]:
            del one["replies"]
        kept["exchanges"] = [brief(one) for one in self.exchanges]
        del kept["tls"]
        return kept


def brief(exchange):
    """Without what is so by default."""
    return {"kind": exchange.kind, **{key: value for key, value in asdict(exchange).items() if value and key != "kind"}}


def restored(kept):
    """A session as stored() gave it; mails are their SHA-256."""
    session = Session(**{key: value for key, value in kept.items() if key not in ("exchanges", "transactions")})
    session.exchanges = [Exchange(**one) for one in kept["exchanges"]]
    session.transactions = [Transaction(**one) for one in kept["transactions"]]
    return session
