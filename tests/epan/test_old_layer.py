# SPDX-License-Identifier: GPL-2.0-or-later
"""The built-in's layer "smtp", for who reads packets by layers: JSON, PDML, tshark -O, pyshark."""

import json
import re
import struct
import sys

import pytest

import capture
import stage
from capture import Connection, Segment
from wireshark import parse_pdml

NAMES = ["r5_textbook", "auth_login", "auth_plain", "codes", "mail_refused", "dots", "rfc2920_no_pipelining",
         "rfc5321_d1_typical", "pipelined_replies_apart", "queue_ids", "capabilities"]


@pytest.fixture(scope="module")
def path(home, transcripts):
    made = home.file("layer.pcap")
    stage.stage([transcripts[name] for name in NAMES], made, None)
    return made


def layers_in_json(home, path, name, *arguments):
    """The layer of this name in each packet that has one: pairs of keys and values, in order."""
    packets = json.loads(home.text("-r", path, "-2", "-T", "json", *arguments), object_pairs_hook=list)
    found = [dict(dict(packet)["_source"])["layers"] for packet in packets]
    return [(index, value) for index, layers in enumerate(found) for key, value in layers if key == name]


def without(layer, *keys):
    return [(key, without(value, *keys) if isinstance(value, list) and key != value else value)
            for key, value in layer if key not in keys]


# What the built-in has besides: the text of a message as a layer of its own in "smtp", and labels of
# fragments that JSON takes for keys. Its message ends before the last line's end.
OTHERS = "data-text-lines", "_ws.lua.text", "smtp.data.fragments", "smtp.data.fragments_tree", "_ws.expert"


def comparable(layers):
    return [(index, json.dumps(without(layer, *OTHERS))) for index, layer in layers]


@pytest.mark.parametrize("children", ["-j", "-J"])
def test_json(home, bare, path, children):
    arguments = children, "smtp", "-o", "smtp.decryption:TRUE", "-Y", "!smtp.auth.username && smtp.response.code != 334"
    mine, theirs = (layers_in_json(one, path, "smtp", *arguments) for one in (home, bare))
    assert len(mine) > 130
    for one, other in zip(comparable(mine), comparable(theirs), strict=True):
        assert one == other
    assert not layers_in_json(home, path, "smtp", children, "smtp", "-o", "smtpx.legacy_filters:FALSE")


def test_ek(home, path):
    """Elasticsearch's form names fields behind their layer."""
    lines = [json.loads(line) for line in home.text("-r", path, "-T", "ek").splitlines()]
    layers = [line["layers"]["smtp"] for line in lines if "smtp" in line.get("layers", {})]
    assert len(layers) > 130
    assert [one["smtp_smtp_req_command"] for one in layers if "smtp_smtp_req_command" in one][:3] == [
        "HELO", "MAIL", "RCPT"]


def layers_in_pdml(home, path, *arguments):
    """The items below "smtp" in each frame: name, value, place and depth."""

    def listed(item, depth):
        if item.name.startswith("smtp."):
            yield item.name, item.show, item.place, item.size, depth
        for child in item.children:
            yield from listed(child, depth + 1)

    frames = parse_pdml(home.tshark("-r", path, "-2", "-T", "pdml", "-J", "smtp", *arguments))
    return {frame.number: sorted(item for layer in frame.protocols if layer.name == "smtp" for item in listed(layer, 0)
                                 if not item[0].startswith("smtp.data."))
            for frame in frames}


def test_pdml(home, bare, path):
    arguments = "-Y", "!smtp.auth.username && !smtp.auth.password && smtp.response.code != 334 && !smtp.eom"
    mine, theirs = (layers_in_pdml(one, path, *arguments) for one in (home, bare))
    assert sum(map(bool, theirs.values())) > 130
    for number, items in theirs.items():
        assert mine.get(number) == items, f"frame {number}"


def test_each_unit_in_tls(home, bare, transcripts, tls):
    """TLS hands records over one after the other: a layer each."""
    path = home.file("tls-layer.pcap")
    stage.stage([transcripts["implicit_tls"]], path, tls)
    arguments = "-T", "fields", "-e", "frame.number", "-e", "smtp", "-e", "smtp.response.code", *tls.options
    mine = home.text("-r", path, *arguments)
    assert mine.count("\tsmtp\t") > 10 and mine == bare.text("-r", path, *arguments)


