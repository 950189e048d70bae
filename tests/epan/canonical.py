# SPDX-License-Identifier: GPL-2.0-or-later
"""What a session means, whatever the segments it came in."""

# What depends on frames, not on octets.
OF_FRAMES = {"smtpx.session", "smtpx.tls", "smtpx.tls.records", "smtpx.response_in", "smtpx.response_to", "smtpx.response_time", "smtpx.reply.duration", "smtpx.wait",
             "smtpx.message.chunk_octets", "smtpx.message.reassembled.in", "smtpx.reply.recipient_in",
             "smtpx.transaction.duration", "smtpx.transaction.server_time", "smtpx.transaction.client_time",
             "smtpx.transaction.transfer_time", "smtpx.transaction.begins_in", "smtpx.transaction.message_in",
             "smtpx.transaction.ends_in", "smtpx.transaction.reason_in", "smtpx.transaction.refused_in"}

# References to frames that a first pass has not seen yet.
FORWARD = {"smtpx.response_in", "smtpx.message.reassembled.in", "smtpx.transaction.ends_in", "smtpx.transaction.previous_hop",
           "smtpx.transaction.next_hop"}

# What stands in the message's row, and in that of its mail.
NAMED = ("smtpx.transaction.subject", "smtpx.transaction.message_id")

# A remark on clear text behind STARTTLS that only the TLS behind it may justify.
LATER = "clear_after_starttls"


def is_chunk(item):
    return item.name == "smtpx.message.chunk_octets"


def is_of_segments(item):
    """Is there one for each segment, however many there are?"""
    return is_chunk(item) or item.name == "smtpx.opaque" or item.name.startswith(
        ("smtpx.message.fragment", "smtpx.message.reassem", "smtpx.session."))


def walk(item):
    """(field, value) of an item and all below it, what comes in any number of parts apart."""
    if is_of_segments(item):
        return
    if item.name in ("smtpx.response_in", "smtpx.response_to"):
        yield item.name, "a partner"
    elif item.name and item.name not in OF_FRAMES and not item.name.startswith("_ws"):
        yield item.name, item.show
    for child in item.children:
        yield from walk(child)


def is_lookalike(item):
    return any(child.show == "lookalike_end" for child in item.children)


def counted_octets(frame):
    """Of messages with the lines that end them: a dot that was cut off comes with the message."""
    return (sum(int(value) for value in frame.values("smtpx.message.chunk_octets")) +
            sum(item.size for item in frame.every()
                if item.name == "smtpx.opaque" or (item.name == "smtpx.end_of_data" and not is_lookalike(item))))


def remarks_on_chunks(frame):
    """What is remarked on a message, wherever it was cut."""
    return [child.show for protocol in frame.protocols if protocol.name == "smtpx" for item in protocol.every()
            if is_chunk(item) for child in item.children if child.name == "smtpx.anomaly"]


def facts(frame):
    """What is known of the session behind the last of its octets in the frame."""
    mine = [protocol for protocol in frame.protocols if protocol.name == "smtpx"]
    return [(item.name, item.show) for item in (mine[-1].every() if mine else ())
            if item.name.startswith("smtpx.session.") and not item.name.startswith("smtpx.session.tls_")]


def breaks_off(once, twice):
    """Does the second pass open a message here of which the first cannot know that nothing ends it?"""
    return bool(twice.values("smtpx.message.unfinished")) and not once.values("smtpx.message.unfinished")


def is_reread(once, twice):
    """Does the second pass show here what a server that was deceived has read in octets of a message?  It has answered
    that in later frames."""
    def units(frame):
        return len(frame.values("smtpx.command.verb")) + len(frame.values("smtpx.end_of_data"))

    is_of_message = once.values("smtpx.message.chunk_octets") or once.values("smtpx.end_of_data")
    return bool(is_of_message) and units(twice) > units(once)


def is_last_line(once, twice):
    """Does the second pass show a line here of which the first cannot know that its end never comes?"""
    def unfinished(frame):
        return len(list(frame.every("smtpx.anomaly.unfinished_")))

    return unfinished(twice) > unfinished(once)


def flat(frame, without_message=False, once=None):
    """All items of smtpx and what it calls: name, value, label; what only later frames tell apart.

    without_message: and without a message that is opened there.
    once: the frame on the first pass; without what became of mails, where that did not tell it.
    """
    wanted = ("smtpx",) if without_message else ("smtpx", "imf")
    known = None if once is None else once.values("smtpx.transaction.status")
    return [(item.name, item.show, labelled(item)) for protocol in frame.protocols if protocol.name in wanted
            for item in told(protocol, without_message, known)
            if item.name not in FORWARD and not refers_ahead(item, frame)]


