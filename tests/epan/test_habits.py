# SPDX-License-Identifier: GPL-2.0-or-later
"""Old habits: what people did with the built-in goes on working with smtpx."""

from xml.etree import ElementTree

import pytest

import capture
import stage
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


def test_filters_agree_with_the_builtin(home, bare, transcripts, tls):
    """Where the built-in reads a frame right, its filters find the same with smtpx."""
    names = ["r5_textbook", "mail_refused", "several_messages", "dots", "empty_messages"]
    path = home.file("agree.pcap")
    stage.stage([transcripts[name] for name in names], path, tls)
    for expression in ("smtp", 'smtp.req.command == "MAIL"', 'smtp.req.parameter contains "FROM"', "smtp.eom",
                       "smtp.response.code >= 400", "smtp.req.command", "smtp.response.code"):
        assert numbers(home, path, expression) == numbers(bare, path, expression), expression


def test_fields_and_columns(home, bare, login):
    for arguments in (["-T", "fields", "-e", "smtp.response.code", "-Y", "smtp.rsp"],
                      ["-T", "fields", "-e", "smtp.req.command", "-e", "smtp.req.parameter", "-Y", "smtp.req.command"]):
        mine = home.text("-r", login, *arguments).splitlines()
        theirs = [line for line in bare.text("-r", login, *arguments).splitlines() if line.strip()]
        assert mine and mine[0] == theirs[0]
    column = 'gui.column.format:"No.","%m","Code","%Cus:smtp.response.code:0:R"'
    arguments = ("-r", login, "-o", column, "-Y", "frame.number == 14")
    assert home.text(*arguments) == bare.text(*arguments)


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
    assert "alice" in text and "SMTP" in text and "LOGIN" in text
    assert "secret" not in text and "c2VjcmV0" not in text


def test_secrets_are_not_decoded(home, login):
    assert "secret" not in home.text("-r", login, "-V")


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
