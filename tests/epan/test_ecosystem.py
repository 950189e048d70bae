# SPDX-License-Identifier: GPL-2.0-or-later
"""What docs/ecosystem.md promises of OpenSearch: each value is one of its field's type."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import stage

TEXT = (Path(__file__).resolve().parents[2] / "docs/ecosystem.md").read_text()
MEND = re.search(r"^<!-- file mend\.jq -->\n```text\n(.*?)```", TEXT, re.M | re.S).group(1)

# What OpenSearch takes for a field of a type; a field that is in no mapping is not looked at.
FITS = {
    "keyword": lambda value: isinstance(value, str),
    "double": lambda value: float(value) >= 0,
    "boolean": lambda value: value is True or value is False,
    "date": lambda value: re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", value),
    "short": lambda value: -2**15 <= int(value) < 2**15,
    "integer": lambda value: -2**31 <= int(value) < 2**31,
    "long": lambda value: -2**63 <= int(value) < 2**63,
    "unsigned_long": lambda value: 0 <= int(value) < 2**64,
}
FITS["date_nanos"] = FITS["date"]


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_values_fit_their_types(home, transcripts, tls):
    mapping = json.loads(subprocess.run(["jq", MEND], input=home.tshark(
        "-G", "elastic-mapping", "--elastic-mapping-filter", "smtpx"), check=True, capture_output=True).stdout)
    types = {name: told["type"] for name, told in
             mapping["mappings"]["properties"]["layers"]["properties"]["smtpx"]["properties"].items()}
    path = home.file("opensearch.pcap")
    stage.stage(list(transcripts.values()), path, tls)
    seen, wrong = set(), set()
    for line in home.text("-r", path, "-2", "-T", "ek", "-J", "smtpx", "-Y", "smtpx", *tls.options).splitlines():
        layer = json.loads(line).get("layers", {}).get("smtpx", {})
        for one in layer if isinstance(layer, list) else [layer]:
            for name, values in one.items():
                for value in values if isinstance(values, list) else [values]:
                    if name in types:
                        seen.add(types[name])
                        if not FITS[types[name]](value):
                            wrong.add((name, types[name], value))
    assert wrong == set() and {"double", "boolean", "integer", "long", "unsigned_long"} <= seen
