# SPDX-License-Identifier: GPL-2.0-or-later
"""The smallest case that fails as a given one does, and how it is told.

All smaller cases of a round stand in one capture, so a round is one run of tshark.
"""

from dataclasses import replace

from case import Trial

ROUNDS = 60
TRIES = 3  # with other cuts
MOST_HITS = 30
SIMPLER = {"all": (), "units": ("all",)}


def smaller(case, damage):
    """Simpler cases: without steps, lines, cuts or damage."""
    for plan in case.plan.smaller():
        yield from hit(replace(case, plan=plan), damage)
    for style in SIMPLER.get(case.style, ("all", "units", "lines")):
        yield from hit(replace(case, style=style), damage)
    yield from with_less_damage(case, damage)


def hit(case, damage):
    """The same case cut otherwise, and hit in one place, if it can be."""
    for number in range(TRIES if case.style not in ("all", "units") else 1):
        made = replace(case, seed=case.seed + number, hits=None)
        yield made
        if damage.apply:
            count = len(made.packets(damage)[1])
            for at in range(3, count, max(count // MOST_HITS, 1)):
                yield replace(made, hits=((at, 1),))


def with_less_damage(case, damage):
    hits = case.packets(damage)[2]
    for at in range(len(hits) if len(hits) > 1 else 0):
        yield replace(case, hits=hits[:at] + hits[at + 1:])


def size(case, damage):
    scene, packets, hits = case.packets(damage)
    return sum(scene.length.values()) + 20 * len(packets) + 500 * len(hits)


def shrink(home, case, damage):
    """A case that fails in the same field; none of its simpler ones does."""
    field = Trial(home, [case], damage).wrong[0][0].field
    for _ in range(ROUNDS):
        trial = Trial(home, list(smaller(case, damage)), damage)
        failing = [one for one, wrong in zip(trial.cases, trial.wrong) if wrong and wrong[0].field == field]
        best = min(failing, key=lambda one: size(one, damage), default=case)
        if size(best, damage) >= size(case, damage):
            break
        case = best
    return case


def escaped(octets):
    text = octets.decode("utf-8", "backslashreplace").replace("\\", "\\\\").replace("\t", "\\t").replace("\0", "\\x00")
    return text.replace("\r", "\\r")


def told(home, case, damage):
    """The case like a transcript (tests/epan/transcript.py), and what is wrong with it."""
    trial = Trial(home, [case], damage)
    yield f"# port {case.plan.port}, cut: {case.style}, damage: {damage.name}"
    number = 0
    before = None
    for packet in case.packets(damage)[1]:
        number += not packet.lost
        if not packet.octets:
            continue
        if before == packet.side:
            yield "--"
        before = packet.side
        yield f"# frame {number}, acknowledges {packet.acknowledged}"
        mark = "?" if packet.lost else ":"
        for line in lines_of(packet.octets):
            text = escaped(line[:-2] if line.endswith(b"\r\n") else line.rstrip(b"\n"))
            yield f"{packet.side}{mark} {text}" + ("" if line.endswith(b"\r\n") else "\\n\\" if line.endswith(b"\n") else "\\")
    for wrong in trial.wrong[0]:
        yield f"# {wrong}"


def lines_of(octets):
    """Lines with their line ends, LF."""
    while octets:
        end = octets.find(b"\n") + 1 or len(octets)
        yield octets[:end]
        octets = octets[end:]
