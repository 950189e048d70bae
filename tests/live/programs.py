# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that other people wrote, a connection a call.

Each gives the session as the program itself tells of it, and the message that
the program was given.
"""

import os
import shutil
import smtplib
import ssl
import subprocess
from pathlib import Path

import mails
import told
from dialogue import Session
from raw import Raw
from servers.base import WORK
from servers.smtp_server import NODE

HELLO = "client.example.test"
PROGRAMS = Path(__file__).parent / "programs"


def run(*command, environment=None, text=b"", check=True):
    done = subprocess.run([str(word) for word in command], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **(environment or {})}, timeout=120, check=False)
    said = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    if check and done.returncode:
        raise RuntimeError(f"{command[0]}: exit status {done.returncode}: {said[-1500:]}")
    return said


def stored(octets, name="message.eml"):
    path = WORK / name
    path.write_bytes(octets)
    return path


def port(server, tls):
    return server.where("tls" if tls == "implicit" else "smtp")


# ---- Python's smtplib: its own sockets, with a log between ----

class Lines:
    """A socket's file that keeps what was read."""

    def __init__(self, file):
        self.file, self.kept = file, []

    def readline(self, limit=-1):
        line = self.file.readline(limit)
        if line:
            self.kept.append(line.rstrip(b"\r\n").decode("utf-8", "surrogateescape"))
        return line

    def close(self):
        self.file.close()


class Logged:
    """What smtplib.SMTP and SMTP_SSL send and get."""

    def __init__(self, session, *arguments, **options):
        self.session = session
        super().__init__(*arguments, local_hostname=HELLO, timeout=30, **options)

    def send(self, octets):
        octets = octets.encode(self.command_encoding) if isinstance(octets, str) else octets
        last = self.session.exchanges[-1]
        if last.verb == "DATA" and last.code == "354":
            self.session.ask("end")
        else:
            self.session.ask("answer" if told.is_asked(self.session) else "command", octets.decode().removesuffix("\r\n"))
        super().send(octets)

    def getreply(self):
        if self.file is None:
            self.file = Lines(self.sock.makefile("rb"))
        self.file.kept.clear()
        answer = super().getreply()
        self.session.told(list(self.file.kept))
        return answer


class Plain(Logged, smtplib.SMTP):
    pass


class Secure(Logged, smtplib.SMTP_SSL):
    pass


def context(keylog):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode, made.keylog_filename = False, ssl.CERT_NONE, str(keylog)
    return made


def python(server, keylog, tls=None, login=False):
    session = Session(f"smtplib{described(tls, login)}", "smtplib", tls=tls == "implicit")
    session.ask("opening")
    if tls == "implicit":
        client = Secure(session, "127.0.0.1", server.where("tls"), context=context(keylog))
    else:
        client = Plain(session, "127.0.0.1", server.where("smtp"))
    if tls == "starttls":
        client.starttls(context=context(keylog))
    if login:
        client.login(server.user, server.password)
        session.user = server.user
    # With refused recipients smtplib goes on; with a reset in the middle, after a transaction.
    for octets, recipients in ((mails.DOTTED, ["bob@example.test", "nosuch@example.test"]),
                               (mails.PLAIN, ["carol@example.test"])):
        session.mails.append(octets)
        client.sendmail("alice@example.test", recipients, octets)
    client.quit()
    return session


def described(tls, login):
    return "".join([", STARTTLS" if tls == "starttls" else ", implicit TLS" if tls else "", ", AUTH" if login else ""])


# ---- Programs ----

def swaks(server, keylog, tls=None, login=False, pipelined=False):
    name = f"swaks{described(tls, login)}{', pipelined' if pipelined else ''}"
    session = Session(name, "swaks", lmtp=server.lmtp, tls=tls == "implicit")
    # swaks adds the last line end.
    text = mails.DOTTED.replace(b"\r\n", b"\n").removesuffix(b"\n")
    command = ["swaks", "--server", "127.0.0.1", "--port", port(server, tls), "--helo", HELLO,
               "--from", "alice@example.test", "--to", "bob@example.test,carol@example.test",
               "--data", "@" + str(stored(text))]
    command += ["--protocol", "LMTP"] if server.lmtp else []
    command += {"starttls": ["--tls"], "implicit": ["--tlsc"], None: []}[tls]
    command += ["--pipeline"] if pipelined else []
    if login:
        command += ["--auth", "CRAM-MD5", "--auth-user", server.user, "--auth-password", server.password]
        session.user = server.user
    said = run(*command, environment={"PERL5OPT": f"-I{PROGRAMS} -MKeyLog", "SSLKEYLOGFILE": str(keylog)} if tls else None,
               check=not server.lmtp)
    session.mails.append(mails.DOTTED)
    return told.follow(session, told.swaks(said))


