# SPDX-License-Identifier: GPL-2.0-or-later
"""aiosmtpd, of Debian: SMTP, implicit TLS and LMTP."""

import sys

from .base import Server, package_version


class Aiosmtpd(Server):
    name = "aiosmtpd"
    packages = ("python3-aiosmtpd",)
    ports = {"smtp": 25, "tls": 465, "lmtp": 2424}

    def version(self):
        return f"aiosmtpd {package_version('python3-aiosmtpd')}"

    def configure(self):
        pass

    def run(self):
        program = __file__.replace("aiosmtpd.py", "programs/aiosmtpd_server.py")
        self.background(sys.executable, "-W", "ignore", program)
