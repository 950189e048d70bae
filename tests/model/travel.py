# SPDX-License-Identifier: GPL-2.0-or-later
"""How a session travels: its octets cut into segments, in an order in which both sides can have sent them.

A side sends what it may: units whose `after` the other side has sent. Where a segment
ends, and who sends next, is drawn. What a side has read of the other may lag behind.
"""

from dataclasses import dataclass

from capture import ACK, FIN, PSH, SYN

LARGEST = 1460  # octets in a segment

# How segments are cut, and how often.
STYLES = {"all": 6, "units": 6, "lines": 2, "anywhere": 4, "small": 2, "typed": 1}
MOST_TYPED = 400  # octets of a client that sends each by itself


@dataclass(frozen=True)
class Packet:
    """start: where its octets stand in those of its side; acknowledged: how many of the other side's were read"""

    side: str
    start: int
    octets: bytes
    flags: int
    acknowledged: int
    time: int  # microseconds
    lost: bool = False  # not in the capture


def other(side):
    return "S" if side == "C" else "C"


class Traveller:
    def __init__(self, scene, chance, style):
        self.chance, self.style = chance, style
        self.units = scene.units
        self.queue = {side: [unit for unit in scene.units if unit.side == side] for side in "CS"}
        self.stream = {side: b"".join(unit.octets for unit in self.queue[side]) for side in "CS"}
        self.first = {"C": 0, "S": 0}  # in the queue, of those not sent whole
        self.sent = {"C": 0, "S": 0}
        self.read = {"C": 0, "S": 0}  # of the other side's octets
        self.time = 0
        self.packets = []

    def pause(self):
        self.time += self.chance.choice((7, 113, 1009, 20011, 300007))

    def packet(self, side, flags, octets=b""):
        self.pause()
        self.packets.append(Packet(side, self.sent[side], octets, flags, self.read[side], self.time))
        self.sent[side] += len(octets)

    def needed(self, unit):
        return self.units[unit.after].end if unit.after is not None else 0

    def ready(self, side):
        """(how many octets a side may send, the ends of units and lines among them, what it must have read)"""
        end, ends, needed = self.sent[side], [], self.read[side]
        for unit in self.queue[side][self.first[side]:]:
            wanted = self.needed(unit)
            if wanted > self.sent[other(side)]:
                break
            needed = max(needed, wanted)
            end = unit.end
            ends.append(end)
        return end - self.sent[side], ends, needed

    def length(self, side, count, ends):
        """Of the octets that may be sent, how many are."""
        start = self.sent[side]
        if self.style == "units":
            count = ends[0] - start
        elif self.style == "lines":
            at = self.stream[side].find(b"\n", start, start + count)
            count = at + 1 - start if at >= 0 else count
        elif self.style == "anywhere":
            count = self.chance.choice((count, self.chance.randint(1, count)))
        elif self.style == "small":
            count = self.chance.randint(1, min(count, 24))
        elif self.style == "typed" and side == "C":
            count = 1
        return min(count, LARGEST)

    def send(self, side, count, ends, needed):
        known = self.sent[other(side)]
        lags = self.chance.random() < 0.1
        self.read[side] = self.chance.randint(needed, known) if lags else known
        count = self.length(side, count, ends)
        start = self.sent[side]
        self.packet(side, PSH | ACK, self.stream[side][start:start + count])
        queue = self.queue[side]
        while self.first[side] < len(queue) and queue[self.first[side]].end <= self.sent[side]:
            self.first[side] += 1

    def acknowledge(self, side):
        if self.read[side] < self.sent[other(side)]:
            self.read[side] = self.sent[other(side)]
            self.packet(side, ACK)

    def turn(self):
        """One packet more. @return False: neither side may send any"""
        can = {side: self.ready(side) for side in "CS"}
        sides = [side for side in "CS" if can[side][0]]
        if not sides:
            return False
        side = sides[0] if self.style == "all" else self.chance.choice(sides)
        self.send(side, *can[side])
        if self.chance.random() < 0.15:
            self.acknowledge(other(side))
        return True

    def open(self):
        for side, flags in (("C", SYN), ("S", SYN | ACK), ("C", ACK)):
            self.packet(side, flags)

    def close(self):
        for side, flags in (("C", FIN | ACK), ("S", FIN | ACK), ("C", ACK)):
            self.read[side] = self.sent[other(side)]
            self.packet(side, flags)
            self.sent[side] += bool(flags & FIN)


def draw_style(chance, scene):
    style = chance.choices(list(STYLES), STYLES.values())[0]
    return "lines" if style == "typed" and scene.length["C"] > MOST_TYPED else style


def travel(scene, gone, chance, style):
    """The packets of a session, in the order in which they are captured."""
    made = Traveller(scene, chance, style)
    made.open()
    while made.turn():
        pass
    if gone is not None:
        del made.packets[3 + int(gone * (len(made.packets) - 3)):]
        for side in "CS":
            made.sent[side] = sum(len(packet.octets) for packet in made.packets if packet.side == side)
    made.close()
    return made.packets
