# SPDX-License-Identifier: GPL-2.0-or-later
"""What a session means, whatever the segments it came in."""

# What depends on frames, not on octets.
OF_FRAMES = {"smtpx.session", "smtpx.tls", "smtpx.response_in", "smtpx.response_to", "smtpx.response_time",
             "smtpx.message.chunk_octets", "smtpx.message.reassembled.in"}


def is_chunk(item):
    return item.name == "smtpx.message" and any(child.name == "smtpx.message.chunk_octets" for child in item.children)


def walk(item):
    """(field, value) of an item and all below it, message octets apart."""
    if is_chunk(item) or item.name.startswith("smtpx.message.fragment") or item.name.startswith("smtpx.message.reassem"):
        return
    if item.name in ("smtpx.response_in", "smtpx.response_to"):
        yield item.name, "a partner"
    elif item.name and item.name not in OF_FRAMES and not item.name.startswith("_ws"):
        yield item.name, item.show
    for child in item.children:
        yield from walk(child)


def chunk_octets(frame):
    return sum(int(value) for value in frame.values("smtpx.message.chunk_octets"))


def meaning(frames, numbers):
    """All fields of smtpx in order, those of the messages, and how many message octets there are."""
    fields = {"smtpx": [], "imf": []}
    octets = 0
    for number in numbers:
        for protocol in frames[number].protocols:
            if protocol.name in fields:
                fields[protocol.name].extend(pair for pair in walk(protocol) if pair[0] != "smtpx")
        octets += chunk_octets(frames[number])
    return fields["smtpx"], fields["imf"], octets
