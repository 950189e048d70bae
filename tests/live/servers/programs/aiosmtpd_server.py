# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs aiosmtpd on 25, 465 and, as LMTP, 2424, until SIGTERM. Keeps no mail."""

import signal
import ssl
import sys
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import AuthResult, LoginPassword

WORK = Path("/var/tmp/smtpx-live")
HOST = "mx.example.test"


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("n"):
            return f"550-5.1.1 <{address}>\r\n550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        return "250 2.0.0 taken"


class MailboxHandler(Handler):
    """LMTP: carol's mailbox is full."""

    async def handle_DATA(self, server, session, envelope):
        return "\r\n".join("452 4.2.2 <%s> over quota" % address if address.startswith("carol") else
                           "250 2.0.0 <%s> saved" % address for address in envelope.rcpt_tos)


class Lmtp(Controller):
    def factory(self):
        return LMTP(self.handler, enable_SMTPUTF8=True, hostname=HOST)


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"alice", b"secret")
    return AuthResult(success=good, handled=False)


def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(WORK / "cert.pem", WORK / "key.pem")
    common = {"hostname": "127.0.0.1", "server_hostname": HOST, "enable_SMTPUTF8": True,
              "authenticator": authenticate, "auth_require_tls": False}
    controllers = [Controller(Handler(), port=25, tls_context=context, **common),
                   Controller(Handler(), port=465, ssl_context=context, **common),
                   Lmtp(MailboxHandler(), hostname="127.0.0.1", port=2424)]
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    for controller in controllers:
        controller.start()
    signal.sigwait([signal.SIGTERM])
    sys.exit(0)


main()