def printed(home, path, *arguments):
    """What tshark prints below "Simple Mail Transfer Protocol", packet by packet."""
    packets = home.text("-r", path, "-2", *arguments).split("\n\n")
    return [packet.split("\nSimple Mail Transfer Protocol\n")[-1] for packet in packets
            if "\nSimple Mail Transfer Protocol\n" in packet]


@pytest.mark.parametrize("option", [("-O", "smtp"), ("-Osmtp",), ("-nVO", "tcp,smtp")], ids=" ".join)
def test_only_this_layer(home, bare, path, option):
    arguments = *option, "-Y", "!smtp.auth.username && !smtp.auth.password && !smtp.eom && !smtp.auth.username_password"
    mine, theirs = printed(home, path, *arguments), printed(bare, path, *arguments)
    assert len(mine) > 130
    assert mine == theirs
    assert "Reply code" not in home.text("-r", path, *arguments)


def test_other_layers_only(home, path):
    text = home.text("-r", path, "-O", "smtpx,frame", "-Y", "smtpx")
    assert "Reply code" in text and "\nSimple Mail Transfer Protocol\n" not in text


def test_it_is_not_seen(home, path):
    """Neither in what is printed, nor as a protocol of the frame, nor in the hierarchy of protocols."""
    for arguments in (["-V", "-2"], [], ["-T", "fields", "-e", "frame.protocols", "-e", "_ws.col.Info"],
                      ["-q", "-z", "io,phs"], ["-q", "-z", "io,phs,smtp"], ["-Y", "smtp.req", "-q", "-z", "io,phs"]):
        text = home.text("-r", path, *arguments)
        assert "smtp" in text.lower()
        if "smtp.req" not in arguments and "io,phs,smtp" not in arguments:
            assert text == home.text("-r", path, *arguments, "-o", "smtpx.legacy_filters:FALSE")
        if arguments == ["-q", "-z", "io,phs"]:
            assert int(re.search(r"\bsmtpx +frames:(\d+)", text).group(1)) == len(home.text("-r", path, "-Y", "smtpx").splitlines())
        for name in ("\nSimple Mail Transfer Protocol\n", ":smtp\t", ":smtp:", " smtp  "):
            assert name not in text


def test_the_builtin_keeps_what_errors_quote(home, bare):
    """The start of a segment in an ICMP error is the built-in's, its layer and all."""
    path = home.file("quoted.pcap")
    said = Connection([Segment("S", b"220 mx.example ESMTP\r\n"), Segment("C", b"EHLO c.example\r\n")])
    writer = capture.Writer()
    capture.write(writer, said)
    quoted = capture.tcp(said, "C", said.isn["C"] + 100, 1, capture.ACK, b"MAIL FROM:<a@c.example>\r\n")
    unreachable = struct.pack(">BBHI", 3, 1, 0, 0)
    writer.packet(capture.ipv4(said.server, said.client, 1, unreachable + quoted))
    writer.save(path)
    arguments = "-r", path, "-Y", "icmp", "-V"
    assert "MAIL" in bare.text(*arguments)
    assert home.text(*arguments) == bare.text(*arguments)


PYSHARK = """
import sys
import pyshark
with pyshark.FileCapture(sys.argv[1]) as packets:
    for packet in packets:
        if "smtp" in packet:
            names = [name for name in sorted(packet.smtp.field_names) if name and not name.startswith("data_")]
            print(packet.number, [(name, str(packet.smtp.get(name))) for name in names])
"""


def test_pyshark(home, bare, transcripts):
    """Reads PDML: packet.smtp.req_command."""
    pytest.importorskip("pyshark")
    path = home.file("read.pcap")
    stage.stage([transcripts[name] for name in NAMES if "auth" not in name], path, None)
    script = home.file("read.py")
    script.write_text(PYSHARK)
    told = [one.run(sys.executable, script, path, cwd=one.work).stdout.decode() for one in (home, bare)]
    assert told[0].count("'req_command', 'MAIL'") > 5
    assert told[0] == told[1]
