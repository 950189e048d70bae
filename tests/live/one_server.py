# SPDX-License-Identifier: GPL-2.0-or-later
"""All scenarios with one server: two recordings that can be kept, and one of large messages."""

import ssl
import traceback

import dialogue
import habits  # noqa: F401  registers its scenarios
import programs
from raw import Raw, Wire
from recording import Recorder, describe, keep
from scenarios import LARGE, SCENARIOS
from servers import SERVERS


def ask_capabilities(server, where):
    """What it offers there, before anything is recorded."""
    wire = Wire(server.where(where), "/dev/null")
    if where == "tls":
        wire.secure(ssl.TLSVersion.TLSv1_3)
    client = Raw(wire, dialogue.Session("", "", lmtp=server.lmtp or where == "lmtp"), server)
    client.greeted()
    found = client.hello()
    client.quit()
    return found


class Runner:
    """Runs scenarios and keeps what happened: sessions, and what could not be done."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.failures, self.skipped = {}, []
        tls = server.where("login") == server.ports.get("tls")
        self.capabilities = {where: ask_capabilities(server, where)
                             for where in ("smtp", "tls", "lmtp") if server.where(where)}
        self.capabilities["login"] = self.capabilities["tls" if tls else "smtp"]

    def attempt(self, name, function):
        try:
            return function()
        except Exception:  # whatever a foreign program does: the others go on
            self.failures[name] = traceback.format_exc()
            return None

    def raw(self, one, keylog):
        server = self.server
        wire = Wire(server.where(one.where), keylog)
        session = dialogue.Session(one.name, "raw", lmtp=server.lmtp or one.where == "lmtp",
                                   anomalies=list(one.anomalies))
        if server.where(one.where) == server.ports.get("tls"):
            wire.secure(ssl.TLSVersion.TLSv1_3)
            session.tls = True
        client = Raw(wire, session, server)
        if one.greeted:
            client.greeted()
        try:
            one.run(client)
        finally:
            wire.close()
        return session

    def record(self, name, jobs):
        """jobs: (name, function of the key log's path). Gives the sessions in their order."""
        recorder = Recorder(self.folder, f"{self.server.name}-{name}")
        recorder.start(self.server.ports.values())
        try:
            sessions = [self.attempt(one, lambda job=job: job(recorder.keylog)) for one, job in jobs]
        finally:
            recorder.stop()
        return recorder, [session for session in sessions if session]

    def raw_jobs(self, scenarios):
        for one in scenarios:
            if one.offered(self.server, self.capabilities.get(one.where, {})):
                yield one.name, lambda keylog, one=one: self.raw(one, keylog)
            elif not one.servers:
                self.skipped.append(one.name)

    def program_jobs(self):
        server, offers = self.server, self.capabilities["smtp"]
        ways = [None] + (["starttls"] if "STARTTLS" in offers else []) + (["implicit"] if server.ports.get("tls") else [])
        clients = [programs.swaks, programs.msmtp] + ([programs.nodemailer] if programs.has_nodemailer() else [])
        clients += [] if server.lmtp else [programs.python, programs.curl]
        for client in clients:
            for way in ways:
                yield (f"{client.__name__}, {way or 'clear'}",
                       lambda keylog, client=client, way=way: client(server, keylog, way))
            if "AUTH" in offers and not (client is programs.swaks and "CRAM-MD5" not in offers["AUTH"]):
                yield f"{client.__name__}, AUTH", lambda keylog, client=client: client(server, keylog, None, True)
        for way in ways[1:]:
            yield f"s_client, {way}", lambda keylog, way=way: programs.s_client(server, keylog, way)
        if "PIPELINING" in offers:
            yield "swaks, pipelined", lambda keylog: programs.swaks(server, keylog, pipelined=True)


def run(name, folder):
    """Starts the server, records, stops it; writes the recordings to the folder."""
    server = SERVERS[name]()
    try:
        server.start()
        runner = Runner(server, folder)
        made = [(kind, *runner.record(kind, list(jobs))) for kind, jobs in (
            ("raw", runner.raw_jobs(SCENARIOS)), ("programs", runner.program_jobs()), ("large", runner.raw_jobs(LARGE)))]
        ids = server.queue_ids()
    finally:
        server.stop()
    for kind, recorder, sessions in made:
        target = folder / f"{name}-{kind}"
        keep(recorder, target)
        describe(target, server, sessions, ids)
    return {"version": server.version(), "failures": runner.failures, "skipped": runner.skipped,
            "clients": programs.versions(), "log": server.log()[-4000:] if runner.failures else ""}
