# SPDX-License-Identifier: GPL-2.0-or-later
"""What the client with control over every octet does, a scenario a function, a connection each.

needs: EHLO keywords; "AUTH PLAIN" for a mechanism.  servers: those that it is
about, if not all.  where: which of the server's ports.  anomalies: what smtpx is to
remark.
"""

import ssl
from dataclasses import dataclass

import mails

REFUSED = "nosuch@example.test"
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")


@dataclass
class Scenario:
    name: str
    run: object
    needs: tuple = ()
    where: str = "smtp"
    anomalies: tuple = ()
    greeted: bool = True  # the greeting is read first
    servers: tuple = ()

    def offered(self, server, capabilities):
        if not server.where(self.where) or self.servers and server.name not in self.servers:
            return False
        words = (need.partition(" ") for need in self.needs)
        return all(word in capabilities and (not value or value in capabilities[word].split()) for word, _, value in words)


# A message of all octets behind BDAT, without BODY=BINARYMIME.
BINARY_WITHOUT_WORD = ("bare_cr", "bare_lf", "eight_bit", "nul")

SCENARIOS = []
LARGE = []  # in a capture of their own, which is not kept


def scenario(name, *needs, to=None, **options):
    def add(function):
        (SCENARIOS if to is None else to).append(Scenario(name, function, needs, **options))
        return function
    return add


@scenario("hello")
def hello(client):
    client.hello()
    for line in ("NOOP", "VRFY bob@example.test", "HELP", "XYZZY what", "noop"):
        client.line(line)
    client.quit()


@scenario("helo")
def helo(client):
    client.line("HELO client.example.test")
    client.line("RSET")
    client.quit()


@scenario("envelope", anomalies=("null_sender_recipients",))
def envelope(client):
    client.hello()
    codes = client.envelope("bob@example.test", REFUSED, "carol@example.test", sender="")
    assert [code[0] for code in codes] == ["2", "5", "2"], codes
    client.data(mails.PLAIN)
    client.quit()


@scenario("nobody left")
def nobody_left(client):
    client.hello()
    client.envelope(REFUSED)
    code, _ = client.line("DATA")
    assert code.startswith("5"), code
    client.line("RSET")
    client.quit()


@scenario("size", "SIZE")
def size(client):
    client.hello()
    client.envelope(parameters=f" SIZE={len(mails.PLAIN)}")
    client.data(mails.PLAIN)
    client.line("MAIL FROM:<alice@example.test> SIZE=99999999999")
    client.quit()


@scenario("notify", "DSN")
def notify(client):
    client.hello()
    client.expect("250", "MAIL FROM:<alice@example.test> RET=HDRS ENVID=QQ314159")
    client.line("RCPT TO:<bob@example.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob+2Bx@example.test")
    client.data(mails.PLAIN)
    client.quit()


@scenario("pipelining", "PIPELINING")
def pipelining(client):
    client.hello()
    client.send("MAIL FROM:<alice@example.test>", "RCPT TO:<bob@example.test>", f"RCPT TO:<{REFUSED}>",
                "RCPT TO:<carol@example.test>", "DATA")
    assert client.replies()[-1] == "354"
    client.message(mails.PLAIN, behind=("MAIL FROM:<alice@example.test>", "RCPT TO:<bob@example.test>", "RSET", "QUIT"))


@scenario("pipelined DATA for nobody", "PIPELINING")
def pipelined_for_nobody(client):
    client.hello()
    client.send("MAIL FROM:<alice@example.test>", f"RCPT TO:<{REFUSED}>", "DATA")
    if client.replies()[-1] == "354":
        # What RFC 2920, 3.1 asks of a client whose DATA was taken for no recipient at all.
        client.session.ask("end")
        client.session.mails.append(b"")
        client.wire.send(b".\r\n")
        client.replies()
    client.quit()


@scenario("dots")
def dots(client):
    client.hello()
    client.envelope()
    client.data(mails.DOTS)
    client.envelope()
    client.data(mails.SMTP_INSIDE)
    client.quit()


@scenario("8-bit", "8BITMIME")
def eight_bit(client):
    client.hello()
    client.envelope(parameters=" BODY=8BITMIME")
    client.data(mails.EIGHT_BIT)
    client.quit()


