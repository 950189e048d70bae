# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions to a capture file, and at which frames their octets stand in it."""

import struct
from dataclasses import dataclass

import capture
from capture import SYN

FIRST = 1600000000 * 1000000  # microseconds; of the first frame
HEADERS = 40  # octets of IP and TCP


@dataclass(frozen=True)
class Frame:
    """A packet in the capture; kept: how many of its octets are there."""

    number: int
    packet: object
    kept: int
    time: int


class Capture:
    def __init__(self, snaplen=262144):
        self.snaplen = snaplen
        self.parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, 101)]
        self.count = 0
        self.time = FIRST
        self.sessions = 0

    def add(self, packets, port):
        """One session; gives its Frames."""
        number = self.sessions
        self.sessions += 1
        ends = capture.Connection([], port=port, client=f"10.{1 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}",
                                  client_port=20000 + number % 40000)
        base = self.time
        frames = [self.frame(packet, ends, base) for packet in packets if not packet.lost]
        self.time += 1000000
        return frames

    def frame(self, packet, ends, base):
        isn = ends.isn
        syn = bool(packet.flags & SYN)
        octets = capture.tcp(ends, packet.side, isn[packet.side] + packet.start + (not syn),
                             isn["S" if packet.side == "C" else "C"] + packet.acknowledged + 1, packet.flags, packet.octets)
        self.count += 1
        self.time = max(self.time, base + packet.time)
        seconds, micro = divmod(self.time, 1000000)
        kept = octets[:self.snaplen]
        self.parts.append(struct.pack("<IIII", seconds, micro, len(kept), len(octets)) + kept)
        return Frame(self.count, packet, max(len(kept) - HEADERS, 0), self.time)

    def save(self, path):
        path.write_bytes(b"".join(self.parts))
