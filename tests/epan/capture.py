# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures, written octet for octet: TCP connections over raw IPv4 in pcap."""

import struct
from dataclasses import dataclass, field
from pathlib import Path

START = 1600000000.0  # time of the first frame

SYN, ACK, PSH, FIN = 0x02, 0x10, 0x08, 0x01


@dataclass
class Segment:
    """Some octets of one side ("C" or "S").

    lost: sent, but not in the capture.  at: (frame number, seconds) wanted.
    """

    side: str
    octets: bytes
    lost: bool = False
    at: tuple | None = None


@dataclass
class Connection:
    """One TCP connection; segments in the order in which they are captured."""

    segments: list
    port: int = 25
    client: str = "10.0.0.1"
    server: str = "10.0.0.2"
    client_port: int = 40000
    opened: bool = True
    closed: bool = True
    only: str | None = None  # capture this side's segments alone
    named: bool = False  # the client's address is not to be changed
    isn: dict = field(default_factory=lambda: {"C": 1000, "S": 5000})


class Writer:
    """Collects packets and gives a pcap of them."""

    def __init__(self, snaplen=262144):
        self.frames = 0
        self.time = START - 0.001
        self.snaplen = snaplen
        self.parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, 101)]

    def packet(self, octets, time=None):
        self.time = time if time is not None else round(self.time + 0.001, 6)
        self.frames += 1
        kept = octets[: self.snaplen]
        seconds = int(self.time)
        micro = round((self.time - seconds) * 1000000)
        self.parts.append(struct.pack("<IIII", seconds, micro, len(kept), len(octets)) + kept)
        return self.frames

    def fill(self, number):
        """Packets of something else until the next one has this number."""
        while self.frames < number - 1:
            self.packet(ipv4("10.9.9.1", "10.9.9.2", 17, struct.pack(">HHHH", 9, 9, 8, 0)), self.time)

    def save(self, path):
        with open(path, "wb") as out:
            out.write(b"".join(self.parts))


def ipv4(source, target, protocol, payload):
    def address(text):
        return bytes(int(part) for part in text.split("."))

    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0)
    return header + address(source) + address(target) + payload


def tcp(connection, side, sequence, acknowledged, flags, octets):
    ends = [(connection.client, connection.client_port), (connection.server, connection.port)]
    (source, source_port), (target, target_port) = ends if side == "C" else ends[::-1]
    header = struct.pack(">HHIIBBHHH", source_port, target_port, sequence & 0xFFFFFFFF,
                         acknowledged & 0xFFFFFFFF, 0x50, flags, 65535, 0, 0)
    return ipv4(source, target, 6, header + octets)


def write(writer, connection):
    """Adds a connection; gives its first frame and (segment, frame number) of those with octets."""
    opening = writer.frames + 1
    sequence = dict(connection.isn)
    frames = []

    def send(side, flags, octets=b"", lost=False, at=None):
        other = "S" if side == "C" else "C"
        number = None
        if not lost and connection.only in (None, side):
            if at:
                writer.fill(at[0])
            packet = tcp(connection, side, sequence[side], sequence[other] if flags & ACK else 0, flags, octets)
            number = writer.packet(packet, START + at[1] if at else None)
        sequence[side] += len(octets) + bool(flags & (SYN | FIN))
        return number

    if connection.opened:
        send("C", SYN)
        send("S", SYN | ACK)
        send("C", ACK)
    else:
        sequence = {side: number + 1 for side, number in sequence.items()}
    for segment in connection.segments:
        number = send(segment.side, PSH | ACK, segment.octets, segment.lost, segment.at)
        frames.append((segment, number))
    if connection.closed:
        send("C", FIN | ACK)
        send("S", FIN | ACK)
        send("C", ACK)
    return opening, frames


def numbered(connections):
    """The same connections, each between other addresses."""
    for number, connection in enumerate(connections):
        if connection.named:
            yield connection
            continue
        connection.client = f"10.1.{number // 250 % 250}.{number % 250 + 1}"
        connection.client_port = 20000 + number // 62500
        yield connection


def save(path, connections, snaplen=262144):
    """Writes connections one after the other; gives write()'s result for each."""
    writer = Writer(snaplen)
    frames = [write(writer, connection) for connection in connections]
    writer.save(path)
    return frames


def disordered(connection, chance):
    """The head of a capture, and a connection's packets, one of them lost, doubled or out of order."""
    writer = Writer()
    write(writer, connection)
    packets = writer.parts[1:]
    kind, at = chance.choice(("lost", "doubled", "swapped")), chance.randrange(3, len(packets) - 3)
    if kind == "lost":
        del packets[at]
    elif kind == "doubled":
        packets.insert(at + chance.randint(1, 3), packets[at])
    else:
        packets[at], packets[at + 1] = packets[at + 1], packets[at]
    return writer.parts[0], packets


def save_disordered(path, connections, chance):
    """Writes connections one after the other, each with a packet lost, doubled or out of order."""
    packets = []
    for connection in connections:
        head, more = disordered(connection, chance)
        packets += more
    Path(path).write_bytes(b"".join([head] + packets))


def split(segments, cut):
    """The same octets cut otherwise.

    cut(side, octets) gives the pieces of a run of octets of one side.
    """
    result = []
    run = []
    for segment in list(segments) + [None]:
        if run and (segment is None or segment.side != run[0].side or segment.lost or run[0].lost):
            if run[0].lost:
                result.extend(run)
            else:
                octets = b"".join(part.octets for part in run)
                result.extend(Segment(run[0].side, piece) for piece in cut(run[0].side, octets) if piece)
            run = []
        if segment is not None:
            run.append(segment)
    return result
