#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records mails on two hops: into Postfix by SMTP, and from it to Dovecot by LMTP.

    relay.py FOLDER

writes relay.pcapng.gz there. As root, where postfix, dovecot-lmtpd and dumpcap are installed and may be configured: a
container or a root to throw away. Each recipient is delivered to by himself, so a mail to two goes on twice.
"""

import shutil
import smtplib
import ssl
import sys
import time
from email.message import EmailMessage
from pathlib import Path

from recording import Recorder, keep
from servers.base import WORK
from servers.dovecot import Dovecot
from servers.postfix import Postfix

ONWARD = """
virtual_transport = lmtp:inet:[127.0.0.1]:24
lmtp_destination_recipient_limit = 1
lmtp_destination_concurrency_limit = 1
lmtp_tls_security_level = none
"""

# Recipients, lines of the body, inside TLS.
MAILS = [(["bob"], 3, False), (["alice", "bob"], 40, True), (["alice"], 400, False), (["carol"], 3, False)]


class Relay(Postfix):
    def configure(self):
        super().configure()
        with open("/etc/postfix/main.cf", "a", encoding="ascii") as settings:
            settings.write(ONWARD)


def mail(number, recipients, lines):
    made = EmailMessage()
    made["From"] = "alice@client.example.test"
    made["To"] = ", ".join(f"{name}@example.test" for name in recipients)
    made["Subject"] = f"Mail {number} goes on"
    made["Message-ID"] = f"<{number}.relay@client.example.test>"
    made.set_content("".join(f"line {line}\n.a dot\n" for line in range(lines)))
    return made


def send(number, recipients, lines, is_secret, keylog):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.keylog_filename = str(keylog)
    with smtplib.SMTP("127.0.0.1", 25, "client.example.test") as client:
        if is_secret:
            client.starttls(context=context)
        client.send_message(mail(number, recipients, lines))


def is_done(server):
    """Has the relay nothing left to send?"""
    return server.log().count(": removed") >= len(MAILS)


def main():
    target, servers = Path(sys.argv[1]), [Dovecot(), Relay()]
    recorder = Recorder(target, "relay")
    for server in servers:
        server.start()
    recorder.start([24, 25])
    try:
        for number, (recipients, lines, is_secret) in enumerate(MAILS, 1):
            send(number, recipients, lines, is_secret, recorder.keylog)
        end = time.monotonic() + 30
        while not is_done(servers[1]) and time.monotonic() < end:
            time.sleep(0.2)
    finally:
        recorder.stop()
        for server in servers[::-1]:
            server.stop()
    keep(recorder, target / "relay")
    recorder.path.unlink(missing_ok=True)
    recorder.keylog.unlink()
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
