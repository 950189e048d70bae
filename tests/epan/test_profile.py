# SPDX-License-Identifier: GPL-2.0-or-later
"""The profile "SMTP": its columns, macros, colours and buttons are what Wireshark takes."""

import csv
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import stage

PROFILE = Path(__file__).resolve().parents[2] / "profile/SMTP"


@pytest.fixture(scope="module")
def capture_of_mail(home, transcripts, tls):
    path = home.file("profile.pcap")
    stage.stage([transcripts["r5_textbook"], transcripts["auth_plain"]], path, tls)
    files = {file.name: file.read_text().splitlines() for file in PROFILE.iterdir()}
    return path, home.profile("SMTP", **files)


def filters():
    """The filters of colours, buttons and graphs."""
    rows = [line for line in (PROFILE / "colorfilters").read_text().splitlines() if line.startswith("@")]
    yield from (row.split("@")[2] for row in rows)
    for name, column in (("dfilter_buttons", 2), ("io_graphs", 2)):
        lines = [line for line in (PROFILE / name).read_text().splitlines() if not line.startswith("#")]
        yield from (row[column].replace("\\x22", '"') for row in csv.reader(lines))


def test_columns(home, capture_of_mail):
    path, options = capture_of_mail
    psml = ElementTree.fromstring(home.tshark("-r", path, *options, "-T", "psml"))
    titles = [section.text for section in psml.find("structure")]
    assert titles[4:10] == ["Session", "Mail", "From", "To", "Code", "Wait"]
    rows = [dict(zip(titles, (section.text or "" for section in packet))) for packet in psml.iter("packet")]
    said = {row["Info"]: row for row in rows}
    mail = said["C: MAIL FROM:<bob@example.com>"]
    assert (mail["Session"], mail["Mail"], mail["From"], mail["Code"]) == ("1", "1", "bob@example.com", "")
    assert said["C: RCPT TO:<alice@example.com>"]["To"] == "alice@example.com"
    assert said["S: 250 Ok: queued as 12345"]["Code"] == "250"


@pytest.mark.parametrize("expression", filters())
def test_filters(home, capture_of_mail, expression):
    home.text("-r", capture_of_mail[0], "-Y", expression)


def test_anomalies(home, transcripts, tls):
    """What is odd has a colour and a button."""
    path = home.file("anomalies.pcap")
    [staged] = stage.stage([transcripts["anomaly_octets"]], path, tls)
    odd = {number for number, frame in home.frames(path, "-2").items() if frame.values("smtpx.anomaly")}
    rules = [line.split("@") for line in (PROFILE / "colorfilters").read_text().splitlines() if line.startswith("@")]
    coloured = next(rule[2] for rule in rules if rule[1] == "SMTP against a MUST")

    def found(expression):
        return {int(line) for line in home.text("-r", path, "-2", "-Y", expression, "-T", "fields", "-e", "frame.number").split()}

    assert "smtpx.anomaly" in filters() and found("smtpx.anomaly") == odd
    assert found(coloured) == odd - found("!smtpx.anomaly.bare_lf && !smtpx.anomaly.bare_cr") < odd


def test_macros(home, capture_of_mail):
    path, options = capture_of_mail
    for macro, frames in (("${session:2}", 7), ("${mail:1;1}", 9)):
        assert len(home.text("-r", path, *options, "-Y", macro).splitlines()) >= frames
