# SPDX-License-Identifier: GPL-2.0-or-later
"""A session to be tried: a plan, how it is cut, and what is damaged; many of them in one capture."""

from dataclasses import dataclass
from random import Random

import draw
import travel
import wire
from compare import compare_whole
from expect import Placed
from plan import play
from scene import Scene
from show import shown


@dataclass(frozen=True)
class Case:
    """seed: of the cuts and the order"""

    plan: object
    style: str
    seed: int

    def packets(self):
        scene = play(self.plan, Scene())
        return scene, travel.travel(scene, self.plan.gone, Random(self.seed), self.style)


def drawn(seed, number, traits):
    """The case with this number of a seed."""
    chance = Random(f"{seed} {number}")
    plan = draw.draw(chance, traits)
    return Case(plan, travel.draw_style(chance, play(plan, Scene())), chance.randrange(1 << 30))


class Trial:
    """Cases in one capture, and what is wrong with each."""

    def __init__(self, home, cases, options=()):
        capture = wire.Capture()
        self.cases = cases
        self.placed = []
        for case in cases:
            scene, packets = case.packets()
            self.placed.append(Placed(scene, capture.add(packets, case.plan.port)))
        path = home.file("model.pcap")
        capture.save(path)
        self.shown = shown(home, home.own(path), *options)
        self.wrong = [list(compare_whole(placed, self.shown)) for placed in self.placed]

    def failing(self):
        return [case for case, wrong in zip(self.cases, self.wrong) if wrong]
