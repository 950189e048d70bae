# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenSMTPD, of Debian's backports: bookworm's own fails at every TLS handshake."""

import re
import subprocess
from pathlib import Path

from .base import CERTIFICATE, HOST, KEY, Server, WORK, owned, package_version, run

CONFIGURATION = f"""\
pki site cert "{CERTIFICATE}"
pki site key "{KEY}"
table users file:{WORK}/opensmtpd-users
table places file:{WORK}/opensmtpd-places
table logins file:{WORK}/opensmtpd-logins
listen on lo port 25 tls pki site auth-optional <logins> hostname {HOST}
listen on lo port 465 smtps pki site auth-optional <logins> hostname {HOST}
action "store" maildir "{WORK}/opensmtpd/%{{dest.user}}" virtual <users> userbase <places>
match from any for domain "example.test" action "store"
"""


class OpenSmtpd(Server):
    name = "opensmtpd"
    packages = ("opensmtpd",)
    suite = "bookworm-backports"
    ports = {"smtp": 25, "tls": 465, "login": 465}

    def version(self):
        return f"OpenSMTPD {package_version('opensmtpd')}"

    def configure(self):
        Path("/etc/smtpd.conf").write_text(CONFIGURATION)
        (WORK / "opensmtpd-users").write_text("".join(f"{user}@example.test mail\n" for user in ("alice", "bob", "carol")))
        (WORK / "opensmtpd-places").write_text(f"mail 8:8:{WORK}/opensmtpd\n")
        secret = run("smtpctl", "encrypt", self.password).strip()
        (WORK / "opensmtpd-logins").write_text(f"{self.user} {secret}\n")
        owned(WORK / "opensmtpd", "mail")

    def run(self):
        self.background("smtpd", "-d")

    def queue_ids(self):
        return set(re.findall(r"smtp message msgid=(\w+)", self.log()))

    def stop(self):
        super().stop()
        subprocess.run(["smtpctl", "stop"], capture_output=True, check=False)
