# SPDX-License-Identifier: GPL-2.0-or-later
"""live.py [--record] [SERVER...]: real servers and clients, recorded and checked. Called by scripts/test --live.

Installs mail servers and clients on this machine, one server after the other,
since Debian has one at a time; runs each in network and process namespaces of
its own where that is permitted, else on this machine's loopback interface.
--record keeps the recordings as the fixtures that tests/epan/test_live.py reads.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "epan")]

import check  # noqa: E402
import install  # noqa: E402
import one_server  # noqa: E402
import table  # noqa: E402
import wireshark  # noqa: E402
from servers import SERVERS  # noqa: E402

FIXTURES = HERE / "fixtures"
KEPT = ("raw", "programs")
PRIVATE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def say(text):
    print(f"live: {text}", file=sys.stderr, flush=True)


def arguments(words):
    names = [word for word in words if word != "--record"]
    for name in names:
        if name not in SERVERS:
            sys.exit(f"live: no such server: {name} ({', '.join(SERVERS)})")
    if os.getuid() != 0:
        sys.exit("live: must be root: it installs and starts mail servers")
    return names or list(SERVERS), "--record" in words


def private():
    """The command that gives a namespace of its own, or nothing."""
    if subprocess.run([*PRIVATE, "true"], capture_output=True, check=False).returncode == 0:
        return PRIVATE
    say("no namespaces are permitted here: servers run on this machine's own loopback interface")
    return []


def one(name, folder):
    """In a process of its own: runs a server and writes what came of it."""
    if os.environ.get("SMTPX_LIVE_PRIVATE"):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    try:
        said = one_server.run(name, folder)
    except Exception as trouble:  # reported as failed
        said = {"error": f"{type(trouble).__name__}: {trouble}"}
    (folder / f"{name}.said").write_text(json.dumps(said))


def run(name, folder, around):
    """What one() said; a server that cannot be installed or started has an error."""
    say(f"{name}: installing")
    try:
        install.server(name)
    except Exception as trouble:
        return {"error": f"cannot be installed: {trouble}"}
    say(f"{name}: recording")
    environment = {**os.environ, **({"SMTPX_LIVE_PRIVATE": "1"} if around else {})}
    subprocess.run([*around, sys.executable, __file__, "--one", name, folder], env=environment, check=False, timeout=1200)
    said = folder / f"{name}.said"
    return json.loads(said.read_text()) if said.exists() else {"error": "ended without a word"}


def report(name, said, folder, home):
    """Prints what is wrong; gives the recordings and whether all is well."""
    if "error" in said:
        say(f"{name}: FAILED: {said['error']}")
        return [], False
    good = not said["failures"]
    for scenario, trouble in said["failures"].items():
        say(f"{name}: {scenario}: FAILED: {trouble}")
    if said["log"]:
        say(f"{name}: its log ends: {said['log']}")
    recordings = []
    for description in sorted(folder.glob(f"{name}-*.json")):
        result = check.check(home, description.with_suffix(".pcapng.gz"), description)
        recordings.append(table.Recording(description, result))
        complaints = [f"{session}: {text}" for session, texts in result.complaints.items() for text in texts]
        complaints += [f"mail not exported as sent: {mail}" for mail in result.missing]
        complaints += [f"mail exported that was not sent: {mail}" for mail in result.invented]
        for text in complaints:
            say(f"{description.stem}: {text}")
        good = good and not complaints
    say(f"{said['version']}: {'all is well' if good else 'FAILED'}; not offered: {', '.join(said['skipped']) or 'nothing'}")
    return recordings, good


def keep(name, folder):
    for part in KEPT:
        for suffix in (".json", ".pcapng.gz"):
            shutil.copy(folder / f"{name}-{part}{suffix}", FIXTURES)


def main(words):
    if words[:1] == ["--one"]:
        return one(words[1], Path(words[2]))
    names, recorded = arguments(words)
    plugin = os.environ.get("SMTPX_PLUGIN") or sys.exit("live: SMTPX_PLUGIN must name smtpx.so")
    say("installing clients; this changes the machine, which should be one to throw away")
    good = {}
    for name, trouble in install.clients().items():
        say(f"{name}: FAILED: cannot be installed: {trouble}")
        good[name] = False
    around, folder = private(), Path(tempfile.mkdtemp(prefix="smtpx-live-"))
    home = wireshark.Home(plugin)
    recordings, clients = [], {}
    try:
        for name in names:
            said = run(name, folder, around)
            made, good[name] = report(name, said, folder, home)
            recordings += made
            clients.update(said.get("clients", {}))
            if recorded and good[name] and good.get("nodemailer", True):
                FIXTURES.mkdir(exist_ok=True)
                keep(name, folder)
    finally:
        home.remove()
        shutil.rmtree(folder)
    print(table.markdown(recordings, clients))
    bad = [name for name, well in good.items() if not well]
    sys.exit(f"live: failed: {', '.join(bad)}" if bad else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
