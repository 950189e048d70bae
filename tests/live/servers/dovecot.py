# SPDX-License-Identifier: GPL-2.0-or-later
"""Dovecot's LMTP, of Debian."""

import re
import shutil
from pathlib import Path

from .base import CERTIFICATE, HOST, KEY, Server, WORK, owned, package_version

CONFIGURATION = f"""\
protocols = lmtp
listen = 127.0.0.1
log_path = {WORK}/dovecot.log
hostname = {HOST}
ssl = yes
ssl_cert = <{CERTIFICATE}
ssl_key = <{KEY}
mail_location = maildir:{WORK}/dovecot/%n
mail_plugins = quota
first_valid_uid = 8
passdb {{
  driver = passwd-file
  args = username_format=%n {WORK}/dovecot-users
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {WORK}/dovecot-users
}}
plugin {{
  quota = maildir:User quota
}}
service lmtp {{
  inet_listener lmtp {{
    port = 24
  }}
}}
"""


class Dovecot(Server):
    name = "dovecot"
    packages = ("dovecot-core", "dovecot-lmtpd")
    ports = {"smtp": 24, "lmtp": 24}
    lmtp = True

    def version(self):
        return f"Dovecot {package_version('dovecot-core')}"

    def configure(self):
        shutil.rmtree("/run/dovecot", ignore_errors=True)
        Path("/etc/dovecot/dovecot.conf").write_text(CONFIGURATION)
        # carol's quota is so small that no message fits: refused behind the message.
        limits = {"alice": "", "bob": "", "carol": "userdb_quota_rule=*:bytes=10"}
        (WORK / "dovecot-users").write_text("".join(
            f"{user}:{{PLAIN}}{self.password}:8:8::{WORK}/dovecot/{user}::{limit}\n" for user, limit in limits.items()))
        owned(WORK / "dovecot", "mail")

    def run(self):
        self.background("dovecot", "-F")

    def queue_ids(self):
        return set(re.findall(r"<\d+><([^>]+)>: .*saved mail", self.log()))
