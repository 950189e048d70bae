# SPDX-License-Identifier: GPL-2.0-or-later
"""A client with control over every octet, which keeps a trace of all it sent and got."""

import base64
import hashlib
import hmac
import os
import socket
import ssl

import mails

TIMEOUT = 30


class Wire:
    """A TCP connection, later perhaps with TLS in it."""

    def __init__(self, port, keylog):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.keylog = keylog
        self.buffer = b""

    def send(self, octets):
        self.socket.sendall(octets)

    def secure(self, version):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        context.keylog_filename = str(self.keylog)
        assert not self.buffer, "octets behind the reply to STARTTLS"
        self.socket = context.wrap_socket(self.socket)

    def line(self):
        while b"\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError(f"closed, with {self.buffer!r} left")
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")

    def close(self):
        self.socket.close()


class Raw:
    """A session, recorded in a trace.Session."""

    def __init__(self, wire, session, server):
        self.wire, self.session, self.server = wire, session, server
        self.capabilities = {}

    def greeted(self):
        self.session.ask("opening")
        return self.reply()

    def reply(self):
        """Reads one reply; gives its code and lines. Sendmail's 050 lines come before it."""
        lines = [self.wire.line()]
        while lines[-1][3:4] == "-" or lines[-1].startswith("0"):
            lines.append(self.wire.line())
        self.session.told(lines)
        return lines[-1][:3], lines

    def replies(self):
        """Reads until nothing waits for an answer."""
        got = []
        while self.session.waiting():
            got.append(self.reply()[0])
        return got

    def send(self, *lines, kind="command"):
        """Lines in one write; does not wait."""
        for line in lines:
            self.session.ask(kind, line)
        self.wire.send("".join(line + "\r\n" for line in lines).encode("utf-8"))

    def line(self, text, kind="command"):
        self.send(text, kind=kind)
        return self.reply()

    def expect(self, code, text, kind="command"):
        got, lines = self.line(text, kind)
        assert got.startswith(code), f"{text}: {lines}"
        return lines

    @property
    def hello_line(self):
        return f"{'LHLO' if self.session.lmtp else 'EHLO'} client.example.test"

    def hello(self):
        lines = self.expect("250", self.hello_line)
        self.capabilities = {line[4:].partition(" ")[0].upper(): line[4:].partition(" ")[2] for line in lines[1:]}
        return self.capabilities

    def starttls(self, version):
        self.expect("220", "STARTTLS")
        self.wire.secure(version)

    def envelope(self, *recipients, sender="alice@example.test", parameters=""):
        self.expect("250", f"MAIL FROM:<{sender}>{parameters}")
        return [self.line(f"RCPT TO:<{address}>")[0] for address in recipients or ("bob@example.test",)]

    def message(self, octets, behind=()):
        """The message behind a 354, and commands in the same write."""
        self.session.mails.append(octets)
        self.session.ask("end")
        for line in behind:
            self.session.ask("command", line)
        self.wire.send(mails.stuffed(octets) + "".join(line + "\r\n" for line in behind).encode())
        return self.replies()

    def data(self, octets):
        self.expect("354", "DATA")
        return self.message(octets)

    def chunks(self, octets, sizes, ahead=(), wait=True):
        """The message in chunks of these sizes and what is left; ahead: commands in the same write."""
        pieces = []
        for size in sizes:
            pieces.append(octets[:size])
            octets = octets[size:]
        pieces.append(octets)
        self.session.mails.append(b"".join(pieces))
        wire = "".join(line + "\r\n" for line in ahead).encode()
        for line in ahead:
            self.session.ask("command", line)
        for number, piece in enumerate(pieces, 1):
            command = f"BDAT {len(piece)}{' LAST' if number == len(pieces) else ''}"
            self.session.ask("command", command)
            wire += command.encode() + b"\r\n" + piece
            if wait:
                self.wire.send(wire)
                self.replies()
                wire = b""
        self.wire.send(wire)
        return self.replies()

    def quit(self):
        self.line("QUIT")
        self.wire.close()

    # ---- AUTH ----

    def auth(self, mechanism, user=None, password=None):
        """One of the mechanisms below; gives the last code."""
        user, password = user or self.server.user, password or self.server.password
        steps = {"PLAIN": self.plain, "LOGIN": self.login, "CRAM-MD5": self.cram,
                 "SCRAM-SHA-1": self.scram, "SCRAM-SHA-256": self.scram}[mechanism]
        code = steps(mechanism, user, password)
        if code == "235":
            self.session.user = user
        return code

    def answer(self, octets):
        code, lines = self.line(coded(octets), "answer")
        return code, base64.b64decode(lines[-1][4:]) if code == "334" else b""

    def plain(self, mechanism, user, password):
        return self.line(f"AUTH {mechanism} " + coded(b"\0%s\0%s" % (user.encode(), password.encode())))[0]

    def login(self, mechanism, user, password):
        self.expect("334", f"AUTH {mechanism}")
        self.answer(user.encode())
        return self.answer(password.encode())[0]

    def cram(self, mechanism, user, password):
        challenge = base64.b64decode(self.expect("334", f"AUTH {mechanism}")[0][4:])
        digest = hmac.new(password.encode(), challenge, "md5").hexdigest()
        return self.answer(f"{user} {digest}".encode())[0]

    def scram(self, mechanism, user, password):
        """RFC 5802 without channel binding."""
        name = "sha256" if mechanism.endswith("256") else "sha1"
        first = b"n=%s,r=%s" % (user.encode(), base64.b64encode(os.urandom(18)))
        lines = self.expect("334", f"AUTH {mechanism} " + coded(b"n,," + first))
        challenge = base64.b64decode(lines[-1][4:])
        parts = dict(part.split(b"=", 1) for part in challenge.split(b","))
        salted = hashlib.pbkdf2_hmac(name, password.encode(), base64.b64decode(parts[b"s"]), int(parts[b"i"]))
        key = hmac.new(salted, b"Client Key", name).digest()
        final = b"c=biws,r=" + parts[b"r"]
        signature = hmac.new(hashlib.new(name, key).digest(), first + b"," + challenge + b"," + final, name).digest()
        proof = bytes(one ^ other for one, other in zip(key, signature))
        code, _ = self.answer(final + b",p=" + base64.b64encode(proof))
        # The server's signature comes as a challenge; it is answered with nothing.
        return self.answer(b"")[0] if code == "334" else code


def coded(octets):
    return base64.b64encode(octets).decode()
