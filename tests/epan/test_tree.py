# SPDX-License-Identifier: GPL-2.0-or-later
"""Where items stand: the octets that Wireshark marks when one is clicked, and what is said without an Info column."""

import pytest

import stage
import transcript

ODD = """
S: 220 mx.example ESMTP
C: EHLO c.example
S: 250-mx.example
S: 250 PIPELINING
C: MAIL FROM: <a@c.example> SIZE=x BODY=9BIT
S: 250-first
S: 550 last
C: RCPT TO:<b@mx.example
S: 250-one
S: what
S: 250 t\\x00wo
C: NOOP a\\rb
S: 250 ok
C: QUIT\\n\\
S: 221 bye
"""


@pytest.fixture(scope="module")
def odd(home, tls):
    """The frames of ODD by their lines' beginnings."""
    made = transcript.parse("odd", ODD)
    path = home.file("odd.pcap")
    [staged] = stage.stage([made], path, tls)
    frames = home.frames(path)
    return {line.text: frames[staged.frames[line.segment]] for line in made.lines}


def octets(frame, name, show=None):
    """The octets under an item, as text."""
    [value] = [item.value for item in frame.every() if item.name == name and show in (None, item.show)]
    return bytes.fromhex(value).decode("latin-1")


@pytest.mark.parametrize("line, remark, marked", [
    ("MAIL FROM: <a@c.example> SIZE=x BODY=9BIT", "path_blanks", ":"),
    ("MAIL FROM: <a@c.example> SIZE=x BODY=9BIT", "parameter_syntax", "SIZE=x"),
    ("550 last", "code_changed", "550"),
    ("RCPT TO:<b@mx.example", "path_brackets", "<b@mx.example"),
    ("250 t\\x00wo", "not_a_reply", "what"),
    ("250 t\\x00wo", "nul", "\0"),
    ("NOOP a\\rb", "bare_cr", "\r"),
    ("QUIT\\n\\", "bare_lf", "\n"),
])
def test_remarks_mark_what_is_odd(odd, line, remark, marked):
    assert octets(odd[line], "smtpx.anomaly", remark) == marked


def test_code_marks_its_line(odd):
    """Of a reply whose lines differ the last code counts, and stands where it was said."""
    frame = odd["550 last"]
    assert frame.values("smtpx.reply.code") == ["550"]
    assert octets(frame, "smtpx.reply.code") == "550" and octets(frame, "smtpx.reply.class") == "5"
    assert octets(odd["250 t\\x00wo"], "smtpx.reply.code") == "250"


def test_generated_items_stand_in_their_frame(odd):
    """Those of expert information are Wireshark's own, and stand nowhere."""
    for frame in odd.values():
        [smtpx] = [protocol for protocol in frame.protocols if protocol.name == "smtpx"]
        for item in [item for item in smtpx.every() if not item.name.startswith(("_ws", "smtpx.anomaly.", "smtpx.reply.refused",
                                                                                             "smtpx.reply.deferred"))]:
            assert smtpx.place <= item.place <= smtpx.place + smtpx.size, item


@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_protocol_column_alone(home, transcripts, tls, passes):
    """Without an Info column the Protocol column says SMTP, LMTP or SMTP/IMF all the same."""
    path = home.file("protocols.pcap")
    stage.stage([transcripts["r5_textbook"], transcripts["lmtp"]], path, tls)
    alone = home.text("-r", path, "-o", 'gui.column.format:"Protocol","%p"', *passes).split()
    both = [protocol for protocol, _ in home.columns(path, *passes).values()]
    assert alone == both and {"SMTP", "LMTP", "SMTP/IMF", "LMTP/IMF"} <= set(alone)
