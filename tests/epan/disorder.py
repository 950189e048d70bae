# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections as captures have them at a bad moment: octets missing, doubled, late, cut.

A packet is (side, sequence number, octets, flags, acknowledged). Each kind of
damage gives variants of a connection's packets; the octets in them are never
others than those that were sent.
"""

from dataclasses import dataclass, replace

import capture
from capture import ACK, FIN, PSH, SYN


@dataclass(frozen=True)
class Packet:
    side: str
    sequence: int
    octets: bytes
    flags: int
    acknowledged: int


def packets(connection):
    """All packets of a connection, in order."""
    sequence = dict(connection.isn)
    made = []

    def send(side, flags, octets=b""):
        other = "S" if side == "C" else "C"
        made.append(Packet(side, sequence[side], octets, flags, sequence[other] if flags & ACK else 0))
        sequence[side] += len(octets) + bool(flags & (SYN | FIN))

    send("C", SYN)
    send("S", SYN | ACK)
    send("C", ACK)
    for segment in connection.segments:
        send(segment.side, PSH | ACK, segment.octets)
    send("C", FIN | ACK)
    send("S", FIN | ACK)
    send("C", ACK)
    return made


def carrying(made):
    """Indices of the packets with octets."""
    return [index for index, packet in enumerate(made) if packet.octets]


# ---- Damage: each gives the variants of a list of packets ----

def missing(made):
    for at in carrying(made):
        yield made[:at] + made[at + 1:]


def doubled(made):
    """One packet again, right behind itself and two packets later."""
    for at in carrying(made):
        for later in (1, 3):
            yield made[:at + later] + [made[at]] + made[at + later:]


def kept_alive(made):
    """The last octet of a packet again, right behind it: a keep-alive with an octet."""
    for at in carrying(made):
        packet = made[at]
        last = replace(packet, sequence=packet.sequence + len(packet.octets) - 1, octets=packet.octets[-1:])
        yield made[:at + 1] + [last] + made[at + 1:]


def swapped(made):
    """One packet behind the next one, where both are of the same side."""
    for at in carrying(made)[:-1]:
        if made[at + 1].octets and made[at + 1].side == made[at].side:
            yield made[:at] + [made[at + 1], made[at]] + made[at + 2:]


def late(made):
    """One packet behind the next one of the same side, which comes after replies."""
    for at in carrying(made):
        behind = next((index for index in carrying(made) if index > at and made[index].side == made[at].side), None)
        if behind is not None and behind > at + 1:
            yield made[:at] + made[at + 1:behind + 1] + [made[at]] + made[behind + 1:]


def whole(made):
    """Nothing is missing; for what a small snaplen leaves of it."""
    yield made


def overlapping(made):
    """One packet that begins with the last half of the packet before it on its side."""
    for at in carrying(made):
        before = [packet for packet in made[:at] if packet.side == made[at].side and packet.octets]
        if not before or len(before[-1].octets) < 2:
            continue
        again = before[-1].octets[len(before[-1].octets) // 2:]
        packet = made[at]
        yield made[:at] + [Packet(packet.side, packet.sequence - len(again), again + packet.octets, packet.flags,
                                  packet.acknowledged)] + made[at + 1:]


def one_side(made):
    for side in "CS":
        yield [packet for packet in made if packet.side == side]


def beginning_later(made):
    """The capture begins with each of the packets."""
    for at in carrying(made)[1:]:
        yield made[at:]


def save(path, port, variants, snaplen=262144):
    """Writes variants, a connection each; gives the frame of each packet with octets: {packet: frame} for each."""
    writer = capture.Writer(snaplen)
    frames = []
    for number, variant in enumerate(variants):
        connection = capture.Connection([], port=port)
        connection.client = f"10.{2 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}"
        connection.client_port = 20000 + number % 40000
        frames.append({})
        for packet in variant:
            octets = capture.tcp(connection, packet.side, packet.sequence, packet.acknowledged, packet.flags, packet.octets)
            frames[-1].setdefault(packet, writer.packet(octets))
    writer.save(path)
    return frames
