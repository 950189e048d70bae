# SPDX-License-Identifier: GPL-2.0-or-later
"""Exim, of Debian (GnuTLS)."""

import re
import shutil
from pathlib import Path

from .base import CERTIFICATE, HOST, KEY, Server, WORK, owned, package_version

CONFIGURATION = f"""\
primary_hostname = {HOST}
domainlist local_domains = example.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = 25 : 465
tls_on_connect_ports = 465
tls_advertise_hosts = *
tls_certificate = {CERTIFICATE}
tls_privatekey = {WORK}/exim-key.pem
host_lookup =
rfc1413_query_timeout = 0s
log_file_path = {WORK}/exim/%s.log
pid_file_path = {WORK}/exim/pid
chunking_advertise_hosts = *
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
pipelining_connect_advertise_hosts = *
prdr_enable = true
acl_smtp_rcpt = check_rcpt
acl_smtp_vrfy = check_vrfy
acl_smtp_data_prdr = check_each

begin acl
check_vrfy:
  accept
check_rcpt:
  require verify = recipient
  accept
check_each:
  deny local_parts = full
       message = mailbox is full
  accept

begin routers
local:
  driver = accept
  domains = +local_domains
  local_parts = lsearch;{WORK}/exim-users
  transport = store

begin transports
store:
  driver = appendfile
  maildir_format
  create_directory
  directory = {WORK}/exim/mail/$local_part_data
  user = mail
  group = mail

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{alice}}}}{{eq{{$auth3}}{{secret}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{alice}}}}{{eq{{$auth2}}{{secret}}}}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{alice}}{{secret}}fail}}
  server_set_id = $auth1
"""


class Exim(Server):
    name = "exim"
    packages = ("exim4-daemon-heavy",)

    @property
    def log_file(self):
        return WORK / "exim/main.log"

    def version(self):
        return f"Exim {package_version('exim4-daemon-heavy')}"

    def configure(self):
        shutil.rmtree(WORK / "exim", ignore_errors=True)
        owned(WORK / "exim", "Debian-exim")
        owned(WORK / "exim/mail", "mail")
        (WORK / "exim-users").write_text("".join(f"{user}: {user}\n" for user in ("alice", "bob", "carol", "full")))
        key = WORK / "exim-key.pem"
        shutil.copy(KEY, key)
        shutil.chown(key, "root", "Debian-exim")
        key.chmod(0o640)
        # Only there does Exim keep its rights.
        Path("/etc/exim4/exim4.conf").write_text(CONFIGURATION)

    def run(self):
        self.background("exim4", "-bdf", "-q1m")

    def queue_ids(self):
        return set(re.findall(r"^[\d-]+ [\d:.]+ (\S+) <= ", self.log(), re.MULTILINE))
