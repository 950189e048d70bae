# SPDX-License-Identifier: GPL-2.0-or-later
"""What captures do to packets: some are lost, come late, come twice, or are cut short.

A hit is (which packet, by how many it comes later).  Hits are drawn, or given, so that
shrink.py can leave some of them out.
"""

from dataclasses import dataclass, replace

SHARE = 0.02  # of the packets


@dataclass(frozen=True)
class Damage:
    """One kind of it, and the settings of Wireshark that it is read with."""

    name: str
    apply: object = None  # (packets, hits) -> packets
    snaplen: int = 262144
    options: tuple = ()
    share: float = SHARE

    def draw(self, packets, chance):
        if not self.apply:
            return ()
        return tuple((at, chance.randint(1, 5)) for at in range(len(packets)) if chance.random() < self.share)


def lose(packets, hits):
    lost = {at for at, _ in hits}
    return [replace(packet, lost=at in lost) for at, packet in enumerate(packets)]


def moved(packets, hits, keep):
    """Each packet that is hit comes some packets later; keep: and at its place, too."""
    later = {}
    hits = [one for one in hits if one[0] < len(packets)]
    for at, distance in hits:
        later.setdefault(min(at + distance, len(packets) - 1), []).append(packets[at])
    hit = {at for at, _ in hits}
    for at, packet in enumerate(packets):
        if keep or at not in hit:
            yield packet
        yield from later.get(at, [])


def delay(packets, hits):
    return list(moved(packets, hits, False))


def double(packets, hits):
    return list(moved(packets, hits, True))


IN_ORDER = ("-o", "tcp.reassemble_out_of_order:TRUE")

KINDS = {one.name: one for one in (
    Damage("none"),
    Damage("lost", lose),
    Damage("lost-ordered", lose, options=IN_ORDER),
    Damage("late", delay),
    Damage("late-ordered", delay, options=IN_ORDER),
    Damage("doubled", double),
    Damage("doubled-ordered", double, options=IN_ORDER),
    Damage("snaplen-96", snaplen=96),
    Damage("snaplen-128", snaplen=128),
    Damage("snaplen-200", snaplen=200),
    Damage("snaplen-300", snaplen=300),
)}
