# SPDX-License-Identifier: GPL-2.0-or-later
"""What a user does in a running Wireshark, as requests to sharkd, and what the answers show."""


def load(path):
    return "load", {"file": str(path)}


def setting(name, value):
    return "setconf", {"name": name, "value": str(value)}


def frame(number):
    """A click on a packet."""
    return "frame", {"frame": number, "proto": True, "columns": True, "hidden": True}


def rows(expression=None, *fields, **more):
    """The packet list, filtered and with custom columns."""
    wanted = {f"column{at}": f"{field}:0" for at, field in enumerate(fields)}
    return "frames", {**({"filter": expression} if expression else {}), **wanted, **more}


def is_frame(request):
    return request[0] == "frame"


def labels(nodes):
    for node in nodes:
        yield node.get("l")
        yield from labels(node.get("n", []))


def shown(answer):
    """What a click shows of smtpx's or what comes from it: TCP's own analysis is not our business."""
    mine = [node for node in answer["tree"] if node.get("f") in ("smtpx", "imf")]
    return list(labels(mine)), answer.get("col")


def tapped(answer):
    """smtpx's own of an answer to a tap for expert items."""
    return [one for one in answer["taps"][0]["details"] if one["p"] == "SMTPX"]


def told(request, answer):
    """What is to be the same whenever it is asked for."""
    if request[0] == "tap":
        return tapped(answer)
    return shown(answer) if is_frame(request) else answer


def failed(answer):
    return not isinstance(answer, list) and "tree" not in answer and "code" in answer


def ask(home, before, requests, *options):
    """The answers to requests, after those that come before them."""
    answers = home.sharkd(before + requests, *options)
    assert len(answers) == len(before) + len(requests), "sharkd ended early"
    for request, answer in zip(before + requests, answers):
        assert not failed(answer), f"{request}: {answer}"
    return answers[len(before):]
