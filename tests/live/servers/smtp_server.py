# SPDX-License-Identifier: GPL-2.0-or-later
"""smtp-server of npm (Nodemailer's)."""

import json
from pathlib import Path

from .base import CERTIFICATE, KEY, Server, WORK

NODE = WORK / "node"  # where npm puts packages


class SmtpServer(Server):
    name = "smtp-server"
    node_packages = ("smtp-server@3",)

    def version(self):
        return f"smtp-server {json.loads((NODE / 'node_modules/smtp-server/package.json').read_text())['version']}"

    def configure(self):
        pass

    def run(self):
        program = Path(__file__).parent / "programs/smtp_server.js"
        self.background("node", str(program), str(NODE), str(KEY), str(CERTIFICATE))