def in_both(once, twice, without_message=False):
    """What each pass shows of a frame, to be compared. Where a reply that comes later refuses a MAIL in it, the
    second pass knows that what is said behind it is of the mail before: then no mail is named."""
    shown = flat(once), flat(twice, without_message, once)
    if is_shortened(once, twice):
        shown = tuple([item for item in items if item[0] not in SHORTENED] for items in shown)
    if is_proven(once, twice):
        shown = tuple([item for item in items if not item[0].startswith(PROVEN)] for items in shown)
    if not is_moved(once, twice):
        return shown
    of_mail = ("smtpx.transaction", "smtpx.message.sender", "smtpx.message.recipient")
    return tuple([item for item in items if not item[0].startswith(of_mail)] for items in shown)


# What a message is by where the server saw its end, which is known when it says more than it was asked for.
SHORTENED = ("smtpx.transaction.octets", "smtpx.transaction.message_in", "smtpx.response_to", "smtpx.response_time",
             "smtpx.transaction.duration")


def is_shortened(once, twice):
    """Is this the reply to a message that ended for the server before it did for the client?"""
    return any(int(two) < int(one) for one, two in zip(once.values("smtpx.transaction.octets"),
                                                       twice.values("smtpx.transaction.octets")))


# What a reply answers in a message that the server has read as commands, which a later reply proves.
PROVEN = ("smtpx.response_to", "smtpx.response_time", "smtpx.reply.recipient")


def is_proven(once, twice):
    """Does only a later frame tell what a reply in this one answers?"""
    def behind(frame):
        return sum(int(value) <= frame.number for value in frame.values("smtpx.response_to"))

    return behind(twice) > behind(once)


def is_retold(once, twice):
    """Was a reply the only one to its message for a first pass, and the first of several when the next one came?"""
    ends_later = any(int(frame) > twice.number for frame in twice.values("smtpx.transaction.ends_in"))
    return ends_later and bool(once.values("smtpx.transaction.status")) and not twice.values("smtpx.transaction.status")


def is_moved(once, twice):
    return once.values("smtpx.transaction") != twice.values("smtpx.transaction")


def labelled(item):
    """The label, but where it says what only later frames tell, too."""
    goes_on = item.name == "smtpx" and any(is_chunk(child) for child in item.children)
    return None if item.name == "smtpx.transaction" or goes_on else item.label


def refers_ahead(item, frame):
    """Is this of a reply that came before the end of what it answers, or of a line without a code, which is
    an answer if the client goes on behind it?"""
    if item.name == "smtpx.response_to" and int(item.show) > frame.number:
        return True
    if item.name == "smtpx.response_to.command":
        return any(int(value) > frame.number for value in frame.values("smtpx.response_to")) or (
            "not_a_reply" in frame.values("smtpx.anomaly"))
    is_of_pair = item.name in ("smtpx.response_to", "smtpx.response_time", "smtpx.transaction")
    return is_of_pair and "not_a_reply" in frame.values("smtpx.anomaly")


def told(item, without_message, known):
    """An item and all below it, without what only a later frame may tell: results of transactions that no reply ended
    by itself, and one remark."""
    statuses = [child.show for child in item.children if child.name == "smtpx.transaction.status"]
    if known is not None and statuses and statuses[0] not in known:
        yield item
        yield from (child for child in item.children if child.name == "smtpx.transaction.begins_in")
        return
    if (item.name, item.show) == ("smtpx.anomaly", LATER) or any(
            child.name == f"smtpx.anomaly.{LATER}" for child in item.children):
        return
    if without_message and item.name in ("smtpx.message", "smtpx.message.fragments"):
        return
    yield item
    for child in item.children:
        if is_chunk(item) and child.name == "smtpx.message":
            continue  # only where the message itself is not there
        yield from told(child, without_message, known)


def once_a_group(pairs):
    """Units of one transaction tell its number once, and units of none may stand behind the last of them in the
    frame: so the numbers, each time that they change, behind all else."""
    numbers = [pair for pair in pairs if pair[0] == "smtpx.transaction"]
    changes = [pair for pair, before in zip(numbers, [None, *numbers]) if pair != before]
    # What became of a mail is told behind its last unit of the frame; what its message is called, once or twice.
    results = [pair for pair in pairs if pair[0].startswith("smtpx.transaction.")]
    named = [pair for pair in results if pair[0] in NAMED]
    rest = [pair for pair in pairs if not pair[0].startswith("smtpx.transaction")]
    return rest + changes + [pair for pair in results if pair[0] not in NAMED] + sorted(set(named))


def meaning(frames, numbers):
    """All fields of smtpx in order, those of the messages, how many octets there are of what comes in
    any number of parts, what is remarked on messages, and what is known of the session in the end. Frames that
    are not there say nothing."""
    remarks = []
    fields = {"smtpx": [], "imf": []}
    octets = 0
    known = []
    for frame in (frames[number] for number in numbers if number in frames):
        for protocol in frame.protocols:
            if protocol.name in fields:
                fields[protocol.name].extend(pair for pair in walk(protocol) if pair[0] != "smtpx")
        octets += counted_octets(frame)
        remarks += remarks_on_chunks(frame)
        known = facts(frame) or known
    return once_a_group(fields["smtpx"]), fields["imf"], octets, sorted(remarks), known