def curl(server, keylog, tls=None, login=False):
    session = Session(f"curl{described(tls, login)}", "curl", tls=tls == "implicit", untold=["QUIT"])
    scheme = "smtps" if tls == "implicit" else "smtp"
    command = ["curl", "-v", "-sS", "-k", f"{scheme}://127.0.0.1:{port(server, tls)}/{HELLO}",
               "--mail-from", "alice@example.test", "--mail-rcpt", "bob@example.test", "--mail-rcpt", "carol@example.test",
               "-T", stored(mails.DOTTED)]
    command += ["--ssl-reqd"] if tls == "starttls" else []
    if login:
        command += ["--user", f"{server.user}:{server.password}", "--login-options", "AUTH=PLAIN"]
        session.user = server.user
    said = run(*command, environment={"SSLKEYLOGFILE": str(keylog)})
    session.mails.append(mails.DOTTED)
    return told.follow(session, told.curl(said))


def msmtp(server, keylog, tls=None, login=False):
    session = Session(f"msmtp{described(tls, login)}", "msmtp", lmtp=server.lmtp, tls=tls == "implicit")
    command = ["msmtp", "-C", "/dev/null", "--debug", "--host=127.0.0.1", f"--port={port(server, tls)}",
               f"--protocol={'lmtp' if server.lmtp else 'smtp'}", f"--domain={HELLO}", "--from=alice@example.test",
               f"--tls={'on' if tls else 'off'}", f"--tls-starttls={'on' if tls == 'starttls' else 'off'}",
               "--tls-certcheck=off", "--set-date-header=off", "--set-msgid-header=off", "--set-from-header=off",
               f"--auth={'plain' if login else 'off'}"]
    if login:
        command += [f"--user={server.user}", f"--passwordeval=echo {server.password}"]
        session.user = server.user
    said = run(*command, "bob@example.test", "alice@example.test", environment={"SSLKEYLOGFILE": str(keylog)},
               text=mails.DOTTED.replace(b"\r\n", b"\n"))
    session.mails.append(mails.DOTTED)
    return told.follow(session, told.msmtp(said))


class Pipes:
    """openssl s_client as the wire of a raw session."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)

    def send(self, octets):
        self.process.stdin.write(octets)
        self.process.stdin.flush()

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise ConnectionError("s_client ended")
        return line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def s_client(server, keylog, tls="implicit"):
    session = Session(f"s_client{described(tls, False)}", "openssl s_client", lmtp=server.lmtp,
                      inside_only=tls == "starttls")
    session.tls = True
    protocol = "lmtp" if server.lmtp else "smtp"
    more = ["-starttls", protocol, "-name", HELLO] if tls == "starttls" else []
    client = Raw(Pipes("openssl", "s_client", "-quiet", "-keylogfile", keylog, *more, "-connect",
                       f"127.0.0.1:{port(server, tls)}"), session, server)
    if tls == "implicit":
        client.greeted()
    client.hello()
    client.envelope("bob@example.test", "nosuch@example.test")
    client.data(mails.DOTTED)
    client.quit()
    return session


def nodemailer(server, keylog, tls=None, login=False):
    """Two messages on one connection; the program prints C: and S: lines."""
    session = Session(f"nodemailer{described(tls, login)}", "nodemailer", lmtp=server.lmtp, tls=tls == "implicit")
    said = run("node", f"--tls-keylog={keylog}", PROGRAMS / "nodemailer_client.js", NODE, port(server, tls), tls or "none",
               f"{server.user}:{server.password}" if login else "", "lmtp" if server.lmtp else "smtp",
               stored(mails.DOTTED, "one.eml"), stored(mails.PLAIN, "two.eml"))
    if login:
        session.user = server.user
    session.mails += [mails.DOTTED, mails.PLAIN]
    return told.follow(session, ((line[0], line[3:]) for line in said.splitlines() if line[:3] in ("C: ", "S: ")))


NODEMAILER = NODE / "node_modules/nodemailer/package.json"


def has_nodemailer():
    return bool(shutil.which("node")) and NODEMAILER.exists()


def versions():
    """Of each program, on one line each."""
    found = {"smtplib": "Python " + run("python3", "--version").split()[1],
             "swaks": run("swaks", "--version").split("\n")[0],
             "curl": " ".join(run("curl", "--version").split()[:2]),
             "msmtp": run("msmtp", "--version").split("\n")[0],
             "openssl s_client": " ".join(run("openssl", "version").split()[:2])}
    if has_nodemailer():
        found["nodemailer"] = "nodemailer " + NODEMAILER.read_text().split('"version": "')[1].split('"')[0]
    return found
