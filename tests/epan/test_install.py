# SPDX-License-Identifier: GPL-2.0-or-later
"""cmake --install puts the plugin where each Wireshark looks, and takes it away again."""

import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["SMTPX_PLUGIN"]).parent


def cmake(*arguments, **environment):
    return subprocess.run(["cmake", *arguments], env={**os.environ, **environment}, capture_output=True, text=True)


@pytest.fixture
def manifests():
    """The lists of what was installed from this build; kept as they were."""
    kept = {path: path.read_bytes() for path in BUILD.glob("install_manifest*.txt")}
    for path in kept:
        path.unlink()
    yield
    for path in BUILD.glob("install_manifest*.txt"):
        path.unlink()
    for path, octets in kept.items():
        path.write_bytes(octets)


def plugins_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.so"))


def test_for_everybody_and_taken_away(bare, tmp_path, manifests):
    place = bare.ask_folder("Global Plugins")
    assert cmake("--install", BUILD, "--component", "system", DESTDIR=str(tmp_path)).returncode == 0
    assert plugins_below(tmp_path) == [f"{str(place).lstrip('/')}/epan/smtpx.so"]
    assert cmake("--build", BUILD, "--target", "uninstall", DESTDIR=str(tmp_path)).returncode == 0
    assert plugins_below(tmp_path) == []


def test_below_another_prefix(bare, tmp_path, manifests):
    assert cmake("--install", BUILD, "--prefix", str(tmp_path)).returncode == 0
    assert re.fullmatch(rf"lib/(.+/)?wireshark/plugins/{bare.version}/epan/smtpx\.so", *plugins_below(tmp_path))


def test_for_me_by_the_home_of_then(bare, tmp_path, manifests):
    done = cmake("--install", BUILD, "--component", "personal", HOME=str(tmp_path))
    assert done.returncode == 0 and "Warning" not in done.stderr
    assert plugins_below(tmp_path) == [f".local/lib/wireshark/plugins/{bare.version}/epan/smtpx.so"]
    assert cmake("--build", BUILD, "--target", "uninstall").returncode == 0
    assert plugins_below(tmp_path) == []


def test_two_copies_are_warned_of(tmp_path):
    everybody = tmp_path / "everybody"
    everybody.mkdir()
    (everybody / "smtpx.so").write_bytes(b"")
    done = cmake("-D", f"plugin={BUILD}/smtpx.so", "-D", "minor=4.0", "-D", f"everybody={everybody}",
                 "-P", str(ROOT / "cmake/personal.cmake"), HOME=str(tmp_path))
    assert done.returncode == 0 and "is installed for everybody" in " ".join(done.stderr.split())


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_a_home(home):
    done = cmake("--install", BUILD, "--component", "personal", HOME=home)
    assert done.returncode != 0 and "Cannot find your home" in done.stderr


def test_nothing_to_take_away(manifests):
    done = cmake("--build", BUILD, "--target", "uninstall")
    assert done.returncode != 0 and "Nothing was installed" in done.stdout + done.stderr


def test_release_archive(bare, tmp_path, manifests):
    done = subprocess.run(["cpack", "-G", "TGZ", "-D", f"CPACK_OUTPUT_FILE_PREFIX={tmp_path}"], cwd=BUILD,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    archive, = tmp_path.glob("*.tar.gz")
    assert f"-wireshark-{bare.version}-" in archive.name
    with tarfile.open(archive) as opened:
        files = [member.name for member in opened if member.isfile()]
    others = {"bin/scan-all", "bin/smtpx-scan", "share/man/man1/scan-all.1", "share/man/man1/smtpx-scan.1"}
    plugin, = [name for name in files if name.endswith(".so")]
    assert plugin.endswith(f"wireshark/plugins/{bare.version}/epan/smtpx.so") and others < set(files)


def test_one_version():
    """The packages have the version of CMakeLists.txt."""
    version = re.search(r"^set\(SMTPX_VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M).group(1)
    debian = re.match(r"smtpx \(([0-9.]+)-", (ROOT / "packaging/debian/changelog").read_text()).group(1)
    rpm = re.search(r"^Version: +([0-9.]+)", (ROOT / "packaging/rpm/smtpx.spec").read_text(), re.M).group(1)
    assert debian == rpm == version


def test_key_log_of_a_server(tmp_path):
    """The library that docs/install.md gives writes the keys of a real server's session."""
    text = re.search(r"<<'END'\n(.*?)\n    END", (ROOT / "docs/install.md").read_text(), re.S).group(1)
    (tmp_path / "keylog.c").write_text(re.sub(r"(?m)^    ", "", text) + "\n")
    subprocess.run("gcc -Wall -Wextra -Werror -shared -fPIC -o keylog.so keylog.c -ldl && openssl req -x509 "
                   "-newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -subj /CN=mx.example.test",
                   shell=True, cwd=tmp_path, check=True, capture_output=True)
    server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-key", "key.pem", "-cert",
                               "certificate.pem"], cwd=tmp_path, stdout=subprocess.PIPE, stdin=subprocess.PIPE,
                              env={**os.environ, "LD_PRELOAD": f"{tmp_path}/keylog.so",
                                   "MAIL_KEYLOG": f"{tmp_path}/keys"}, text=True)
    try:
        where = next(line.split()[1] for line in server.stdout if line.startswith("ACCEPT"))
        subprocess.run(["openssl", "s_client", "-connect", where], input="", capture_output=True, text=True, timeout=20)
    finally:
        server.kill()
        server.communicate()
    assert "SERVER_HANDSHAKE_TRAFFIC_SECRET " in (tmp_path / "keys").read_text()
