# SPDX-License-Identifier: GPL-2.0-or-later
"""Sendmail, of Debian. It logs to syslog: a socket of the test's stands in for that."""

import os
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

from .base import CERTIFICATE, HOST, KEY, Server, WORK, package_version, run

MECHANISMS = "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256"

# Debian's macros, with what a machine without DNS needs.
CONFIGURATION = f"""\
define(`_USE_ETC_MAIL_')dnl
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`debian')dnl
DOMAIN(`debian-mta')dnl
define(`confDOMAIN_NAME', `{HOST}')dnl
define(`confPRIVACY_FLAGS', `')dnl
define(`confLOG_LEVEL', `9')dnl
define(`confSERVICE_SWITCH_FILE', `/etc/mail/service.switch-nodns')dnl
define(`confCACERT', `{CERTIFICATE}')dnl
define(`confCACERT_PATH', `/etc/ssl/certs')dnl
define(`confSERVER_CERT', `{CERTIFICATE}')dnl
define(`confSERVER_KEY', `{KEY}')dnl
define(`confAUTH_MECHANISMS', `{MECHANISMS}')dnl
define(`confAUTH_OPTIONS', `')dnl
define(`confREFUSE_LA', `1000')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confDELAY_LA', `0')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`nocanonify')dnl
FEATURE(`use_cw_file')dnl
define(`LOCAL_MAILER_PATH', `{WORK}/swallow')dnl
define(`LOCAL_MAILER_ARGS', `swallow $u')dnl
define(`LOCAL_MAILER_FLAGS', `lsDFMAw5:/|@qn9E8')dnl
DAEMON_OPTIONS(`Family=inet, Name=MTA, Addr=127.0.0.1, Port=25')dnl
DAEMON_OPTIONS(`Family=inet, Name=TLS, Addr=127.0.0.1, Port=465, M=s')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
"""

SASL = f"""\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: /etc/mail/sasl/sasldb2
mech_list: {MECHANISMS}
"""


class Sendmail(Server):
    name = "sendmail"
    packages = ("sendmail-bin", "sendmail-base", "sendmail-cf", "sensible-mda", "m4", "libsasl2-modules", "sasl2-bin")

    def version(self):
        return f"Sendmail {package_version('sendmail-bin')}"

    def configure(self):
        (WORK / "swallow").write_text("#!/bin/sh\nexec cat >/dev/null\n")
        (WORK / "swallow").chmod(0o755)
        (WORK / "sendmail.mc").write_text(CONFIGURATION)
        made = subprocess.run(["m4", WORK / "sendmail.mc"], capture_output=True, check=True).stdout
        (WORK / "sendmail.cf").write_bytes(made)
        for user in ("alice", "bob", "carol"):
            subprocess.run(["useradd", "-M", "-N", "-s", "/bin/false", user], capture_output=True, check=False)
        Path("/etc/mail/local-host-names").write_text("example.test\n")
        Path("/etc/mail/Sendmail.conf").write_text(SASL)
        Path("/usr/lib/sasl2").mkdir(exist_ok=True)
        shutil.copy("/etc/mail/Sendmail.conf", "/usr/lib/sasl2/")
        run("saslpasswd2", "-p", "-c", "-f", "/etc/mail/sasl/sasldb2", "-u", HOST, self.user, input=self.password)
        shutil.chown("/etc/mail/sasl/sasldb2", "smmta", "smmsp")
        Path("/var/run/sendmail/mta").mkdir(parents=True, exist_ok=True)
        self.listen_to_syslog()
        run("sendmail", f"-C{WORK}/sendmail.cf", "-bi")

    def listen_to_syslog(self):
        path = "/dev/log"
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            ear.connect(path)
            raise RuntimeError("a syslog daemon runs here: not a throw-away machine")
        except OSError:
            ear.close()
        Path(path).unlink(missing_ok=True)
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ear.bind(path)
        os.chmod(path, 0o666)

        def listen():
            with open(self.log_file, "ab", buffering=0) as log:
                while True:
                    log.write(ear.recv(65536) + b"\n")

        threading.Thread(target=listen, daemon=True).start()

    def run(self):
        self.background("sendmail", f"-C{WORK}/sendmail.cf", "-bD", "-q1m")

    def queue_ids(self):
        return set(re.findall(r": (\w+): from=", self.log()))
