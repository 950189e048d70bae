# SPDX-License-Identifier: GPL-2.0-or-later
"""Live captures that go on for hours: tshark -M forgets all that it knows every so many frames.

What of a mail is lost where the reset falls into it, how rows and files come out all the same, and that nothing
of smtpx's grows from reset to reset.
"""

import json
import signal
import subprocess
from pathlib import Path

import pytest

import capture
from capture import Connection, Segment

PACKED = b"MAIL FROM:<a@client.example>\r\nRCPT TO:<b@mx.example>\r\nDATA\r\n"


def body(number):
    return b"Subject: %d\r\nMessage-ID: <%d@client.example>\r\n\r\n%s" % (number, number, b"one line\r\n" * 400)


def dialogue(number):
    """A session with a message in three segments."""
    message = body(number)
    sent = message + b".\r\n"
    lines = [b"220 mx.example ESMTP", b"EHLO client.example", b"250 mx.example", b"MAIL FROM:<a%d@client.example>" % number,
             b"250 ok", b"RCPT TO:<b@mx.example>", b"250 ok", b"DATA", b"354 go on"]
    segments = [Segment("SC"[at % 2], line + b"\r\n") for at, line in enumerate(lines)]
    segments += [Segment("C", sent[at:at + 1500]) for at in range(0, len(sent), 1500)]
    return segments + [Segment("S", b"250 queued as Q%d\r\n" % number), Segment("C", b"QUIT\r\n"), Segment("S", b"221 bye\r\n")]


FRAMES = 3 + len(dialogue(0)) + 3
# Frames of a session behind which the server's 354 is seen, and the message is not over.
MESSAGE_IS_CUT = range(12, 15)


@pytest.fixture(scope="module")
def shifting(home):
    """A session more than it has frames: with a reset behind one frame more, each is cut at another place."""
    path = home.file("resets.pcap")
    capture.save(path, list(capture.numbered([Connection(dialogue(number)) for number in range(FRAMES + 1)])))
    return path


def reset_behind(number, every):
    """Behind which of a session's frames a reset falls; None: behind none but the last."""
    cut = -(number * FRAMES) % every
    return cut if 0 < cut < FRAMES else None


def rows(home, path, table, *options):
    text = home.tshark("-r", path, "-q", *options, "-z", f"{table},json").decode()
    return [json.loads(line) for line in text.splitlines()]


def test_rows_are_printed_before_they_are_forgotten(home, shifting):
    """Resets between sessions lose nothing."""
    whole = rows(home, shifting, "smtpx,mail")
    parts = rows(home, shifting, "smtpx,mail", "-M", 4 * FRAMES)
    for row in whole + parts:
        for key in ("frame", "session", "begins_in", "message_in"):
            del row[key]
    assert parts == whole and len(parts) == FRAMES + 1
    sessions = rows(home, shifting, "smtpx,session", "-M", 4 * FRAMES)
    assert [row["session"] for row in sessions] == [number % 4 + 1 for number in range(FRAMES + 1)]
    assert {(row["accepted"], row["end"]) for row in sessions} == {(1, "QUIT")}


def test_text_is_a_table_for_each_reset(home, shifting):
    text = home.text("-r", shifting, "-q", "-M", 4 * FRAMES, "-z", "smtpx,mail")
    counts = [int(line.split(": ")[1]) for line in text.splitlines() if line.startswith("SMTP Mail Transactions: ")]
    assert counts == [4] * (len(counts) - 1) + [(FRAMES + 1) % 4 or 4]
    assert sum(counts) == FRAMES + 1


def test_no_empty_table_behind_others(home):
    """The last reset came with the last mail."""
    path = home.file("resets-end.pcap")
    capture.save(path, list(capture.numbered([Connection(dialogue(0)), Connection([], port=9)])))
    text = home.text("-r", path, "-q", "-M", FRAMES, "-z", "smtpx,mail")
    assert text.count("SMTP Mail Transactions: ") == 1
    assert "SMTP Mail Transactions: 0" in home.text("-r", path, "-q", "-Y", "frame", "-z", "smtpx,mail,smtpx.reply.code == 999")


def test_what_a_reset_loses(home, shifting):
    """A message that was cut, and what was said before the cut of another; each mail is in a row, in one or in two."""
    every = FRAMES + 1
    found = rows(home, shifting, "smtpx,mail", "-M", every)
    accepted = [row for row in found if row["status"] == "accepted"]
    senders = [row["sender"] for row in found if "sender" in row]
    assert sorted(senders) == sorted(f"a{number}@client.example" for number in range(FRAMES + 1))
    cuts = {number: reset_behind(number, every) for number in range(FRAMES + 1)}
    assert set(cuts.values()) == {None, *range(1, FRAMES)}
    # What the server took is known by its reply, but where that came behind a reset that cut it off the end of its message.
    ids = [int(row["queue_id"][1:]) for row in accepted]
    assert sorted(ids) == sorted(number for number, cut in cuts.items() if cut != 15)
    whole = {row["sender"] for row in accepted if "sender" in row}
    assert whole == {f"a{number}@client.example" for number, cut in cuts.items() if cut is None or cut < 7 or cut > 15}


