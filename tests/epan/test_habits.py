# SPDX-License-Identifier: GPL-2.0-or-later
"""Old habits: what people did with the built-in goes on working with smtpx."""

import base64
import re
from xml.etree import ElementTree

import pytest

import capture
import stage
import wireshark
from capture import Connection, Segment

LOGIN = [Segment("S", b"220 mx.example ESMTP\r\n"), Segment("C", b"EHLO c.example\r\n"),
         Segment("S", b"250-mx.example\r\n250-SIZE 1000\r\n250 AUTH LOGIN PLAIN\r\n"),
         Segment("C", b"AUTH LOGIN\r\n"), Segment("S", b"334 VXNlcm5hbWU6\r\n"), Segment("C", b"YWxpY2U=\r\n"),
         Segment("S", b"334 UGFzc3dvcmQ6\r\n"), Segment("C", b"c2VjcmV0\r\n"), Segment("S", b"535 no\r\n"),
         Segment("C", b"MAIL FROM:<a@b>\r\n"), Segment("S", b"250 ok\r\n"),
         Segment("C", b"RCPT TO:<c@d>\r\n"), Segment("S", b"550 no\r\n"), Segment("C", b"QUIT\r\n"),
         Segment("S", b"221 bye\r\n")]


@pytest.fixture(scope="module")
def login(home):
    path = home.file("login.pcap")
    capture.save(path, [Connection(LOGIN)])
    return path


def numbers(home, path, expression, *arguments):
    return [int(line) for line in home.text("-r", path, "-Y", expression, "-T", "fields", "-e", "frame.number",
                                            *arguments).split()]


FILTERS = {
    "smtp": list(range(4, 19)),
    "smtp.req": [5, 7, 9, 11, 13, 15, 17],
    "smtp.rsp": [4, 6, 8, 10, 12, 14, 16, 18],
    'smtp.req.command == "MAIL"': [13],
    'smtp.req.command == "EHLO"': [5],
    'smtp.req.parameter contains "FROM"': [13],
    "smtp.response.code >= 400": [12, 16],
    "smtp.response.code == 250": [6, 14],
    'smtp.rsp.parameter contains "SIZE"': [6],
    'smtp.response contains "334"': [8, 10],
    'smtp.command_line contains "RCPT"': [15],
    "smtp.auth.username": [9],
    'smtp.auth.username == "alice"': [9],
}


@pytest.mark.parametrize("expression", FILTERS)
def test_filters(home, login, expression):
    assert numbers(home, login, expression) == FILTERS[expression]
    assert numbers(home, login, expression, "-2") == FILTERS[expression]
    assert numbers(home, login, expression, "-o", "smtpx.legacy_filters:FALSE") == []


# Sessions that the built-in reads right, but for single rows.
ALIKE = """
auth_external auth_login auth_login_initial auth_pipelined auth_plain auth_plain_two_steps auth_refused bare_code
capabilities codes dots early_talker enhanced_codes greeting_multiline hung_up_unasked implicit_tls keywords_seen
keywords_standard lost_greeting lost_reply mail_refused only_server parameters paths paths_more pipelined_envelope
pipelined_replies_apart queue_ids r1_gmail_ipv6 r1_gmail_starttls r2_exchange_telnet r2a_starts_with_data r2c_quit_only
r3_helo_typed_587 r4_hello_typed r5_textbook reply_bare_code reply_code_changes reply_without_code rfc1870_size
rfc1985_etrn rfc2034_enhanced rfc2852_deliver_by rfc2920_all_refused rfc2920_no_pipelining rfc2920_pipelining
rfc3207_starttls rfc3461_forwarded rfc3461_recipient_refused rfc3461_relay rfc3461_submission rfc4468_burl
rfc4468_url_refused rfc4865_hold rfc4954_mail_auth rfc4954_plain_tls rfc5321_d1_typical rfc5321_d2_aborted
rfc5321_d3_relay_to_destination rfc5321_d4_verify rfc6531_smtputf8 rfc7293_rrvs several_messages
starttls_injection starttls_refused transaction_pipelined unknown_verb xexch50""".split()

