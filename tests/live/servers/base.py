# SPDX-License-Identifier: GPL-2.0-or-later
"""What all servers share: a certificate, a folder, starting, waiting, stopping.

A server is for a throw-away machine: it writes its configuration where its
package expects it.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

HOST = "mx.example.test"
WORK = Path("/var/tmp/smtpx-live")  # what servers read and write besides; OpenSMTPD wants it not sticky
KEY, CERTIFICATE = WORK / "key.pem", WORK / "cert.pem"


class Server:
    name = ""
    packages = ()
    suite = None  # of Debian, if not the machine's
    ports = {"smtp": 25, "tls": 465}
    lmtp = False
    user, password = "alice", "secret"
    full = "carol@example.test"  # an LMTP recipient that is refused behind the message, where the server can

    def __init__(self):
        self.process = None
        self.pid_file = None

    # ---- What each has of its own ----

    def version(self):
        raise NotImplementedError

    def configure(self):
        raise NotImplementedError

    def run(self):
        raise NotImplementedError

    def log(self):
        """All that it has written to its log."""
        files = (self.log_file, WORK / f"{self.name}.out")
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def queue_ids(self):
        """What its log calls messages that it has taken."""
        return set()

    # ---- The same for all ----

    @property
    def log_file(self):
        return WORK / f"{self.name}.log"

    def where(self, name):
        """A port: "login" is where AUTH is offered."""
        return self.ports.get(name) or (self.ports.get("smtp") if name == "login" else None)

    def start(self):
        WORK.mkdir(exist_ok=True, mode=0o755)
        self.log_file.unlink(missing_ok=True)
        certificate()
        for port in sorted(set(self.ports.values())):
            if is_open(port):
                raise RuntimeError(f"port {port} is in use on this machine")
        self.configure()
        self.run()
        for port in sorted(set(self.ports.values())):
            self.wait_for(port)

    def background(self, *command, **options):
        """Starts a program that stays in the foreground; its output is part of the log."""
        with open(WORK / f"{self.name}.out", "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **options)

    def wait_for(self, port):
        for _ in range(200):
            if is_open(port):
                return
            if self.process and self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"port {port} does not open: {self.log()[-500:]}")

    def stop(self):
        """By its own process number."""
        if self.process:
            pid = self.process.pid
        elif self.pid_file and self.pid_file.exists():
            pid = int(self.pid_file.read_text().split()[0])
        else:
            return
        try:
            os.kill(pid, signal.SIGTERM)
            for _ in range(100):
                if self.process and self.process.poll() is not None:
                    return
                os.kill(pid, 0)
                time.sleep(0.1)
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def is_open(port):
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def certificate():
    if not KEY.exists():
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},DNS:localhost,IP:127.0.0.1",
            "-keyout", KEY, "-out", CERTIFICATE)
    KEY.chmod(0o600)


def run(*command, check=True, **options):
    """A program's output."""
    options.setdefault("timeout", 600)
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", **options)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit status {done.returncode}: {done.stdout[-800:]}")
    return done.stdout


def package_version(package):
    return run("dpkg-query", "-W", "-f", "${source:Upstream-Version}", package)


def owned(path, user, group=None, mode=0o755):
    """A folder of a user's."""
    path.mkdir(parents=True, exist_ok=True)
    shutil.chown(path, user, group or user)
    path.chmod(mode)
    return path
