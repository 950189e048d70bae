# SPDX-License-Identifier: GPL-2.0-or-later
"""A session to be tried: a plan, how it is cut, and what is damaged; many of them in one capture."""

from dataclasses import dataclass
from random import Random

import draw
import travel
import wire
from compare import compare_whole
from compare_damaged import compare_damaged
from damage import KINDS
from expect import Placed
from plan import play
from scene import Scene
from show import shown


@dataclass(frozen=True)
class Case:
    """seed: of the cuts, the order and the damage.  hits: see damage.py; None: drawn"""

    plan: object
    style: str
    seed: int
    hits: tuple | None = None

    def packets(self, damage):
        """(scene, packets, hits)"""
        scene, chance = play(self.plan, Scene()), Random(self.seed)
        packets = travel.travel(scene, self.plan.gone, chance, self.style)
        forget_unsent(scene, packets)
        hits = damage.draw(packets, chance) if self.hits is None else self.hits
        return scene, damage.apply(packets, hits) if hits else packets, hits


def forget_unsent(scene, packets):
    """What the server would have said of a mail behind the end of the connection did not happen."""
    sent = sum(len(packet.octets) for packet in packets if packet.side == "S")
    for mail in scene.mails:
        if mail.decided is not None and scene.units[mail.decided].end > sent:
            mail.status = mail.decided = None


def drawn(seed, number, traits):
    """The case with this number of a seed."""
    chance = Random(f"{seed} {number}")
    plan = draw.draw(chance, traits)
    return Case(plan, travel.draw_style(chance, play(plan, Scene())), chance.randrange(1 << 30))


class Trial:
    """Cases in one capture, and what is wrong with each."""

    def __init__(self, home, cases, damage=KINDS["none"]):
        capture = wire.Capture(damage.snaplen)
        self.cases = cases
        self.placed = []
        for case in cases:
            scene, packets, _ = case.packets(damage)
            self.placed.append(Placed(scene, capture.add(packets, case.plan.port)))
        path = home.file("model.pcap")
        capture.save(path)
        self.shown = shown(home, home.own(path), *damage.options)
        compare = compare_whole if damage.name == "none" else compare_damaged
        compared = [compare(placed, self.shown) for placed in self.placed]
        self.wrong = [wrong for wrong, _ in compared]
        self.counts = [counts for _, counts in compared]

    def failing(self):
        return [case for case, wrong in zip(self.cases, self.wrong) if wrong]