FIELDS = """smtp.req smtp.rsp smtp.command_line smtp.req.command smtp.req.parameter smtp.response smtp.response.code
smtp.response.code.unexpected smtp.rsp.parameter smtp.auth.username smtp.auth.password smtp.eom smtp.data.fragments
smtp.data.fragment smtp.data.fragment.count smtp.data.reassembled.in smtp.data.reassembled.length""".split()

# Where smtpx tells something else on purpose: (field, its values, the built-in's), of a frame that both read.
DIFFERENCES = {
    "a verb is whole, not its first four letters": lambda field, mine, theirs:
        field == "smtp.req.command" and [verb[:4] for verb in mine] == theirs,
    "an argument begins behind the verb, not at the sixth octet": lambda field, mine, theirs:
        field == "smtp.req.parameter" and set(mine) != set(theirs) and all(
            value in mine or any(value.endswith(argument) for argument in mine + ["TLS"]) for value in theirs),
    "commands in a message's last segment are read": lambda field, mine, theirs:
        field in ("smtp.req", "smtp.command_line", "smtp.req.command", "smtp.req.parameter") and not theirs,
    "text is UTF-8, not ASCII": lambda field, mine, theirs: [ascii_of(one) for one in mine] == theirs,
    "passwords are not told": lambda field, mine, theirs: field == "smtp.auth.password" and not mine,
    "a challenge is as typed": lambda field, mine, theirs:
        field == "smtp.rsp.parameter" and [decoded(one) for one in mine] == theirs,
    "a message's last line has an end": lambda field, mine, theirs:
        field == "smtp.data.reassembled.length" and [int(one) - 2 for one in mine] == [int(one) for one in theirs],
}


def ascii_of(text):
    return "".join(c if ord(c) < 0x80 else "\N{REPLACEMENT CHARACTER}" * len(c.encode()) for c in text)


