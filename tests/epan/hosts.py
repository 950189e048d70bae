# SPDX-License-Identifier: GPL-2.0-or-later
"""Hosts to work on: real sshd on loopback, each with its port, of keys and settings of their own.

Nothing of the machine's ssh is read or changed. What is asked for is done as the unprivileged user.
"""

import contextlib
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def listens(port):
    with socket.socket() as made:
        return made.connect_ex(("127.0.0.1", port)) == 0


def make_key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


def write_settings(home, folder, ports):
    """Those of the sshd, and of ssh."""
    wrapper = folder / "wrapper"
    variables = [f"{name}={value}" for name, value in home.environment().items()
                 if name in ("HOME", "LC_ALL", "WIRESHARK_PLUGIN_DIR")]
    words = home.command("env", *variables, "bash", "-c")
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$SSH_ORIGINAL_COMMAND"\n')
    wrapper.chmod(0o755)
    for name, port in ports.items():
        (folder / f"sshd-{name}").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/key.pub\n"
            f"StrictModes no\nUsePAM no\nPidFile none\nPasswordAuthentication no\nPermitRootLogin yes\n"
            f"MaxStartups 100\nForceCommand {wrapper}\n")
    known = (folder / "host.pub").read_text().split()
    (folder / "known").write_text("".join(f"{name} {known[0]} {known[1]}\n" for name in ports))
    (folder / "ssh").write_text("".join(
        f"Host {name}\nHostName 127.0.0.1\nPort {port}\nHostKeyAlias {name}\n" for name, port in ports.items()) +
        f"Host *\nUser {getpass.getuser()}\nIdentityFile {folder}/key\nIdentitiesOnly yes\nBatchMode yes\n"
        f"UserKnownHostsFile {folder}/known\nStrictHostKeyChecking yes\n")


@contextlib.contextmanager
def privilege_folder():
    """Where root's sshd puts who has not logged in yet."""
    folder = Path("/run/sshd")
    made = os.getuid() == 0 and not folder.exists()
    if made:
        folder.mkdir(mode=0o755)
    yield
    if made:
        folder.rmdir()


@contextlib.contextmanager
def started(home, *names):
    """The sshd of these names; gives an environment in which parallel knows them."""
    if SSHD is None:
        pytest.skip("openssh-server is not installed")
    folder = home.file("hosts")
    folder.mkdir()
    ports = {name: free_port() for name in names}
    make_key(folder / "host")
    make_key(folder / "key")
    write_settings(home, folder, ports)
    home.own(folder / "key")
    with privilege_folder():
        servers = [subprocess.Popen([SSHD, "-D", "-e", "-f", folder / f"sshd-{name}"],
                                    stderr=open(folder / f"log-{name}", "w")) for name in names]
        try:
            until = time.monotonic() + 10
            while not all(map(listens, ports.values())):
                if any(server.poll() is not None for server in servers) or time.monotonic() > until:
                    pytest.skip("sshd does not start: " + " ".join(
                        line.strip() for name in names for line in open(folder / f"log-{name}")))
                time.sleep(0.05)
            yield {**home.environment(), "PARALLEL_SSH": f"ssh -F {folder}/ssh"}
        finally:
            for server in servers:
                server.terminate()
                server.wait()
