# SPDX-License-Identifier: GPL-2.0-or-later
"""What is guaranteed when a capture is not as the session was (docs/disorder.md).

"The same": every value that is shown, in order.  "Nothing invented": every value
shown is one of the undamaged session's, every pair is one of its pairs, and a
capture that lacks octets says so.
"""

from collections import defaultdict

import disorder
import pytest
import transcript
from anomalies import SEVERITY

# All that is said, and what is concluded from it.
VALUES = ["command", "command.verb", "reply", "reply.code", "reply.enhanced", "helo", "mail.from", "rcpt.to",
          "bdat.size",
          "capability", "auth.mechanism", "auth.username", "auth.authzid", "auth.result", "transaction.sender",
          "transaction.recipient", "transaction.refused", "transaction.accepted_count", "transaction.refused_count",
          "transaction.octets", "transaction.queue_id", "transaction.status", "session.client", "session.server",
          "session.username", "session.protocol", "message.octets"]
FIELDS = [f"smtpx.{name}" for name in VALUES]
NOTES, PARTNER = "smtpx.anomaly", "smtpx.response_to"

# Of these a part may be all there is.
PARTLY = {"smtpx.command", "smtpx.reply"}
SAYS_SO = {"gap", "message_gap", "unknown_start"}

# Where octets that are missing say how to read the others, and nothing else does.
EXCUSED = {
    "whether LMTP is spoken, or answers for each recipient": [
        "codeless_lmtp", "lmtp", "lmtp_bdat", "lmtp_chunk_for_nobody_refused", "lmtp_chunk_refused_at_once",
        "lmtp_hung_up", "lmtp_nobody", "lmtp_quit_before_second_reply", "lmtp_refused_at_once", "lmtp_refused_then_mail",
        "lmtp_refused_twice", "odd_port_plain_lmtp", "prdr", "rfc2033_lmtp"],
    "who is the client from now on": ["rfc2645_atrn", "turn"],
    "that counted octets follow, among which are lines that are commands": [
        "bdat_refused_early", "ehlo_before_bdat", "rfc3030_pipelined_binarymime", "xexch50"],
    "whether the chunk of a refused BDAT comes": [
        "bdat_refused_chunk_comes", "bdat_refused_unsent", "bdat_unknown_chunk_answered", "bdat_unknown_then_data",
        "bdat_unknown_unsent_then_data", "lmtp_bdat_refused_unsent", "obeyed_chunk", "obeyed_lmtp"],
    "that there was no MAIL": ["rcpt_without_mail"],
    "that the server let nobody in": ["greeting_hangs_up_early_session"],
    "that a message was sent before the reply to DATA, or that its lines were answered": [
        "anomaly_obeyed", "anomaly_obeyed_near", "commands_before_354", "lookalike_counts", "lookalike_nul_counts",
        "mail_before_354", "quit_before_354",
        "text_answered_line_by_line"],
    "what an answer to a challenge is": [
        "auth_again", "auth_answer_not_base64", "auth_challenge_of_another", "auth_digest_md5_layer",
        "auth_every_mechanism", "auth_login_asks_again", "auth_quit", "auth_secrets", "auth_unasked_answers", "auth_xoauth2"],
    "that a security layer has begun": ["auth_gssapi", "auth_gssapi_layer", "auth_layer_given_up"],
    "that a part of the message is elsewhere": ["rfc1845_restart"],
    "that a line ends with LF": ["anomaly_octets_lf_near", "lf_only_client"],
    "that a server was deceived, which nothing proves where octets are missing": [
        "smuggled_at_the_start", "smuggled_between_lmtp", "smuggled_by_chunks", "smuggled_chunk_between", "smuggled_chunk_lmtp",
        "smuggled_in_parts", "smuggled_left_open", "smuggled_left_open_in_a_group", "smuggled_lmtp", "smuggled_login_between",
        "smuggled_mail", "smuggled_mail_between", "smuggled_refused", "smuggled_rset_between", "smuggled_then_quit", "smuggled_twice",
        "smuggled_twice_in_parts", "smuggled_unknown_bdat",
        "smuggled_without_mail"],
    "that STARTTLS was accepted": [
        "starttls_answered_twice_then_tls", "starttls_given_up_unasked", "tls_injected_client_fragment", "tls_injected_fragment", "tls_injected_fragment_and_cut",
        "tls_injected_fragment_cut", "tls_injected_refusal", "tls_injected_reply"],
    "that a message came all the same, behind DATA that was refused": ["data_refused_then_chunk"],
    "that DATA was refused, or where the server took the message to end": [
        "data_refused_header", "early_message_cut", "early_message_refused", "early_message_refused_then_another", "lookalike_end", "verbs_standard"],
    "what a reply answers that comes out of turn, or is none": [
        "codes", "garbled_lines", "refused_before_the_dot", "refused_before_the_dot_at_once", "reply_nobody_asked_for", "unexpected_reply", "anomaly_lmtp",
        "pipelined_replies_apart",
        "rfc6710_priority_assigned", "rfc6710_priority_submitted", "parameters_garbled",
        "answer_before_line_end", "closed_in_message", "codeless_pipelined", "codeless_replies", "line_that_is_no_reply",
        "postscreen_pregreet", "reply_before_command", "reply_before_line_end"],
}
UNSURE = {name for names in EXCUSED.values() for name in names}

