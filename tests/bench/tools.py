# SPDX-License-Identifier: GPL-2.0-or-later
"""The tools that Debian packages for the mails of a capture, beside smtpx: what each costs, and how many of the
mails that were sent it writes octet for octet."""

import random
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import capture
import generate
from capture import Connection

SESSIONS = 2000
SEED = 7

SURICATA = """%YAML 1.1
---
stream: {{checksum-validation: no, memcap: 1gb, reassembly: {{memcap: 1gb, depth: 0}}}}
flow: {{memcap: 512mb}}
app-layer: {{protocols: {{smtp: {{enabled: yes, raw-extraction: yes, mime: {{decode-mime: no}}}}}}}}
outputs:
  - file-store: {{version: 2, enabled: yes, dir: {folder}, force-filestore: yes}}
"""


def resent(packets, chance):
    """A packet comes again at once."""
    at = chance.randrange(9, len(packets) - 5)
    packets.insert(at + 1, packets[at])


def swapped(packets, chance):
    """Two packets come in the wrong order."""
    at = chance.randrange(9, len(packets) - 6)
    packets[at], packets[at + 1] = packets[at + 1], packets[at]


# How a session is made: dots in each line, options of generate.session(), what becomes of its packets.
KINDS = {
    "plain": (False, {}, None),
    "pipelined": (False, {"pipelined": True}, None),
    "dots in front of lines": (True, {}, None),
    "BDAT": (False, {"bdat": True}, None),
    "segments sent again": (False, {}, resent),
    "segments out of order": (False, {}, swapped),
}


def write(path, count=SESSIONS):
    """A capture with as many sessions of each kind; gives the mails that were sent, by kind."""
    chance, writer, sent = random.Random(SEED), capture.Writer(), {kind: Counter() for kind in KINDS}
    connections = []
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        dots, options, _ = KINDS[kind]
        # tshark writes a thousand files of one name, which is the subject.
        body = generate.message(chance, 6000, dots).replace(b"Subject: ", b"Subject: %d, " % number, 1)
        sent[kind][re.sub(rb"(?m)^\.\.", b".", body) if dots else body] += 1
        connections.append((kind, Connection(generate.session([body], **options))))
    list(capture.numbered([connection for _, connection in connections]))
    for kind, connection in connections:
        alone = capture.Writer()
        capture.write(alone, connection)
        packets = [part[16:] for part in alone.parts[1:]]
        if KINDS[kind][2]:
            KINDS[kind][2](packets, chance)
        for packet in packets:
            writer.packet(packet)
    writer.save(path)
    return sent


@dataclass
class Tool:
    name: str
    program: str
    arguments: Callable  # (capture, folder) -> the command
    plugin: bool = False


def suricata(path, folder):
    settings = folder / "suricata.yaml"
    settings.write_text(SURICATA.format(folder=folder / "files"))
    settings.chmod(0o644)
    return ["suricata", "-c", settings, "-r", path, "-l", folder, "-k", "none", "-S", "/dev/null", "--runmode", "single"]


def tshark(kind):
    return lambda path, folder: ["tshark", "-r", path, "-q", "-o", "tcp.reassemble_out_of_order:TRUE",
                                 "--export-objects", f"{kind},{folder}"]


TOOLS = [
    Tool("tshark, `--export-objects smtpx`", "tshark", tshark("smtpx"), plugin=True),
    Tool("tshark without smtpx, `--export-objects imf`", "tshark", tshark("imf")),
    Tool("suricata, file store, raw messages", "suricata", suricata),
    Tool("tcpflow (streams, no mails)", "tcpflow", lambda path, folder: ["tcpflow", "-r", path, "-o", folder]),
    Tool("ndpiReader (flows, no mails)", "ndpiReader", lambda path, folder: ["ndpiReader", "-i", path]),
]


def run(home, tool, path, number):
    """CPU seconds, peak octets, and all files that it wrote."""
    folder = home.file(f"tools-{number}")
    folder.mkdir()
    folder.chmod(0o777)
    done = home.run("/usr/bin/time", "-f", "%U %S %M", *tool.arguments(path, folder), check=False, timeout=3600)
    assert done.returncode == 0, done.stderr.decode()
    user, system, kilobytes = done.stderr.split(b"\n")[-2].split()
    files = Counter(file.read_bytes() for file in Path(folder).rglob("*") if file.is_file())
    shutil.rmtree(folder)
    return float(user) + float(system), int(kilobytes) * 1024, files


def table(with_smtpx, bare, path):
    sent = write(path)
    kinds = " | ".join(KINDS)
    print(f"| tool | CPU | memory | mails identical | {kinds} |\n|---|---|---|---|" + "---|" * len(KINDS))
    for number, tool in enumerate(TOOLS):
        if not shutil.which(tool.program):
            print(f"| {tool.name} | skipped: {tool.program} is not installed | | |" + " |" * len(KINDS), flush=True)
            continue
        cpu, peak, files = run(with_smtpx if tool.plugin else bare, tool, path, number)
        right = [sum((mails & files).values()) for mails in sent.values()]
        cells = " | ".join(f"{found}/{sum(mails.values())}" for found, mails in zip(right, sent.values()))
        print(f"| {tool.name} | {cpu:.1f} s | {peak >> 20} MB | **{sum(right)}/{SESSIONS}** | {cells} |", flush=True)
