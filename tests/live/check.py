# SPDX-License-Identifier: GPL-2.0-or-later
"""What smtpx shows and exports of a recording, against what the client and the server's log know.

One run of tshark a recording. Complaints are sentences; none means all is well.
"""

import hashlib
import json
import subprocess
from collections import Counter
from dataclasses import dataclass, field

import wireshark
from dialogue import restored

NOTE = 0x00400000  # expert severity
OPAQUE = ("smtpx.text", "smtpx.opaque")


@dataclass
class Unit:
    """Something of one side, as smtpx shows it."""

    frame: int
    side: str
    kind: str
    text: str
    lines: list
    partner: int | None
    tls: bool


@dataclass
class Shown:
    """One session."""

    units: list = field(default_factory=list)
    anomalies: list = field(default_factory=list)
    transactions: list = field(default_factory=list)
    queue_ids: list = field(default_factory=list)
    users: set = field(default_factory=set)
    worse: list = field(default_factory=list)
    opaque: list = field(default_factory=list)


def first(item, name):
    return next((one.show for one in item.every() if one.name == name), None)


def every(item, name):
    return [one.show for one in item.every() if one.name == name]


def unit_of(frame, item, tls):
    """A unit, if the item is one that has a partner or should have."""
    partner = first(item, "smtpx.response_in")
    asked = first(item, "smtpx.response_to")
    lines = every(item, "smtpx.reply")
    if lines:
        return Unit(frame, "S", "reply", "", lines, asked and int(asked), tls)
    kind = {"smtpx.command": "command", "smtpx.end_of_data": "end"}.get(item.name)
    if item.label.startswith("Authentication answer"):
        kind = "answer"
    if kind is None and partner is None:
        return None
    if item.name in ("smtpx.message", "smtpx.message.chunk_octets"):
        kind = "end"  # a server took another end than CRLF . CRLF
    return Unit(frame, "C", kind or item.name, item.show if kind == "command" else "", [], partner and int(partner), tls)


def read(frames):
    """The sessions of a capture, by their ordinal."""
    sessions = {}
    for frame in frames.values():
        for protocol in frame.protocols:
            if protocol.name == "smtpx":
                read_protocol(frame.number, protocol, sessions)
    return sessions


def read_protocol(number, protocol, sessions):
    shown = sessions.setdefault(int(first(protocol, "smtpx.session")), Shown())
    tls = first(protocol, "smtpx.tls") == "1"
    for item in protocol.children:
        unit = None if item.hidden else unit_of(number, item, tls)
        if unit:
            shown.units.append(unit)
        if first(item, "smtpx.transaction.status"):
            shown.transactions.append(item)
    shown.queue_ids += every(protocol, "smtpx.transaction.queue_id")
    shown.anomalies += every(protocol, "smtpx.anomaly")
    shown.users.update(every(protocol, "smtpx.session.username"))
    shown.opaque += [f"frame {number}: {name}" for name in OPAQUE if first(protocol, name) is not None]
    shown.worse += [f"frame {number}: expert item {item.label}" for item in protocol.every()
                    if item.name == "_ws.expert.severity" and int(item.show) > NOTE]


# ---- Shown against expected ----

def complaints(expected, shown):
    exchanges = [one for one in expected.exchanges if one.tls or not expected.inside_only]
    units = told_of(expected, shown.units)
    yield from compare("client", [("command" if one.kind == "ignored" else one.kind,
                                   one.text if one.kind in ("command", "ignored") else "", one.tls)
                                  for one in exchanges if one.kind not in ("opening", "aside")],
                       [(unit.kind, unit.text, unit.tls) for unit in units if unit.side == "C"])
    yield from compare("server", all_replies(exchanges), [unit.lines for unit in units if unit.side == "S"])
    yield from partners(exchanges, units)
    yield from compare("anomalies", sorted(expected.anomalies), sorted(set(shown.anomalies)))
    if not expected.anomalies:
        yield from shown.worse
    yield from shown.opaque
    yield from compare("users", {expected.user} if expected.user else set(), shown.users)
    yield from compare("queue ids", expected.queue_ids, shown.queue_ids)
    yield from compare("transactions", [facts(one) for one in expected.transactions],
                       [shown_facts(item) for item in shown.transactions])