def decoded(text):
    """What the built-in makes of a challenge."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        return text


def rows(home, path, *arguments):
    """The values of FIELDS in each frame: a dict of a list by field and frame number."""
    wanted = [part for field in ["frame.number", *FIELDS] for part in ("-e", field)]
    text = home.text("-r", path, "-T", "fields", "-E", "aggregator=|", *wanted, *arguments)
    cells = [line.split("\t") for line in text.split("\n") if line]
    return {(field, int(number)): wireshark.uniform(value).split("|") if value else []
            for number, *values in cells for field, value in zip(FIELDS, values, strict=True)}


@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_every_row(home, bare, transcripts, tls, passes):
    """Every row of every field of the built-in has the same values as without smtpx, and as many."""
    path = home.file("rows.pcap")
    staged = stage.stage([transcripts[name] for name in ALIKE], path, tls)
    names = {frame: one.transcript.name for one in staged for frame in one.all_frames}
    # The built-in decodes what AUTH carries if it is told to.
    arguments = "-o", "smtp.decryption:TRUE", *tls.options, *passes
    mine, theirs = rows(home, path, *arguments), rows(bare, path, *arguments)
    assert mine.keys() == theirs.keys()
    read = {number for (field, number), values in theirs.items() if values}
    found = dict.fromkeys(DIFFERENCES, 0)
    for (field, number), values in mine.items():
        expected = theirs[field, number]
        if number not in read or values == expected:
            continue
        # From 4.4 on the built-in tells of a message's parts only where there are several, and the final dot is one.
        if field.startswith("smtp.data.") and home.version != "4.0":
            continue
        reasons = [reason for reason, holds in DIFFERENCES.items() if holds(field, values, expected)]
        assert reasons, f"{names[number]}, frame {number}, {field}: {values}, not {expected}"
        found[reasons[0]] += 1
    assert all(found.values()) or home.version != "4.0", found
    assert len(read) > 400
    assert {field for (field, number), values in theirs.items() if values} >= {
        field for field in FIELDS if not field.startswith("smtp.data.")}


def test_filters_agree_with_the_builtin(home, bare, transcripts, tls):
    """Where the built-in reads a frame right, its filters find the same with smtpx."""
    names = ["r5_textbook", "mail_refused", "several_messages", "dots", "empty_messages"]
    path = home.file("agree.pcap")
    stage.stage([transcripts[name] for name in names], path, tls)
    for expression in ("smtp", 'smtp.req.command == "MAIL"', 'smtp.req.parameter contains "FROM"', "smtp.eom",
                       "smtp.response.code >= 400", "smtp.req.command", "smtp.response.code"):
        assert numbers(home, path, expression) == numbers(bare, path, expression), expression


def test_fields_and_columns(home, bare, login):
    """Fields asked for without their parents, some of them only."""
    for fields, expression in ((["smtp.response.code"], "smtp.rsp"), (["smtp.response.code"], "smtp"),
                               (["smtp.req.command", "smtp.req.parameter"], "smtp.req.command"),
                               (["smtp.response", "smtp.rsp.parameter"], "smtp.rsp.parameter"), (["smtp"], "smtp"),
                               (["smtp.command_line"], "smtp.req"), (["smtp.command_line", "smtp.response"], "smtp")):
        arguments = ["-r", login, "-T", "fields", "-Y", expression, *(part for one in fields for part in ("-e", one))]
        mine = home.text(*arguments)
        assert len(mine.split()) > 6 and mine == bare.text(*arguments), arguments
    column = 'gui.column.format:"No.","%m","Code","%Cus:smtp.response.code:0:R","Verb","%Cus:smtp.req.command:0:R"'
    arguments = ("-r", login, "-o", column)
    assert home.text(*arguments) == bare.text(*arguments)


ASKED = ["frame.number", "smtpx.command", "smtpx.command.verb", "smtpx.mail.from", "smtpx.rcpt.to", "smtpx.reply.code",
         "smtpx.reply.enhanced", "smtpx.capability", "smtpx.transaction.status", "smtpx.transaction.queue_id"]


@pytest.mark.parametrize("asked", [ASKED, ["frame.number", "smtpx.tls", "smtpx.reply.code"],
                                   ["frame.number", "frame.protocols", "smtpx.command"]], ids=" ".join)
@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_columns_are_fields(home, transcripts, tls, asked, passes):
    """-T tabs with a column for each field prints the lines of -T fields (docs/filters.md)."""
    path = home.file("tabs.pcap")
    names = ["r5_textbook", "bdat_pipelined", "lmtp", "implicit_tls", "auth_login", "recipients_refused_then_gone"]
    stage.stage([transcripts[name] for name in names], path, tls)
    arguments = ["-r", path, *tls.options, *passes]
    # From 4.6 on -T fields prints a boolean as its meaning, and so does a column with R.
    meanings = {"smtpx.tls"} if home.version == "4.6" else set()
    columns = ",".join(f'"{name}","%Cus:{name}:0:{"R" if name in meanings else "U"}"' for name in asked)
    fields = home.text(*arguments, "-T", "fields", *(part for name in asked for part in ("-e", name)))
    alone = home.text(*arguments, "-T", "fields", "-o", "smtpx.legacy_filters:FALSE",
                      *(part for name in asked for part in ("-e", name)))
    tabs = home.text(*arguments, "-T", "tabs", "-o", f"gui.column.format:{columns}")
    assert tabs == fields == alone
    assert all(any(line.split("\t")[place] for line in fields.splitlines()) for place in range(len(asked)))


COLUMNS = {"No.": "%m", "Protocol": "%p", "Info": "%i", "Verb": "%Cus:smtpx.command.verb:0:U"}


def column_values(home, path, titles, *arguments):
    """A dict of these columns' values for each packet; no other columns exist."""
    shown = ",".join(f'"{title}","{COLUMNS[title]}"' for title in titles)
    psml = home.tshark("-r", path, "-T", "psml", "-o", f"gui.column.format:{shown}", *arguments)
    return [dict(zip(titles, [section.text or "" for section in packet]))
            for packet in ElementTree.fromstring(psml).iter("packet")]