def test_what_is_exported(home, shifting):
    """All messages but those that a reset cut, each in a file of another name, all in one list."""
    folder = home.file("resets-exported")
    home.run("mkdir", "-p", folder)
    every = FRAMES + 1
    home.tshark("-r", shifting, "-q", "-M", every, "--export-objects", f"smtpx,{folder}")
    files = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    listed = [line.split("\t")[0] for line in files.pop("mails.tsv").decode().splitlines()[1:]]
    assert sorted(listed) == sorted(files)
    assert [name[:4] for name in sorted(files)] == [f"{number:04}" for number in range(1, len(files) + 1)]
    wanted = [body(number) for number in range(FRAMES + 1) if reset_behind(number, every) not in MESSAGE_IS_CUT]
    assert sorted(files.values()) == sorted(wanted) and len(wanted) == FRAMES + 1 - len(MESSAGE_IS_CUT)


# ---- Ctrl-C ----


def interrupted(home, path, listening):
    """What tshark prints that is interrupted while it waits for the rest of a message, and its status."""
    octets = path.read_bytes()
    process = subprocess.Popen(home.command("tshark", "-l", "-r", "-", *listening), env=home.environment(),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(octets[:len(octets) // 2])
    process.stdin.flush()
    printed = [process.stdout.readline() for _ in range(FRAMES * (FRAMES + 1) // 2 - 4 * FRAMES)]
    process.send_signal(signal.SIGINT)
    rest, complaints = process.communicate(octets[len(octets) // 2:], timeout=60)
    return b"".join(printed) + rest, complaints, process.returncode


def test_interrupted(home, bare, shifting):
    """Ctrl-C ends a reading tshark as it does without smtpx, whoever listens: with nothing but what had been read."""
    listening = [part for tap in ("smtpx,mail", "smtpx,session", "smtpx,tree", "smtpx,srt") for part in ("-z", tap)]
    printed, complaints, status = interrupted(home, shifting, listening)
    _, expected, their_status = interrupted(bare, shifting, [])
    assert (complaints, status) == (expected, their_status)
    mine = [line for line in printed.splitlines() if b"SMTP" in line]
    assert 100 < len(mine) < len(home.text("-r", shifting, "-Y", "smtpx").splitlines())


# ---- Memory ----

MAILS, OF_A_SESSION = 100000, 25
# Behind how many frames a reset comes, and by how many octets more than without smtpx the peak may grow behind the first
# fifth of the capture: 12 for each mail. Wireshark 4.0 itself keeps 11 MB at each reset, so there are fewer; with
# these, whether it takes one more block of 8 MB is chance.
LIMITS = {"4.0": (20000, 12000000)}
USUAL_LIMITS = (5000, 1000000)


def many(path):
    """100,000 mails, no two of them alike."""
    connections = []
    for first in range(0, MAILS, OF_A_SESSION):
        segments = [Segment("S", b"220 mx.example ESMTP\r\n"), Segment("C", b"EHLO c%d.example\r\n" % first),
                    Segment("S", b"250-mx.example\r\n250 PIPELINING\r\n")]
        for number in range(first, first + OF_A_SESSION):
            message = b"Subject: m%d\r\nMessage-ID: <%d@c.example>\r\n\r\ntext\r\n.\r\n" % (number, number)
            segments += [Segment("C", PACKED), Segment("S", b"250 ok\r\n250 ok\r\n354 go on\r\n"), Segment("C", message),
                         Segment("S", b"250 2.0.0 Ok: queued as %X\r\n" % (number + 0x4F3A2B1C0D))]
        connections.append(Connection(segments))
    capture.save(path, list(capture.numbered(connections)))


def peak(process):
    """The most memory that it has had, in octets."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def growth(home, path, out, every, *options):
    """By how much the peak of a tshark that reads from a pipe grows between a fifth of the capture and its end."""
    octets = path.read_bytes()
    with open(out, "wb") as written:
        process = subprocess.Popen(home.command("tshark", "-r", "-", "-q", "-M", every, *options), env=home.environment(),
                                   stdin=subprocess.PIPE, stdout=written, stderr=subprocess.DEVNULL)
        process.stdin.write(octets[:len(octets) // 5])
        before = peak(process)
        process.stdin.write(octets[len(octets) // 5:])
        after = peak(process)
        streamed = out.read_bytes().count(b"\n")
        process.stdin.close()
        assert process.wait(60) == 0
    return after - before, streamed


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_memory_stays_flat(home, bare):
    """From reset to reset, with both tables. Their rows come out as the capture is read."""
    every, more = LIMITS.get(home.version, USUAL_LIMITS)
    path, out = home.file("resets-many.pcap"), home.file("resets-many.json")
    many(path)
    try:
        mine, streamed = growth(home, path, out, every, "-z", "smtpx,mail,json", "-z", "smtpx,session,json")
        theirs, _ = growth(bare, path, bare.file("resets-many.txt"), every, "-z", "io,stat,0")
        found = [json.loads(line) for line in out.read_text().splitlines()]
    finally:
        path.unlink()
    assert mine - theirs < more
    assert streamed > len(found) * 0.9
    mails = [row for row in found if "octets" in row and "queue_id" in row]
    resets = MAILS // OF_A_SESSION * (OF_A_SESSION * 4 + 9) // every
    assert MAILS - resets <= len({row["queue_id"] for row in mails}) <= MAILS