@scenario("SMTPUTF8", "SMTPUTF8")
def smtputf8(client):
    client.hello()
    client.envelope(sender="älice@example.test", parameters=" SMTPUTF8 BODY=8BITMIME")
    client.line("RCPT TO:<nösuch@example.test>")
    client.data(mails.UTF8)
    client.quit()


@scenario("chunks", "CHUNKING", anomalies=BINARY_WITHOUT_WORD)
def chunks(client):
    client.hello()
    client.envelope()
    client.chunks(mails.BINARY, (1, 150, 256))
    client.envelope()
    client.chunks(mails.PLAIN, (20, len(mails.PLAIN) - 20))
    client.quit()


@scenario("pipelined chunks", "CHUNKING", "PIPELINING", anomalies=BINARY_WITHOUT_WORD)
def pipelined_chunks(client):
    client.hello()
    ahead = ("MAIL FROM:<alice@example.test>", "RCPT TO:<bob@example.test>", "RCPT TO:<carol@example.test>")
    client.chunks(mails.BINARY, (7, 300), ahead, wait=False)
    client.quit()


@scenario("chunk for nobody", "CHUNKING")
def chunk_for_nobody(client):
    client.hello()
    client.envelope(REFUSED)
    client.session.ask("command", f"BDAT {len(mails.PLAIN)} LAST")
    client.session.mails.append(mails.PLAIN)
    client.wire.send(b"BDAT %d LAST\r\n" % len(mails.PLAIN) + mails.PLAIN)
    client.replies()
    client.line("RSET")
    client.quit()


@scenario("several")
def several(client):
    client.hello()
    for number, octets in enumerate(mails.numbered(4)):
        client.envelope("bob@example.test" if number % 2 else "carol@example.test")
        client.data(octets)
    client.quit()


@scenario("reset")
def reset(client):
    client.hello()
    client.envelope("bob@example.test", REFUSED)
    client.line("RSET")
    client.envelope("carol@example.test")
    if client.line(client.hello_line)[0] != "250":
        client.line("RSET")
    client.envelope()
    client.data(mails.PLAIN)
    client.line("RSET")
    client.quit()


def inside(client, version):
    client.hello()
    client.starttls(version)
    client.hello()
    client.envelope("bob@example.test", REFUSED)
    client.data(mails.DOTS)
    client.quit()


@scenario("STARTTLS, TLS 1.2", "STARTTLS")
def starttls_12(client):
    inside(client, ssl.TLSVersion.TLSv1_2)


@scenario("STARTTLS, TLS 1.3", "STARTTLS")
def starttls_13(client):
    inside(client, ssl.TLSVersion.TLSv1_3)


@scenario("implicit TLS", where="tls")
def implicit_tls(client):
    client.hello()
    client.envelope()
    client.data(mails.PLAIN)
    client.quit()


def login(mechanism):
    def run(client):
        client.hello()
        assert client.auth(mechanism) == "235"
        client.envelope()
        client.data(mails.PLAIN)
        client.quit()
    return run


for each in MECHANISMS:
    scenario(f"AUTH {each}", f"AUTH {each}", where="login")(login(each))


@scenario("AUTH refused", "AUTH PLAIN", where="login")
def auth_refused(client):
    client.hello()
    assert client.auth("PLAIN", password="wrong").startswith("5")
    client.line("AUTH X-MAGIC")
    client.line("NOOP")
    client.quit()


@scenario("AUTH cancelled", "AUTH LOGIN", where="login")
def auth_cancelled(client):
    client.hello()
    client.expect("334", "AUTH LOGIN")
    client.line("*", "answer")
    client.line("NOOP")
    client.quit()


@scenario("LMTP", where="lmtp")
def lmtp(client):
    client.hello()
    client.envelope("bob@example.test", REFUSED, "alice@example.test", client.server.full)
    client.data(mails.PLAIN)
    client.envelope(client.server.full)
    client.data(mails.DOTS)
    client.quit()


@scenario("large", to=LARGE)
def large(client):
    client.hello()
    client.envelope()
    client.data(mails.large())
    client.quit()


@scenario("large, in chunks", "CHUNKING", to=LARGE)
def large_chunks(client):
    client.hello()
    client.envelope()
    octets = mails.large()
    client.chunks(octets, (1_000_000, 1, 2_345_678))
    client.quit()