# Nothing proves that a server was deceived, or has obeyed a message, where the opening was not seen.
DECEIVED = {name for name in UNSURE if name.startswith("smuggled_")} | {
    "anomaly_obeyed", "bdat_unknown_chunk_answered", "bdat_unknown_then_data", "lookalike_counts", "lookalike_nul_counts", "obeyed_chunk", "obeyed_lmtp",
    "text_answered_line_by_line"}

# Where lines are cut and not put together, a part is read as it stands.
CUT = {"end_of_data_cut", "lines_cut", "reply_cut_in_code", "reply_partial_behind_whole", "r3_helo_typed",
       "last_line_of_server", "odd_port_greeting_cut", "odd_port_greeting_unheard"}

# Of these the part that a small snaplen leaves reads like something else.
TRUNCATED = CUT | {"anomaly_syntax", "paths", "paths_more", "paths_with_names", "proxy_v1", "proxy_v2", "queue_ids", "queue_ids_2",
                   "r2_exchange_telnet", "reply_code_changes"}


def chosen():
    """Dialogues in clear of which every octet is there; all on port 25."""
    return [one for one in transcript.every() if one.opened and not one.only and not one.tls and one.tls_from is None
            and not any(segment.lost for segment in one.segments)]


@pytest.fixture(scope="module")
def dialogues():
    return {one.name: disorder.packets(one.connection()) for one in chosen()}


def read(home, path, *options):
    """{frame: {field: its values}} of what smtpx shows."""
    fields = [*FIELDS, NOTES, PARTNER]
    asked = [part for field in fields for part in ("-e", field)]
    text = home.text("-r", path, "-2", "-T", "fields", "-E", "aggregator=\x1f", "-e", "frame.number", *asked,
                     "-Y", "smtpx",
                     *options)
    rows = (line.split("\t") for line in text.split("\n") if line)
    return {int(row[0]): {field: cell.split("\x1f") for field, cell in zip(fields, row[1:]) if cell} for row in rows}


def end(packet):
    return packet.side, packet.sequence + len(packet.octets)


class Reading:
    """What is shown of one connection."""

    def __init__(self, frames, shown):
        self.frames = frames  # packet: frame
        self.shown = {packet: shown.get(frame, {}) for packet, frame in frames.items()}
        self.packets = {frame: end(packet) for packet, frame in frames.items() if packet.octets}

    def values(self):
        return [(field, value) for cells in self.shown.values() for field in FIELDS for value in cells.get(field, [])]

    def sets(self):
        found = defaultdict(set)
        for field, value in self.values():
            found[field].add(value)
        return found

    def pairs(self):
        """(the reply's packet, its command's), each by its end"""
        return {(end(packet), self.packets.get(int(frame)))
                for packet, cells in self.shown.items() for frame in cells.get(PARTNER, [])}

    def notes(self):
        return {note for cells in self.shown.values() for note in cells.get(NOTES, [])}


