# SPDX-License-Identifier: GPL-2.0-or-later
"""The smallest case that fails as a given one does, and how it is told.

All smaller cases of a round stand in one capture, so a round is one run of tshark.
"""

from dataclasses import replace

from case import Trial

ROUNDS = 60
TRIES = 3  # with other cuts
SIMPLER = {"all": (), "units": ("all",)}


def smaller(case):
    """Simpler cases: without steps, lines or cuts."""
    for plan in case.plan.smaller():
        for number in range(TRIES if case.style not in ("all", "units") else 1):
            yield replace(case, plan=plan, seed=case.seed + number)
    for style in SIMPLER.get(case.style, ("all", "units", "lines")):
        yield replace(case, style=style)


def size(case):
    scene, packets = case.packets()
    return sum(scene.length.values()) + 20 * len(packets)


def shrink(home, case, options=()):
    """A case that fails in the same field; none of its simpler ones does."""
    field = Trial(home, [case], options).wrong[0][0].field
    for _ in range(ROUNDS):
        trial = Trial(home, list(smaller(case)), options)
        failing = [one for one, wrong in zip(trial.cases, trial.wrong) if wrong and wrong[0].field == field]
        best = min(failing, key=size, default=case)
        if size(best) >= size(case):
            break
        case = best
    return case


def escaped(octets):
    text = octets.decode("utf-8", "backslashreplace").replace("\\", "\\\\").replace("\t", "\\t").replace("\0", "\\x00")
    return text.replace("\r", "\\r")


def told(home, case, options=()):
    """The case like a transcript (tests/epan/transcript.py), and what is wrong with it."""
    trial = Trial(home, [case], options)
    yield f"# port {case.plan.port}, cut: {case.style}"
    number = 0
    before = None
    for packet in case.packets()[1]:
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