def told_of(expected, units):
    """Without what the client does not tell of."""
    if expected.inside_only:
        units = [unit for unit in units if unit.tls]
    for text in expected.untold:
        command = next((unit for unit in units if unit.text == text), None)
        units = [unit for unit in units if unit is not command
                 and not (command and unit.side == "S" and unit.partner == command.frame and unit.frame == command.partner)]
    return units


def compare(what, wanted, found):
    if wanted == found:
        return
    if isinstance(wanted, list):
        for number, (one, other) in enumerate(zip(wanted, found)):
            if one != other:
                if isinstance(one, dict):
                    one, other = ({key: value for key, value in this.items() if value != that[key]}
                                  for this, that in ((one, other), (other, one)))
                yield f"{what} {number}: {one} expected, {other} shown"
                return
    yield f"{what}: {wanted} expected, {found} shown"


def all_replies(exchanges):
    """Tabs as blanks: XML's attributes do not tell them apart."""
    return [[line.replace("\t", " ") for line in reply] for one in exchanges for reply in one.replies]


def partners(exchanges, units):
    """Each with its partner, in both directions; the greeting answers the opening."""
    asked = iter([unit for unit in units if unit.side == "C"])
    told = iter([unit for unit in units if unit.side == "S"])
    for exchange in exchanges:
        command = None if exchange.kind in ("opening", "aside") else next(asked, None)
        replies = [unit for unit in (next(told, None) for _ in exchange.replies) if unit]
        name = exchange.text or exchange.kind
        for reply in replies:
            if exchange.kind == "opening" and (reply.partner is None or reply.partner >= reply.frame):
                yield f"the greeting answers {reply.partner}"
            elif exchange.kind == "aside" and reply.partner is not None:
                yield f"{reply.lines} answers {reply.partner}, not nothing"
            elif command and reply.partner != command.frame:
                yield f"{name}: reply {reply.lines} in frame {reply.frame} answers {reply.partner}, not {command.frame}"
        if command and command.partner != (replies[0].frame if replies else None):
            yield f"{name}: answered in {command.partner}, not in {replies[0].frame if replies else None}"


def facts(transaction):
    return {"sender": transaction.sender, "accepted": transaction.accepted, "refused": transaction.refused,
            "status": transaction.status, "octets": transaction.octets}


def shown_facts(item):
    octets = first(item, "smtpx.transaction.octets")
    return {"sender": first(item, "smtpx.transaction.sender"), "accepted": every(item, "smtpx.transaction.recipient"),
            "refused": every(item, "smtpx.transaction.refused"), "status": first(item, "smtpx.transaction.status"),
            "octets": octets and int(octets)}


@dataclass
class Result:
    """Of one recording: complaints and SHA-256 of exported mail, each by session."""

    complaints: dict
    wanted: Counter
    exported: Counter

    @property
    def missing(self):
        return self.wanted - self.exported

    @property
    def invented(self):
        return self.exported - self.wanted


def check(home, capture, description):
    """A recording in tshark with smtpx, which is told the server's ports."""
    told = json.loads(description.read_text(encoding="utf-8"))
    expected = [restored(kept) for kept in told["sessions"]]
    copy = home.file(capture.name)
    copy.write_bytes(capture.read_bytes())
    home.own(copy)
    folder = home.file(capture.name + ".objects")
    home.run("mkdir", folder)
    pdml = home.tshark("-r", copy, "-2", "-T", "pdml", "-J", "smtpx", "-Y", "smtpx",
                       "-o", f"smtpx.tcp.port:{','.join(map(str, told['ports']))}",
                       "--export-objects", f"imf,{folder}")
    shown = read({frame.number: frame for frame in wireshark.parse_pdml(pdml)})
    found = {}
    for number, session in enumerate(expected):
        found[f"{number + 1}. {session.client}, {session.scenario}"] = list(
            complaints(session, shown.get(number + 1, Shown())))
    if len(shown) != len(expected):
        found["all"] = [f"{len(expected)} sessions expected, {len(shown)} shown"]
    exported = Counter(hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir())
    subprocess.run(["rm", "-r", copy, folder], check=True)
    return Result(found, Counter(mail for session in expected for mail in session.mails), exported)