def read_all(home, name, variants, options, snaplen=262144):
    path = home.file(f"{name}.pcap")
    frames = disorder.save(path, 25, variants, snaplen)
    shown = read(home, path, *options)
    return [Reading(one, shown) for one in frames]


OPTIONS = {"": (), "out of order": ("-o", "tcp.reassemble_out_of_order:TRUE"),
           "no reassembly": ("-o", "tcp.desegment_tcp_streams:FALSE")}


@pytest.fixture(scope="module")
def undamaged(home, dialogues):
    """By setting and name."""
    return {setting: dict(zip(dialogues, read_all(home, "undamaged", dialogues.values(), options)))
            for setting, options in OPTIONS.items()}


def damaged(home, dialogues, kind, setting, snaplen=262144):
    """(name, packets, Reading) for each variant of each dialogue."""
    variants = [(name, variant) for name, made in dialogues.items() for variant in getattr(disorder, kind)(made)]
    readings = read_all(home, kind, [variant for _, variant in variants], OPTIONS[setting], snaplen)
    assert len(variants) > 80
    return [(name, variant, reading) for (name, variant), reading in zip(variants, readings)]


# What TCP itself loses, whoever waits (docs/disorder.md): 4.6 forgets a single octet that is waited behind when it comes
# again at once; 4.4 and 4.6, where they put segments in order, count from a line's first segment on when that comes again.
ONE_OCTET = {"r3_helo_typed", "r3_helo_typed_587", "r4_hello_typed", "reply_cut_in_code"}
RESENT = {"4.0": {"": set(), "out of order": set()},
          "4.4": {"": set(), "out of order": ONE_OCTET - {"reply_cut_in_code"}},
          "4.6": {"": ONE_OCTET, "out of order": ONE_OCTET}}


@pytest.mark.parametrize("kind, setting", [("doubled", ""), ("doubled", "out of order"), ("kept_alive", ""),
                                           ("swapped", "out of order"), ("overlapping", "out of order")])
def test_same(home, dialogues, undamaged, kind, setting):
    """In what was out of order what is known of the session may be told of once more, or once less."""
    is_resent = kind in ("doubled", "kept_alive")
    for name, _, reading in damaged(home, dialogues, kind, setting):
        if is_resent and name in RESENT[home.version][setting]:
            continue
        if is_resent:
            assert sorted(reading.values()) == sorted(undamaged[setting][name].values()), name
        assert reading.sets() == undamaged[setting][name].sets(), name


def invented(reading, expected, facts, partly=PARTLY):
    """Values that the undamaged session has not."""
    for field, value in reading.values():
        if field == "smtpx.transaction.status" and value == "incomplete":
            continue
        # Without the end of its transaction a recipient is what the reply to it said.
        known = facts[field] | (facts["smtpx.rcpt.to"] if field.startswith("smtpx.transaction.re") else set())
        if value not in known and not (field in partly and any(value in whole for whole in known)):
            yield field, value
    for reply, command in reading.pairs() - expected.pairs():
        # The opening of the connection, which the greeting answers, has no octets.
        if command is not None:
            yield reply, command


@pytest.mark.parametrize("kind, setting", [
    ("missing", ""), ("missing", "no reassembly"), ("swapped", ""), ("late", ""), ("overlapping", ""), ("one_side", ""),
    ("one_side", "out of order"), ("beginning_later", "")])
def test_nothing_invented(home, dialogues, undamaged, kind, setting):
    facts = {name: reading.sets() for name, reading in undamaged[setting].items()}
    excused = UNSURE | (CUT if setting == "no reassembly" else set())
    wrong = {(name, *what) for name, _, reading in damaged(home, dialogues, kind, setting) if name not in excused
             for what in invented(reading, undamaged[setting][name], facts[name])}
    if kind == "overlapping":  # octets that came twice are of either packet
        wrong = {what for what in wrong if isinstance(what[1], str)}
    assert wrong == set()


