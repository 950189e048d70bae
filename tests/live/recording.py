# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures on the loopback interface, and what is kept of them.

A recording is NAME.pcapng.gz with the TLS secrets in it, and NAME.json: the
server and its version, and each session in the order in which it was opened,
as its client's trace and the server's log tell of it (dialogue.Session).
"""

import gzip
import json
import signal
import subprocess
import time

SETTLE = 1.3  # seconds that dumpcap may hold packets back


class Recorder:
    """dumpcap, from start to stop, on the ports of one server."""

    def __init__(self, folder, name):
        self.path = folder / f"{name}.pcapng"
        self.keylog = folder / f"{name}.keys"
        self.keylog.write_text("")
        self.keylog.chmod(0o666)
        self.process = None

    def start(self, ports):
        ports = " or ".join(f"tcp port {port}" for port in sorted(set(ports)))
        self.process = subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-s", "0", "-B", "64", "-f", ports, "-w", self.path],
                                        stderr=subprocess.PIPE, text=True)
        said = []
        for line in self.process.stderr:
            said.append(line)
            if line.startswith("File:"):
                time.sleep(0.3)
                return
        raise RuntimeError("dumpcap: " + "".join(said))

    def stop(self):
        time.sleep(SETTLE)
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=30)
        for line in said.splitlines():
            if "dropped" in line and "/0 " not in line.replace("(0.0%)", "/0 ") and "100.0%" not in line:
                raise RuntimeError(f"dumpcap lost packets: {line}")


def keep(recorder, target):
    """Writes the capture with its secrets in it, without what dumpcap says of this machine."""
    plain, whole = target.with_suffix(".pcap"), target.with_suffix(".pcapng")
    editcap("-F", "pcap", recorder.path, plain)
    secrets = ["--inject-secrets", f"tls,{recorder.keylog}"] if recorder.keylog.stat().st_size else []
    editcap("-F", "pcapng", *secrets, plain, whole)
    plain.unlink()
    packed = target.with_suffix(".pcapng.gz")
    with open(packed, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as zipped:
        zipped.write(whole.read_bytes())
    whole.unlink()
    return packed


def editcap(*arguments):
    done = subprocess.run(["editcap", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"editcap: {done.stderr}")


def describe(target, server, sessions, queue_ids):
    ports = sorted({port for name, port in server.ports.items() if name != "tls" and port != server.ports.get("tls")})
    told = {"server": server.name, "version": server.version(), "ports": ports, "queue_ids_in_log": bool(queue_ids),
            "sessions": [session.stored(queue_ids) for session in sessions]}
    target.with_suffix(".json").write_text(lines_of(told) + "\n", encoding="utf-8")


def lines_of(told):
    """JSON with an exchange a line, to be read by people, too."""
    places = {}

    def place(value):
        if isinstance(value, dict) and "sessions" not in value and "exchanges" not in value:
            places[f'"@{len(places)}@"'] = json.dumps(value, ensure_ascii=False)
            return list(places)[-1].strip('"')
        if isinstance(value, dict):
            return {key: place(one) for key, one in value.items()}
        return [place(one) for one in value] if isinstance(value, list) and any(
            isinstance(one, dict) for one in value) else value

    text = json.dumps(place(told), indent=1, ensure_ascii=False)
    for mark, line in places.items():
        text = text.replace(mark, line, 1)
    return text