@pytest.mark.parametrize("passes", [(), ("-2",)])
@pytest.mark.parametrize("titles", [
    ("Info",), ("Protocol",), ("Verb",), ("No.",), ("Info", "Protocol"), ("Verb", "Info")], ids=" ".join)
def test_any_columns(home, transcripts, tls, titles, passes):
    """A column says the same whichever others there are, and the same packets are found."""
    path = home.file("columns.pcap")
    stage.stage([transcripts[name] for name in ("r5_textbook", "bdat_pipelined", "lmtp", "implicit_tls")], path, tls)
    arguments = *tls.options, *passes
    every = column_values(home, path, COLUMNS, *arguments)
    for title, least in {"Protocol": {"SMTP", "LMTP", "SMTP/IMF"}, "Verb": {"EHLO", "MAIL", "LHLO", ""}}.items():
        assert least <= {row[title] for row in every}
    assert column_values(home, path, titles, *arguments) == [{title: row[title] for title in titles} for row in every]
    found = [row["No."] for row in every if row["Protocol"].startswith(("SMTP", "LMTP"))]
    assert len(found) > 40
    rows = column_values(home, path, [*titles, "No."], "-Y", "smtpx", *arguments)
    assert [row["No."] for row in rows] == found


def test_hidden_fields_stay_hidden(home, login):
    assert "Response parameter" not in home.text("-r", login, "-V")


def test_credentials(home, login):
    text = home.text("-r", login, "-q", "-z", "credentials")
    assert re.search(r"^12 +SMTP +alice +Mechanism: LOGIN, refused$", text, re.MULTILINE), text
    assert "secret" not in text and "c2VjcmV0" not in text


def test_secrets_are_not_decoded(home, login):
    """The password is "secret"; smtpx says that word of its own, too."""
    assert "secret" not in re.sub(r"secret, \d+ octets|secret_in_clear", "", home.text("-r", login, "-V"))


def test_secrets_on_request(home, login):
    text = home.text("-r", login, "-o", "smtpx.show_secrets:TRUE", "-Y", "smtpx.auth.secret", "-T", "fields", "-e",
                     "smtpx.auth.secret", "-e", "smtpx.auth.secret.length", "-e", "smtp.auth.password")
    assert text == "secret\t6\tsecret\n"


@pytest.mark.parametrize("name, expression", [
    ("auth_ntlm", 'ntlmssp.auth.username == "tim"'), ("auth_gssapi", "gss-api.OID"),
    ("proxy_v1", "proxy.src.ipv4 == 192.0.2.10"), ("proxy_v2", "proxy.dstport == 25")])
@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_others_fields_alone(home, transcripts, name, expression, passes):
    """A filter that asks for nothing of smtpx's finds what smtpx gives to others."""
    path = home.file("others.pcap")
    stage.stage([transcripts[name]], path, None)
    assert numbers(home, path, expression, *passes)


def test_follow_tcp_stream(home, bare, login):
    arguments = ("-r", login, "-q", "-z", "follow,tcp,ascii,0")
    assert home.text(*arguments) == bare.text(*arguments)


def test_new_filters(home, login):
    assert numbers(home, login, 'smtpx.capability == "SIZE"') == [6]
    assert numbers(home, login, 'smtpx.command.verb == "RCPT" && smtpx.rcpt.to == "c@d"') == [15]
    assert numbers(home, login, "smtpx.reply.class == 5") == [12, 16]
    assert numbers(home, login, "smtpx.response_to == 13") == [14]
    assert numbers(home, login, "smtpx.response_time > 0") == [4, 6, 8, 10, 12, 14, 16, 18]
