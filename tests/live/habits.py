# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios of what one server does in its own way."""

import ssl

import mails
from scenarios import REFUSED, scenario


@scenario("PRDR", "PRDR")
def prdr(client):
    """A reply for each recipient, between a 353 and one for all."""
    client.hello()
    client.envelope("bob@example.test", "carol@example.test", parameters=" PRDR")
    assert len(client.data(mails.PLAIN)) == 4
    client.envelope("bob@example.test", "full@example.test", parameters=" PRDR")
    client.data(mails.DOTS)
    client.quit()


@scenario("commands before the greeting", "PIPECONNECT", greeted=False)
def early(client):
    client.session.ask("opening")
    client.send("EHLO client.example.test", "MAIL FROM:<alice@example.test>", "RCPT TO:<bob@example.test>", "DATA")
    assert client.replies()[-1] == "354"
    client.message(mails.PLAIN)
    client.quit()


@scenario("BDAT 0", "CHUNKING")
def empty_chunk(client):
    """A first chunk without octets: some servers refuse it."""
    client.hello()
    client.envelope()
    if client.line("BDAT 0")[0] == "250":
        client.chunks(mails.PLAIN, (len(mails.PLAIN),))
    else:
        client.line("RSET")
        client.line("NOOP")
    client.quit()


@scenario("command behind STARTTLS", "STARTTLS", anomalies=("clear_after_starttls",),
          servers=("postfix", "exim", "sendmail", "aiosmtpd", "smtp-server"))
def injected(client):
    """In clear, in the same write; these servers throw it away."""
    client.hello()
    client.session.ask("command", "STARTTLS")
    client.session.ask("ignored", "NOOP")
    client.wire.send(b"STARTTLS\r\nNOOP\r\n")
    client.replies()
    client.wire.secure(ssl.TLSVersion.TLSv1_3)
    client.hello()
    client.envelope()
    client.data(mails.PLAIN)
    client.quit()


@scenario("XCLIENT", "XCLIENT")
def xclient(client):
    """A second greeting answers it, and the session starts again."""
    client.hello()
    client.line("XCLIENT NAME=there.example.test ADDR=192.0.2.7")
    client.hello()
    client.envelope()
    client.data(mails.PLAIN)
    client.quit()


@scenario("VERB", "VERB")
def verbose(client):
    """Lines with 050 come before the replies."""
    client.hello()
    client.line("VERB")
    client.envelope("bob@example.test", REFUSED)
    client.data(mails.PLAIN)
    client.quit()


@scenario("LF . LF", anomalies=("lookalike_end", "bare_lf"), servers=("postfix", "dovecot"))
def lookalike(client):
    """These servers take it for the end, and what follows for commands."""
    head = b"Subject: lookalike\r\n\r\nfirst"
    client.hello()
    client.envelope()
    client.expect("354", "DATA")
    client.session.ask("end")
    client.session.mails.append(head + b"\n")
    client.wire.send(head + b"\n.\n")
    client.replies()
    client.envelope("alice@example.test")
    client.data(mails.PLAIN)
    client.quit()
