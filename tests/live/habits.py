# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios of what one server does in its own way."""

import mails
from scenarios import REFUSED, scenario


@scenario("PRDR", "PRDR", "name exim")
def prdr(client):
    """A reply for each recipient, between a 353 and one for all."""
    client.hello()
    client.envelope("bob@example.test", "carol@example.test", parameters=" PRDR")
    assert len(client.data(mails.PLAIN)) == 4
    client.envelope("bob@example.test", "full@example.test", parameters=" PRDR")
    client.data(mails.DOTS)
    client.quit()


@scenario("commands before the greeting", "PIPECONNECT", "name exim", greeted=False)
def early(client):
    client.session.ask("opening")
    client.send("EHLO client.example.test", "MAIL FROM:<alice@example.test>", "RCPT TO:<bob@example.test>", "DATA")
    assert client.replies()[-1] == "354"
    client.message(mails.PLAIN)
    client.quit()


@scenario("BDAT 0", "CHUNKING", "name dovecot")
def empty_chunk(client):
    client.hello()
    client.envelope()
    client.chunks(mails.PLAIN, (0, len(mails.PLAIN), 0))
    client.quit()


@scenario("XCLIENT", "XCLIENT", "name postfix")
def xclient(client):
    """A second greeting answers it, and the session starts again."""
    client.hello()
    client.line("XCLIENT NAME=there.example.test ADDR=192.0.2.7")
    client.hello()
    client.envelope()
    client.data(mails.PLAIN)
    client.quit()


@scenario("VERB", "VERB", "name sendmail")
def verbose(client):
    """Lines with 050 come before the replies."""
    client.hello()
    client.line("VERB")
    client.envelope("bob@example.test", REFUSED)
    client.data(mails.PLAIN)
    client.quit()


def lookalike(name, servers):
    def run(client):
        """The server takes LF . LF for the end, and what follows for commands."""
        head = b"Subject: lookalike\r\n\r\nfirst"
        client.hello()
        client.envelope()
        client.expect("354", "DATA")
        client.session.ask("end")
        client.session.mails.append(head + b"\n")
        client.wire.send(head + b"\n.\n")
        client.replies()
        client.envelope("carol@example.test")
        client.data(mails.PLAIN)
        client.quit()
    scenario("LF . LF", f"name {name}", anomalies={name: servers})(run)


for one in ("postfix", "dovecot"):
    lookalike(one, ["lookalike_end"])
