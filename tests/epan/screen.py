# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark itself on a screen of its own: keys and the mouse go in, what its windows say comes out.

Xvfb is the screen, screen_reader.py the eyes (AT-SPI), xdotool the hands. Nothing is ever waited for by
the clock alone: until() asks until the windows say so.
"""

import json
import os
import re
import select
import shutil
import struct
import subprocess
import tempfile
import time
import zlib
from collections import Counter
from pathlib import Path

READER = Path(__file__).resolve().parent / "screen_reader.py"
PROGRAMS = ["wireshark", "Xvfb", "xdotool", "dbus-run-session", "dbus-send", "/usr/libexec/at-spi-bus-launcher"]
SIZE = 1500, 950
# Seconds to wait for what comes at once on a machine that has nothing else to do.
PATIENCE = 60


def missing():
    """What of the programs is not installed."""
    names = [name for name in PROGRAMS if not shutil.which(name)]
    gi = subprocess.run(["/usr/bin/python3", "-c", "import gi; gi.require_version('Atspi', '2.0')"], capture_output=True)
    return names + (["gir1.2-atspi-2.0"] if gi.returncode else [])


def dots_of_xwd(octets):
    """The lines of Xvfb's own memory, each a list of (red, green, blue); 32 bits for each dot, blue first."""
    header_size, = struct.unpack_from(">I", octets)
    width, height = struct.unpack_from(">II", octets, 16)
    line, = struct.unpack_from(">I", octets, 48)
    colours, = struct.unpack_from(">I", octets, 76)
    start = header_size + colours * 12
    rows = (octets[at:at + width * 4] for at in range(start, start + height * line, line))
    return [list(zip(row[2::4], row[1::4], row[0::4])) for row in rows]


def palette_of(dots):
    """The 256 colours that occur most; and for each colour of all the place of the one that is nearest to it."""
    seen = Counter(dot for row in dots for dot in row)
    palette = [dot for dot, _ in seen.most_common(256)]

    def nearest(dot):
        return min(range(len(palette)), key=lambda at: sum((one - two) ** 2 for one, two in zip(dot, palette[at])))

    return palette, {dot: nearest(dot) for dot in seen}


def png_of_xwd(octets):
    """A screenshot, in few colours: half as large as with all those of smooth letters."""
    dots = dots_of_xwd(octets)
    palette, places = palette_of(dots)
    rows = b"".join(b"\0" + bytes(places[dot] for dot in row) for row in dots)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", len(dots[0]), len(dots), 8, 3, 0, 0, 0)) +
            chunk(b"PLTE", b"".join(map(bytes, palette))) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