@pytest.mark.parametrize("snaplen", [64, 96, 128, 256])
def test_snaplen(home, dialogues, undamaged, snaplen):
    """Of what the capture cut, the part that is there is shown."""
    facts = {name: reading.sets() for name, reading in undamaged[""].items()}
    for values in facts.values():
        for field in FIELDS:
            values[field] |= {value + "\\r" for value in values[field]}  # the LF was cut off
    wrong = {(name, *what) for name, _, reading in damaged(home, dialogues, "whole", "", snaplen)
             if name not in UNSURE | TRUNCATED for what in invented(reading, undamaged[""][name], facts[name], FIELDS)
             if not is_cut(what, facts[name])}
    assert wrong == set()


def is_cut(what, facts):
    """Is it an address as far as the capture has it, and with the sign for that?"""
    field, value = what[0], what[-1]
    return isinstance(value, str) and value.endswith("…") and field.startswith(("smtpx.transaction.", "smtpx.reply.")) and any(
        one.startswith(value[:-1]) for one in facts["smtpx.mail.from"] | facts["smtpx.rcpt.to"])


def test_says_so(home, dialogues):
    """Octets are missing, and more of the same side follow."""
    said = total = 0
    for name, variant, reading in damaged(home, dialogues, "missing", ""):
        lost = next(packet for packet in dialogues[name] if packet not in variant)
        follow = [packet for packet in variant if packet.side == lost.side and packet.octets and
                  packet.sequence > lost.sequence]
        if not follow:
            continue
        total += 1
        said += bool(reading.notes() & SAYS_SO)
        assert reading.notes() & SAYS_SO or name in UNSURE, (name, lost)
    assert said > 1000


@pytest.mark.parametrize("kind", ["missing", "late", "one_side"])
def test_no_alarm(home, dialogues, undamaged, kind):
    """Missing octets make no Error and no Warning but that they are missing in a message."""
    grave = {note for note, severity in SEVERITY.items() if severity in ("ERROR", "WARN")} - SAYS_SO
    alarms = {(name, note) for name, _, reading in damaged(home, dialogues, kind, "") if name not in UNSURE
              for note in (reading.notes() - undamaged[""][name].notes()) & grave}
    assert alarms == set()


def test_finds_the_thread_again(home, dialogues, undamaged):
    """A certain command behind what is missing is read as one."""
    lost = set()
    for name, variant, reading in damaged(home, dialogues, "missing", ""):
        last = [packet for packet in variant if packet.side == "C" and packet.octets][-1:]
        if name not in UNSURE and last and last[0].octets == b"QUIT\r\n":
            if reading.shown[last[0]].get("smtpx.command.verb") != ["QUIT"]:
                lost.add(name)
    assert lost == set()


def test_opening_of_the_server(home, dialogues, undamaged):
    """The capture begins with the server's SYN+ACK: no frame of its own is what its greeting answers."""
    # A greeting that refuses is known as one by the opening, and 4.0 does not count a SYN+ACK that comes first.
    unknown = {"greeting_hangs_up_early_session", "greeting_refuses_early_session"} if home.version == "4.0" else set()
    readings = dict(zip(dialogues, read_all(home, "opening", [made[1:] for made in dialogues.values()], ())))
    expected = {name: {pair for pair in whole.pairs() if pair[1] is not None} for name, whole in undamaged[""].items()}
    assert {name for name, reading in readings.items() if reading.pairs() != expected[name]} - DECEIVED == unknown
    if home.version != "4.0":
        assert all(reading.sets() == undamaged[""][name].sets() for name, reading in readings.items()
                   if name not in DECEIVED)
    assert sum(expected[name] != whole.pairs() for name, whole in undamaged[""].items()) > 100


def test_excused_exist(dialogues):
    assert UNSURE <= {one.name for one in transcript.every()}
