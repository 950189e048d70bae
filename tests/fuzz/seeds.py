#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes seed inputs of the fuzz targets, and a dictionary.

    seeds.py FOLDER

makes FOLDER/session and FOLDER/dissector, some inputs of each transcript in the
format of script.h and some that are hostile, and FOLDER/dictionary of the registries' words.
"""

import random
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REGISTRIES = HERE.parents[1] / "plugin" / "smtp"
sys.path.insert(0, str(HERE.parent / "epan"))

import capture  # noqa: E402
import transcript  # noqa: E402

# Of script.h.
OCTETS, LAST, REPEATED, GAP, AGAIN, INSIDE_TLS = range(6)
LONGEST = 65535

# Of fuzz_dissector.c: which port an input is for.
PORTS = [25, 587, 24, 8025]

# Words of no registry.
WORDS = ["\r\n", "\r\n.\r\n", "\n.\n", "\r.\r\n", ".\r\n", "..", "FROM:<", "TO:<", ">", "<>", "@", "<@a,@b:c@d>", " LAST\r\n",
         "BDAT 5\r\n", "=", "250-", "250 ", "-", "*\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n",
         "\xff\xfd\x03", "\x16\x03\x01", "\0\0\0\x05", "334 VXNlcm5hbWU6\r\n",
         "334 UGFzc3dvcmQ6\r\n", "AHRpbQB0YW5zdGFhZg==", "Subject: x\r\n\r\n", "queued as ", "id="]


# What takes much memory or work for few octets: a side, and what it says again and again.
HOSTILE = [("C", b"\n"), ("C", b"\r\n"), ("C", b"\r\0"), ("C", b"MAIL\n"), ("C", b"EHLO a\nEHLO b\n"), ("C", b"BDAT 0\n"),
           ("C", b"BDAT 1\nx"), ("C", b"BDAT 0 LAST\n"), ("C", b"DATA\n.\n"), ("C", b"AUTH\n*\n"), ("C", b"RCPT TO:a\n"),
           ("C", b"\xff\xfa"), ("C", b"\xff\xf1"), ("C", b"QUIT\r"), ("C", b"MAIL FROM:<"), ("C", b"MAIL FROM:<> a=b;c"),
           ("S", b"\n"), ("S", b"250\n"), ("S", b"220-\n"), ("S", b"334\n"), ("S", b"421\n"), ("S", b"250-a\r\0")]


# The same of both: what the client says again and again, and then the server.
HOSTILE_BOTH = [(b"NOOP\n", b"421\n"), (b"MAIL FROM:<a>\nDATA\n", b"421\n"), (b"NOOP\n", b"junk\n"), (b"QUIT\n", b"334 \n")]

# Behind an accepted STARTTLS: what begins a line again and again that never ends.
HOSTILE_NEAR_TLS = [("C", b"QUIT"), ("C", b"\x16\x03"), ("S", b"250 "), ("S", b"\x16\x03\x01"), ("S", b"500-")]
STARTTLS = (("S", b"220 mx\r\n"), ("C", b"STARTTLS\r\n"), ("S", b"220 go\r\n"))


def step(kind, side, octets=b"", length=None):
    """One step; length in octets, of the octets where it is not given."""
    length = len(octets) if length is None else min(length, LONGEST)
    return bytes([kind << 1 | (side == "S"), length & 0xFF, length >> 8]) + octets


def steps(made, segments):
    inside = made.tls_from
    for index, segment in enumerate(segments):
        if index == inside:
            yield step(INSIDE_TLS, "C")
        if segment.lost or made.only not in (None, segment.side):
            yield step(GAP, segment.side, length=len(segment.octets))
            continue
        for start in range(0, len(segment.octets), LONGEST):
            yield step(OCTETS, segment.side, segment.octets[start:start + LONGEST])


def cut_anywhere(chance):
    return lambda side, octets: [octets[:(at := chance.randrange(len(octets) + 1))], octets[at:]]


def many(times, side, text):
    """A text about so many times."""
    piece = text * max(1, 24 // len(text))
    times = times * len(text) // len(piece)
    return step(REPEATED, side, bytes([min(255, times // 2)]) + piece)


def times_of(text):
    """How often it is 6000 octets."""
    return 6000 // len(text)


def hostile_steps(side, text):
    """After a greeting and DATA, or without, about 12000 octets; the other side answers each half once."""
    half = many(times_of(text), side, text)
    other = "C" if side == "S" else "S"
    return half + step(OCTETS, other, b"250 ok\r\n") + half


def session_input(made, segments):
    return bytes([made.opened, 7]) + b"".join(steps(made, segments))


def dissector_input(made, segments, options=(0, 0, 0, 0)):
    """Options, beside opening and port: two octets of bits, snaplen, disorder; see fuzz_dissector.c."""
    port = PORTS.index(made.port) if made.port in PORTS else 0
    low, high, snaplen, disorder = options
    return bytes([low | (not made.opened), high | port, snaplen, 7, disorder]) + b"".join(steps(made, segments))


def any_options(chance):
    """One or two settings changed, and sometimes octets or packets that the capture lacks."""
    bits = sum({chance.choice((1, 2, 4, 8, 16, 32, 64, 128, 0x400, 0x800, 0x1000, 0x2000, 0x4000)) for _ in range(2)})
    return bits & 0xFF, bits >> 8, chance.choice((0, 0, 0, 5, 30)), chance.choice((0, 0, 20, 60))


def write_seeds(folder, make):
    folder.mkdir(parents=True, exist_ok=True)
    for made in transcript.every():
        chance = random.Random(made.name)
        (folder / made.name).write_bytes(make(made, made.segments))
        if made.tls_from is None:
            cut = capture.split(made.segments, cut_anywhere(chance))
            (folder / f"{made.name}_cut").write_bytes(make(made, cut))
        if make is dissector_input:
            (folder / f"{made.name}_odd").write_bytes(make(made, made.segments, any_options(chance)))


def write_hostile(folder, options):
    for number, (side, text) in enumerate(HOSTILE):
        for opening in (b"", step(OCTETS, "S", b"220 mx\r\n")):
            (folder / f"hostile_{number}_{len(opening)}").write_bytes(options + opening + hostile_steps(side, text))
    for number, (client, server) in enumerate(HOSTILE_BOTH):
        both = many(times_of(client), "C", client) + many(times_of(server), "S", server)
        (folder / f"hostile_both_{number}").write_bytes(options + step(OCTETS, "S", b"220 mx\r\n") + both)
    opening = b"".join(step(OCTETS, side, text) for side, text in STARTTLS)
    for number, (side, text) in enumerate(HOSTILE_NEAR_TLS):
        # As many as are cut at each octet (script.c).
        (folder / f"hostile_near_tls_{number}").write_bytes(options + opening + many(1800 // len(text), side, text))


def registry_words():
    """The texts of all rows, and codes in the forms in which they travel."""
    for table in sorted(REGISTRIES.glob("smtp_*.def")):
        for name, arguments in re.findall(r"^SMTP_(\w+)\((.*)\)", table.read_text(), re.MULTILINE):
            if name == "NOTE":
                continue
            first = arguments.split(",")
            if name == "CODE":
                yield first[0].strip() + " "
            elif name == "ENHANCED":
                yield from (f"{kind}.{first[0].strip()}.{first[1].strip()} " for kind in (2, 5))
            else:
                yield from re.findall(r'"([^"]+)"', arguments)[:1]


def write_dictionary(path):
    def quoted(word):
        octets = word.encode("latin-1")
        return "".join(chr(octet) if 32 < octet < 127 and octet not in b'"\\' else f"\\x{octet:02x}" for octet in octets)

    words = dict.fromkeys([*WORDS, *(word for word in registry_words() if word.isascii())])
    path.write_text("".join(f'"{quoted(word)}"\n' for word in words if word))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: seeds.py FOLDER")
    folder = Path(sys.argv[1])
    write_seeds(folder / "session", session_input)
    write_seeds(folder / "dissector", dissector_input)
    write_hostile(folder / "session", bytes([1, 7]))
    write_hostile(folder / "dissector", bytes([0, 0, 0, 7, 0]))
    write_dictionary(folder / "dictionary")


if __name__ == "__main__":
    main()