class Screen:
    """Wireshark with these arguments; closed by close()."""

    def __init__(self, home, *arguments, size=SIZE):
        self.processes = []
        self.size = size
        self.folder = home.own(Path(tempfile.mkdtemp(prefix="screen-", dir=home.work)))
        self.log = open(self.folder / "log", "wb")
        try:
            self.xvfb(home)
            self.wireshark(home, arguments)
        except BaseException:
            self.close()
            raise

    def wireshark(self, home, arguments):
        self.environment = home.environment(
            DISPLAY=self.display, XDG_RUNTIME_DIR=str(self.folder), QT_ACCESSIBILITY="1",
            QT_LINUX_ACCESSIBILITY_ALWAYS_ON="1", XDG_SESSION_TYPE="x11", QT_QPA_PLATFORM="xcb")
        reader = home.command("dbus-run-session", "--", "/usr/bin/python3", shutil.copy(READER, self.folder),
                              "wireshark", *arguments)
        self.reader = self.start(reader, bufsize=0, env=self.environment, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=self.log, cwd=self.folder)
        # The eyes, once opened, do not see a program that comes later.
        self.wait("Wireshark shows no window", self.window_is_there)

    def start(self, command, **options):
        process = subprocess.Popen([str(part) for part in command], start_new_session=True, **options)
        self.processes.append(process)
        return process

    def xvfb(self, home):
        """The first display that is free tells its number."""
        source, target = os.pipe()
        dots = "x".join(map(str, self.size)) + "x24"
        self.start(home.command("Xvfb", "-displayfd", target, "-screen", "0", dots, "-noreset", "-nolisten", "tcp",
                                "-fbdir", self.folder), pass_fds=[target], stderr=subprocess.DEVNULL)
        os.close(target)
        with open(source, encoding="ascii") as line:
            assert select.select([line], [], [], PATIENCE)[0], "Xvfb does not start"
            self.display = ":" + line.readline().strip()
        self.environment = dict(os.environ, DISPLAY=self.display)
        self.wait("Xvfb does not answer", lambda: not self.tried("getdisplaygeometry"))

    def tried(self, *arguments):
        return subprocess.run(["xdotool", *arguments], env=self.environment, capture_output=True, timeout=PATIENCE).returncode

    @staticmethod
    def wait(otherwise, condition, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"{otherwise}: not within {seconds} s"
            time.sleep(0.1)

    def window_is_there(self):
        assert self.reader.poll() is None, self.last_words("Wireshark ended")
        return not self.tried("search", "--onlyvisible", "--name", ".")

    def last_words(self, what):
        return f"{what}:\n{(self.folder / 'log').read_text(errors='replace')[-2000:]}"

    def close(self):
        for process in self.processes[::-1]:
            if process.stdin:
                process.stdin.close()  # which ends the reader, and it Wireshark
            try:
                process.wait(5 if process.stdin else 0)
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait(10)
        self.log.close()

    def ask(self, *question):
        try:
            self.reader.stdin.write(json.dumps(question).encode() + b"\n")
            self.reader.stdin.flush()
        except BrokenPipeError:
            pass
        line = b"-"
        while line and not line.startswith(b"answer "):
            readable = select.select([self.reader.stdout], [], [], PATIENCE)[0]
            line = self.reader.stdout.readline() if readable else b""
        assert line, self.last_words("Wireshark ended, or says nothing")
        return json.loads(line.removeprefix(b"answer "))

    def seen(self, *question, says, seconds):
        """The last answer to a question, and if it is as wanted, as soon as it is."""
        end = time.monotonic() + seconds
        while True:
            answer = self.ask(*question)
            wanted = says(answer)
            if wanted or time.monotonic() >= end:
                return answer, wanted
            time.sleep(0.1)

    def until(self, what, *question, says, seconds=PATIENCE):
        """The answer to a question, as soon as it is as wanted."""
        answer, wanted = self.seen(*question, says=says, seconds=seconds)
        assert wanted, f"{what}: not within {seconds} s; the last answer: {answer}"
        return answer

    def hand(self, *arguments):
        subprocess.run(["xdotool", *map(str, arguments)], env=self.environment, check=True, timeout=PATIENCE,
                       capture_output=True)

    def keys(self, *names):
        self.hand("key", "--clearmodifiers", *names)

    def focus(self, title):
        """What a window manager does when a window is the only one again."""
        self.hand("search", "--onlyvisible", "--name", f"^{re.escape(title)}$", "windowfocus")

    def type(self, text):
        self.hand("type", "--delay", "5", text)

    def click(self, *question, count=1):
        """The mouse on the middle of what a question for a place finds."""
        x, y, width, height = self.until(f"{question[1:]}", "place", *question, says=bool)
        self.hand("mousemove", x + min(width // 2, 200), y + height // 2, "click", "--repeat", count, 1)

    def open_menus(self, *names):
        """The mouse from menu to menu, to what is last of them: for what a menu has only once it was opened."""
        for at in range(1, len(names) + 1):
            x, y, width, height = self.until(f"{names[:at]}", "item", *names[:at], says=lambda place: place and place[0] >= 0)
            self.hand("mousemove", x + min(width // 2, 30), y + height // 2, "click", 1)

    def settle(self):
        """What is painted when nothing comes any more: two pictures are alike."""
        memory = self.folder / "Xvfb_screen0"
        before = None
        while before != memory.read_bytes():
            before = memory.read_bytes()
            time.sleep(0.5)

    def picture(self, path):
        Path(path).write_bytes(png_of_xwd((self.folder / "Xvfb_screen0").read_bytes()))
        return path
