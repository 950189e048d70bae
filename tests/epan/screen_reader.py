#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts a program and tells what its windows say, as a screen reader would.

    screen_reader.py PROGRAM [ARGUMENT...]

To be run on a D-Bus session bus of its own and an X display, by the user whose
program it is. Each line of the input is a question, a JSON list; each line of the
output that begins with "answer" the answer (the bus writes there, too):

    ["names", ROLE, NAME, CHILDREN]  names of what is below the first thing of a role and name, MOST at most;
                                     with CHILDREN, a role, of its own children of that role alone
    ["descriptions", ROLE, NAME]     what is said of what is below such a thing, when the mouse rests on it
    ["place", ROLE, NAME, CHILD]     [x, y, width, height] of such a thing, or of what is below it by its name
    ["text", ROLE, NAME]             what is written in such a thing, a line of text
    ["windows"]                      titles of all windows
    ["menu", NAME...]                names of what a menu has, or a menu in it, or a row of filter buttons
    ["item", NAME...]                [x, y, width, height] of what is last of them, once the menu that it is in was opened
    ["choose", NAME...]              chooses what is last of them; true: it was there
Null: there is none now.
"""

import itertools
import json
import select
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

MOST = 700


def children(thing):
    for at in range(thing.get_child_count()):
        child = thing.get_child_at_index(at)
        if child:
            yield child


# Menus and lists of choices hold much and show nothing.
SHUT = {"menu bar", "combo box"}


def below(thing, shut=SHUT):
    for child in children(thing):
        yield child
        if child.get_role_name() not in shut:
            yield from below(child, shut)


def windows():
    desktop = Atspi.get_desktop(0)
    desktop.clear_cache()
    while GLib.MainContext.default().iteration(False):
        pass
    for program in children(desktop):
        yield from children(program)


def is_visible(thing):
    return thing.get_state_set().contains(Atspi.StateType.VISIBLE)


def find(role, name):
    for window in list(windows())[::-1]:
        # What is looked for holds cells, and is none: a list of packets has thousands.
        for thing in itertools.chain([window] if role != "tree" else [], below(window, SHUT | {"tree"})):
            if thing.get_role_name() == role and thing.get_name() == name and is_visible(thing):
                return thing
    return None


def names(role, name, of=None):
    thing = find(role, name)
    if not thing:
        return None
    wanted = (child for child in (children(thing) if of else below(thing)) if of in (None, child.get_role_name()))
    return [child.get_name() for child in itertools.islice(wanted, MOST)]


def descriptions(role, name):
    thing = find(role, name)
    return [child.get_description() for child in below(thing)] if thing else None


def text(role, name):
    """Of several the longest: a window may have one that is not in sight."""
    texts = [Atspi.Text.get_text(thing, 0, -1) for window in windows() for thing in below(window, {"menu bar", "tree"})
             if thing.get_role_name() == role and thing.get_name() == name]
    return max(texts, key=len, default=None)


def extents(thing):
    where = thing.get_extents(Atspi.CoordType.SCREEN) if thing else None
    return [where.x, where.y, where.width, where.height] if where and where.width > 0 else None


def place(role, name, child=None):
    thing = find(role, name)
    if thing and child is not None:
        thing = next((one for one in below(thing) if one.get_name() == child), None)
    return extents(thing)


def items(thing):
    """What a menu holds: itself, or in a list, which Qt 6 gives the program's name while it is open."""
    for child in children(thing):
        if child.get_role_name() == "popup menu" or not (child.get_name() or child.get_role_name() == "separator"):
            yield from children(child)
        else:
            yield child


def in_menus(*path):
    """What a way through the menus leads to."""
    for window in windows():
        thing = next((child for child in children(window) if child.get_role_name() == "menu bar"), None)
        for name in path:
            thing = thing and next((item for item in items(thing) if item.get_name().replace("&", "") == name), None)
        if thing:
            return thing
    return None


def menu(*path):
    thing = in_menus(*path)
    return [item.get_name() for item in items(thing)] if thing else None


def item(*path):
    return extents(in_menus(*path))


def choose(*path):
    thing = in_menus(*path)
    return thing.get_action_iface().do_action(0) if thing else None


QUESTIONS = {"menu": menu, "choose": choose, "names": names, "descriptions": descriptions, "place": place, "text": text,
             "item": item, "windows": lambda: [window.get_name() for window in windows()]}


def answer(question, *arguments):
    try:
        return QUESTIONS[question](*arguments)
    except GLib.Error:
        return None  # it went away meanwhile


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: screen_reader.py PROGRAM [ARGUMENT...]")
    # Qt looks for the bus of the screen readers when it starts.
    for _ in range(100):
        if b"unix:" in subprocess.run(["dbus-send", "--session", "--print-reply", "--dest=org.a11y.Bus",
                                       "/org/a11y/bus", "org.a11y.Bus.GetAddress"], capture_output=True).stdout:
            break
        time.sleep(0.05)
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=sys.stderr)
    while True:
        if program.poll() is not None:
            sys.exit(f"screen_reader.py: {sys.argv[1]} ended with status {program.returncode}")
        if not select.select([sys.stdin], [], [], 0.2)[0]:
            continue
        line = sys.stdin.readline()
        if not line:
            break
        print("answer", json.dumps(answer(*json.loads(line))), flush=True)
    program.terminate()
    program.wait(10)


if __name__ == "__main__":
    main()
