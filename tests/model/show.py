# SPDX-License-Identifier: GPL-2.0-or-later
"""What tshark shows of a capture."""

FIELDS = ["command.verb", "reply.code", "response_to", "response_in", "response_time", "command", "auth.result",
          "auth.username", "transaction.status", "transaction.sender", "transaction.recipient", "transaction.refused",
          "transaction.octets", "transaction.queue_id"]
MAIL = FIELDS[8:13]


def shown(home, path, *options):
    """{frame: {field: values in order}} of the frames that show any."""
    asked = [part for field in FIELDS for part in ("-e", f"smtpx.{field}")]
    text = home.text("-r", path, "-2", "-T", "fields", "-E", "aggregator=\x1f", "-e", "frame.number", *asked, "-Y", "smtpx",
                     *options)
    found = {}
    for row in text.split("\n"):
        number, *cells = row.split("\t")
        values = {field: cell.split("\x1f") for field, cell in zip(FIELDS, cells) if cell}
        if values:
            found[int(number)] = values
    return found
