# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/demo prints what it ran, keeps what it says, and leaves nothing behind in the sources."""

import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("apt-get") is None, reason="scripts/demo needs apt-get")


@pytest.fixture(scope="module")
def sources(home):
    """A copy of them, as a clone has them."""
    copied = home.file("sources")
    shutil.copytree(ROOT, copied, ignore=shutil.ignore_patterns("build*", ".git", "__pycache__", ".pytest_cache"))
    return copied


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def shown(home, sources):
    """What it prints, of its own session; in a folder whose name a shell has to be told with care."""
    before = names(sources)
    done = subprocess.run([sources / "scripts/demo", "--plugin", os.environ["SMTPX_PLUGIN"]], capture_output=True,
                          text=True, env={**os.environ, "SMTPX_DEMO": str(home.file("demo's own")), "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert names(sources) == before
    return done.stdout


def test_prints_what_it_ran(shown):
    """Each command, run again as it stands there, prints what is below it."""
    first, *blocks = re.split(r"^\$ ", shown.partition("\nThe capture is ")[0], flags=re.M)[1:]
    assert first.startswith("export WIRESHARK_PLUGIN_DIR=") and len(blocks) == 4
    for block in blocks:
        command, _, printed = block.partition("\n")
        assert " -2 " in command and " -o 'tls.keylog_file:" in command
        done = subprocess.run(["bash", "-c", first + command], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8"})
        assert done.stdout.strip() and done.stdout.strip() == printed.strip()


def test_keeps_the_capture(home, shown):
    """Where it says, and the last line opens it; here with tshark, which takes the same options."""
    told = re.search(r"^The capture is (.*), its key log (.*)\.$", shown, re.M)
    assert Path(told[1]).is_file() and Path(told[2]).is_file()
    line = re.search(r"^    (WIRESHARK_PLUGIN_DIR=.* wireshark .*)$", shown, re.M)[1].replace(" wireshark ", " tshark ")
    done = subprocess.run(home.command("bash", "-c", f"{line} -2 -Y smtpx.transaction.queue_id"), capture_output=True,
                          text=True, env={**home.environment(), "PWD": "/"})
    assert "250 2.0.0 OK 1613" in done.stdout, done.stderr


@pytest.mark.parametrize("arguments, said", [
    (["no.pcap"], "cannot read no.pcap"), (["--no"], "no such option: --no"), (["--keys"], "--keys wants a file"),
    (["--keys", __file__], "--keys wants a capture, too"), ([__file__, __file__], "one capture at a time")])
def test_wrong_arguments(arguments, said):
    done = subprocess.run([ROOT / "scripts/demo", *arguments], capture_output=True, text=True)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and said in done.stderr


def watched(command, stderr):
    return subprocess.run(["bash", "-c", f". {ROOT}/scripts/common.sh; watched 'doing it' {command}"], stderr=stderr,
                          stdout=subprocess.PIPE, text=True)


def test_says_what_it_is_doing():
    """On a terminal what the command says last; elsewhere a line, and all that it said only when it fails."""
    try:
        ours, terminal = pty.openpty()
    except OSError:
        pytest.skip("there are no terminals here")
    assert watched("bash -c 'echo halfway; sleep 1'", terminal).returncode == 0
    os.close(terminal)
    assert re.search(rb"doing it\r\n.*  halfway", os.read(ours, 10000))
    os.close(ours)
    assert watched("echo fine", subprocess.PIPE).stderr.splitlines() == ["bash: doing it"]
    failed = watched("bash -c 'echo why; exit 3'", subprocess.PIPE)
    assert failed.returncode == 3 and failed.stderr.splitlines() == ["bash: doing it", "why"]


@pytest.mark.parametrize("built, stays", [(str(ROOT), True), ("/another/checkout", False), (None, False)])
def test_folder_of_another_checkout(tmp_path, built, stays):
    """What another clone was built in is configured anew."""
    cache = tmp_path / "CMakeCache.txt"
    if built:
        cache.write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={built}\n")
    done = subprocess.run(["bash", "-c", f". {ROOT}/scripts/common.sh; forget_other_sources"], capture_output=True,
                          text=True, env={**os.environ, "SMTPX_BUILD": str(tmp_path)})
    assert (done.returncode, done.stderr, cache.exists()) == (0, "", stays)
