# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail servers, by name."""

from .aiosmtpd import Aiosmtpd
from .dovecot import Dovecot
from .exim import Exim
from .opensmtpd import OpenSmtpd
from .postfix import Postfix
from .sendmail import Sendmail
from .smtp_server import SmtpServer

SERVERS = {server.name: server for server in (Postfix, Exim, OpenSmtpd, Sendmail, Dovecot, Aiosmtpd, SmtpServer)}
