# SPDX-License-Identifier: GPL-2.0-or-later
"""Ring 3: sessions between the same ends that only their VLAN tells apart."""

import struct

import pytest

import capture
from capture import Connection, Segment

ETHERNET = 1
TOGETHER = ("-o", "protocols.conversation_deinterlacing_key:VM.")


def segments(name):
    return [Segment("S", b"220 mx.%s ESMTP\r\n" % name), Segment("C", b"EHLO c.%s\r\n" % name),
            Segment("S", b"250 mx.%s\r\n" % name), Segment("C", b"MAIL FROM:<a@%s>\r\n" % name), Segment("S", b"250 ok\r\n"),
            Segment("C", b"RCPT TO:<b@%s>\r\n" % name), Segment("S", b"250 ok\r\n"), Segment("C", b"DATA\r\n"),
            Segment("S", b"354 go\r\n"), Segment("C", b"Subject: %s\r\n\r\ntext\r\n.\r\n" % name), Segment("S", b"250 done\r\n")]


def packets(name, port):
    writer = capture.Writer()
    capture.write(writer, Connection(segments(name), port=port))
    return [packet[16:] for packet in writer.parts[1:]]


def save(path, port, lead):
    """Two sessions with the same addresses, ports and numbers in two VLANs, packet by packet in turn."""
    first, second = packets(b"one.example", port), packets(b"two.example", port)
    turns = [(at, 10, packet) for at, packet in enumerate(first)] + [(at + lead, 20, packet) for at, packet in enumerate(second)]
    writer = capture.Writer()
    writer.parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, writer.snaplen, ETHERNET)]
    for _, vlan, packet in sorted(turns, key=lambda turn: turn[:2]):
        writer.packet(b"\2\0\0\0\0\1\2\0\0\0\0\2\x81\0" + struct.pack(">H", vlan) + b"\x08\0" + packet)
    writer.save(path)


@pytest.mark.parametrize("passes", [(), ("-2",)])
@pytest.mark.parametrize("port", [25, 2525])
@pytest.mark.parametrize("lead", [0, 3])
def test_told_apart_by_vlan(home, port, lead, passes):
    if tuple(map(int, home.version.split("."))) < (4, 4):
        pytest.skip("this Wireshark does not tell conversations apart")
    path = home.file("interlaced.pcap")
    save(path, port, lead)
    shown = {}
    for name in ("one.example", "two.example"):
        vlan = {"one.example": 10, "two.example": 20}[name]
        text = home.text("-r", path, *TOGETHER, *passes, "-Y", f"smtpx && vlan.id == {vlan}", "-T", "fields", "-e", "smtpx.session",
                         "-e", "smtpx.session.client", "-e", "smtpx.command.verb", "-e", "smtpx.reply.code", "-e",
                         "smtpx.message.octets", "-e", "smtpx.anomaly", "-e", "imf.subject")
        shown[name] = [line.split("\t") for line in text.splitlines()]
        assert {row[1] for row in shown[name]} <= {"", f"c.{name}"}
        assert len({row[0] for row in shown[name]}) == 1
    one, two = ([row[2:6] for row in shown[name]] for name in shown)
    assert one == two and len(one) == len(segments(b""))
    assert [row[6] for name in shown for row in shown[name] if row[6]] == ["one.example", "two.example"]
