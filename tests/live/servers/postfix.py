# SPDX-License-Identifier: GPL-2.0-or-later
"""Postfix, of Debian."""

import re
import shutil
from pathlib import Path

from .base import CERTIFICATE, HOST, KEY, Server, WORK, owned, package_version, run

MAIN = f"""\
compatibility_level = 3.6
myhostname = {HOST}
maillog_file = {WORK}/postfix.log
maillog_file_prefixes = {WORK}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
alias_maps =
disable_dns_lookups = yes
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = example.test
virtual_mailbox_maps = inline:{{ alice@example.test=alice/, bob@example.test=bob/, carol@example.test=carol/ }}
virtual_mailbox_base = {WORK}/postfix
virtual_minimum_uid = 8
virtual_uid_maps = static:8
virtual_gid_maps = static:8
smtpd_tls_cert_file = {CERTIFICATE}
smtpd_tls_key_file = {KEY}
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = {HOST}
smtpd_sasl_security_options = noanonymous
cyrus_sasl_config_path = /etc/postfix/sasl
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_error_sleep_time = 0
"""

SASL = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
"""

MORE = """
465 inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
"""


class Postfix(Server):
    name = "postfix"
    packages = ("postfix", "libsasl2-modules", "sasl2-bin")
    settings = "postfix postfix/main_mailer_type select No configuration"

    def version(self):
        return f"Postfix {package_version('postfix')}"

    def configure(self):
        folder = Path("/etc/postfix")
        (folder / "main.cf").write_text(MAIN)
        source = next(path for path in (folder / "master.cf.proto", Path("/usr/share/postfix/master.cf.dist"))
                      if path.exists())
        # The fifth column is chroot, in which none of the files above would be found.
        lines = [re.sub(r"^(\S+ +(?:inet|unix|pass|unix-dgram) +\S+ +\S+ +)y ", r"\1n ", line)
                 for line in source.read_text().splitlines()]
        if not any(line.startswith("postlog") for line in lines):
            lines.append("postlog unix-dgram n - n - 1 postlogd")
        (folder / "master.cf").write_text("\n".join(lines) + MORE)
        (folder / "sasl").mkdir(exist_ok=True)
        (folder / "sasl/smtpd.conf").write_text(SASL)
        run("saslpasswd2", "-p", "-c", "-u", HOST, self.user, input=self.password)
        shutil.chown("/etc/sasldb2", "root", "postfix")
        Path("/etc/sasldb2").chmod(0o640)
        owned(WORK / "postfix", "mail")

    def run(self):
        run("postfix", "start")
        self.pid_file = Path("/var/spool/postfix/pid/master.pid")

    def queue_ids(self):
        return set(re.findall(r"postfix/qmgr\[\d+\]: (\w+): from=", self.log()))

    def stop(self):
        run("postfix", "stop", check=False)
