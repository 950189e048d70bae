# SPDX-License-Identifier: GPL-2.0-or-later
"""Installs servers and clients on this machine, which is changed by that."""

import os
import shutil
from pathlib import Path

from servers import SERVERS
from servers.base import WORK, run
from servers.smtp_server import NODE

CLIENTS = ("swaks", "libnet-ssleay-perl", "libauthen-sasl-perl", "libdigest-hmac-perl", "msmtp", "curl", "openssl",
           "ca-certificates", "tshark", "wireshark-common", "iproute2", "util-linux", "python3")
NODE_CLIENTS = ("nodemailer@6",)  # the last that runs on Debian 12's Node
POLICY = Path("/usr/sbin/policy-rc.d")
ENVIRONMENT = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def apt(*arguments):
    return run("apt-get", "-q", "-y", *arguments, env=ENVIRONMENT, timeout=1800)


def packages(names, suite=None):
    """With no daemon started; policy-rc.d says so for the time of it."""
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        apt("install", "--no-install-recommends", *(["-t", suite] if suite else []), *names)
    finally:
        if ours:
            POLICY.unlink()


def add_suite(suite):
    """Another suite of Debian, from where this machine has its own."""
    lines = run("apt-get", "indextargets", "--format", "$(LABEL) $(COMPONENT) $(SITE)", "Created-By: Packages").splitlines()
    site = next((line.split()[2] for line in lines if line.startswith("Debian main ")), "http://deb.debian.org/debian")
    Path("/etc/apt/sources.list.d/smtpx-live.list").write_text(f"deb {site} {suite} main\n")
    apt("update")


def node(names):
    if not shutil.which("npm"):
        packages(["nodejs", "npm"])
    NODE.mkdir(parents=True, exist_ok=True)
    run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1", "--prefix", NODE, *names)


def clients():
    """Once, before the servers. Gives what is wrong, by the client's name; Debian's must all be there."""
    WORK.mkdir(exist_ok=True, mode=0o755)
    apt("update")
    packages(CLIENTS)
    try:
        node(NODE_CLIENTS)
    except Exception as trouble:  # npm without its registry: the others go on
        return {"nodemailer": str(trouble)}
    return {}


def server(name):
    kind = SERVERS[name]
    if getattr(kind, "settings", None):
        run("debconf-set-selections", input=kind.settings + "\n")
    if kind.suite:
        add_suite(kind.suite)
    if kind.packages:
        packages(kind.packages, kind.suite)
    if getattr(kind, "node_packages", ()):
        node((*kind.node_packages, *NODE_CLIENTS))
