# SPDX-License-Identifier: GPL-2.0-or-later
"""Exported mail is sent mail, octet for octet."""

import base64
import random
from collections import Counter

import pytest

import capture
import stage
from capture import Connection, Segment
from clicks import ask, frame, load, shown

SEED = 20

BODIES = {
    "plain": b"Subject: plain\r\nFrom: a@b\r\n\r\nHello.\r\n",
    "empty": b"",
    "an empty line": b"\r\n",
    "no header": b"just text\r\n",
    "no line end": b"Subject: no line end\r\n\r\nends here",
    "no colon": b"no colon anywhere",
    "only a header": b"Subject: only a header\r\n",
    "empty fields": b"Subject:\r\nFrom:\r\nTo:\r\n\r\nx\r\n",
    "LF only": b"Subject: lf\nFrom: a@b\n\nbody\n.\nbody\n",
    "LF only, empty fields": b"Subject:\nFrom:\n\nx\n",
    "CR only": b"Subject: cr\rFrom: a@b\r\rbody\r",
    "dots": b"Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.x\r\n\r\n.\r\n",
    "8-bit": "Subject: Grüße\r\n\r\nÄÖÜ €\r\n".encode(),
    "NUL": b"Subject: nul\r\n\r\na\0b\0\r\n",
    "every octet": b"Subject: octets\r\n\r\n" + bytes(range(256)) * 3,
    "a long line": b"Subject: long\r\n\r\n" + b"x" * 70000 + b"\r\n",
    "looks like SMTP": b"Subject: smtp\r\n\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n354 go\r\nQUIT\r\n",
    "a broken picture": b"Subject: picture\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0\x00",
    "a broken zip": b"Subject: zip\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\nUEs=\r\n",
    "broken MIME": b"Subject: mime\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
    "multipart": b"Subject: parts\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: image/png\r\n"
                 b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--xx\r\n\r\ntext\r\n--xx--\r\n",
    "folded": b"Subject: folded\r\n\tand more\r\nFrom: \"x\"\r\n <a@b>\r\n\r\nx\r\n",
    "names no file": b"Subject: a/b\\c:d*e?f\"g<h>i|j\r\n\r\nx\r\n",
}


def stuffed(body):
    """As an SMTP client sends it: dots doubled, the last line ended."""
    lines = body.split(b"\r\n")
    text = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    return text + (b".\r\n" if not text or text.endswith(b"\r\n") else b"\r\n.\r\n")


def as_sent(body, chunked):
    return body if chunked or not body or body.endswith(b"\r\n") else body + b"\r\n"


def dialogue(bodies, chance):
    """A session with these messages, and what must come out."""
    segments = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"EHLO c\r\n"), Segment("S", b"250 CHUNKING\r\n")]
    sent = []
    for body in bodies:
        chunked = chance.random() < 0.4
        sent.append(as_sent(body, chunked))
        segments += [Segment("C", b"MAIL FROM:<a@b>\r\n"), Segment("S", b"250 ok\r\n"),
                     Segment("C", b"RCPT TO:<c@d>\r\n"), Segment("S", b"250 ok\r\n")]
        if chunked:
            cut = chance.randint(0, len(body))
            chunks = [b"BDAT %d\r\n" % cut + body[:cut], b"BDAT %d LAST\r\n" % (len(body) - cut) + body[cut:]]
            segments += [Segment("C", chunks[0]), Segment("S", b"250 ok\r\n"), Segment("C", chunks[1])]
        else:
            segments += [Segment("C", b"DATA\r\n"), Segment("S", b"354 go\r\n"), Segment("C", stuffed(body))]
        segments.append(Segment("S", b"250 queued\r\n"))
    return segments, sent


def random_body(chance):
    alphabet = [b"\r\n", b"\r\n", b".", b"..", b"a", b"word ", b"\n", b"\r", b"\0", b"\xe9", b":", b"\r\n.\r\n", b"\r\n\r\n"]
    head = b"Subject: random\r\n\r\n" if chance.random() < 0.7 else b""
    return head + b"".join(chance.choice(alphabet) for _ in range(chance.randint(0, 200)))


def cuts(chance):
    def cut(side, octets):
        pieces = []
        while octets:
            size = chance.choice((1, 2, 5, 40, 500, 1460, 9000))
            pieces.append(octets[:size])
            octets = octets[size:]
        return pieces
    return cut


def files(home, path, kind, *arguments):
    """What is exported, by name."""
    folder = home.file(f"objects-{path.stem}")
    home.run("rm", "-rf", folder)
    home.run("mkdir", folder)
    home.tshark("-r", path, "-q", "--export-objects", f"{kind},{folder}", *arguments)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def exported(home, path, kind="imf", *arguments):
    """The octets of all messages."""
    found = files(home, path, kind, *arguments)
    listed = found.pop("mails.tsv", None)
    assert (listed is not None) == (kind == "smtpx" and len(found) > 0)
    return Counter(found.values())


def difference(wanted, found):
    return {"missing": [body[:60] for body in wanted - found], "too many": [body[:60] for body in found - wanted]}


@pytest.mark.parametrize("name", BODIES)
def test_each(home, name):
    """Each kind of message as DATA, BDAT and in small pieces."""
    chance = random.Random(SEED)
    connections, wanted = [], []
    for _ in range(6):
        segments, sent = dialogue([BODIES[name]], chance)
        connections.append(Connection(capture.split(segments, cuts(chance))))
        wanted += sent
    path = home.file("each.pcap")
    capture.save(path, list(capture.numbered(connections)))
    for kind in ("imf", "smtpx"):
        found = exported(home, path, kind)
        assert found == Counter(wanted), difference(Counter(wanted), found)


def in_two(octets, at):
    """A session whose message comes in two segments, the second one with its end."""
    said, _ = dialogue([octets], random.Random(SEED))
    last = next(place for place, segment in enumerate(said) if segment.octets.endswith(stuffed(octets)))
    return said[:last] + [Segment("C", part) for part in (said[last].octets[:at], said[last].octets[at:]) if part] + said[last + 1:]


def test_two_segments(home):
    """What stands in one segment with the end of its message is not kept, but read again: on each pass, and in any order."""
    body = b"Subject: two\r\nFrom: a@b\r\n\r\n" + b"".join(b"line %d\r\n" % number for number in range(20))
    path = home.file("two.pcap")
    places = range(1, len(body) + 4)
    capture.save(path, list(capture.numbered([Connection(in_two(body, at)) for at in places])))
    wanted = Counter({body: len(places)})
    for kind in ("imf", "smtpx"):
        for passes in ((), ("-2",)):
            assert exported(home, path, kind, *passes) == wanted
    ends = list(home.frames(path, "-Y", "imf"))
    assert len(ends) == len(places)
    random.Random(SEED).shuffle(ends)
    for answer in ask(home, [load(path)], [frame(number) for number in ends]):
        assert sum("line 19" in label for label in shown(answer)[0] if label.startswith("line")) == 1


def test_many(home):
    """Sessions of many random messages, cut anywhere."""
    chance = random.Random(SEED)
    connections, wanted = [], []
    for _ in range(60):
        bodies = [random_body(chance) for _ in range(chance.randint(1, 8))]
        segments, sent = dialogue(bodies, chance)
        connections.append(Connection(capture.split(segments, cuts(chance))))
        wanted += sent
    path = home.file("many.pcap")
    capture.save(path, list(capture.numbered(connections)))
    for kind in ("imf", "smtpx"):
        for passes in ((), ("-2",)):
            found = exported(home, path, kind, *passes)
            assert found == Counter(wanted), difference(Counter(wanted), found)


def test_large(home):
    body = b"Subject: large\r\n\r\n" + (b"." + b"x" * 75 + b"\r\n") * 30000
    segments, sent = dialogue([body], random.Random(1))
    path = home.file("large.pcap")
    capture.save(path, [Connection(capture.split(segments, lambda side, octets: [
        octets[start:start + 1460] for start in range(0, len(octets), 1460)]))])
    assert exported(home, path) == Counter(sent)


def test_limit(home):
    """Above smtpx.max_message_octets a message is shown in parts, and said to be."""
    body = b"Subject: limit\r\n\r\n" + b"x\r\n" * 1000
    segments, sent = dialogue([body, b"Subject: small\r\n\r\n"], random.Random(2))
    path = home.file("limit.pcap")
    capture.save(path, [Connection(capture.split(segments, cuts(random.Random(3))))])
    assert exported(home, path) == Counter(sent)
    limit = ("-o", "smtpx.max_message_octets:1000")
    assert exported(home, path, "imf", *limit) == Counter(sent[1:])
    notes = home.text("-r", path, "-Y", "smtpx.anomaly.message_size", "-T", "fields", "-e", "frame.number", *limit)
    assert len(notes.split()) == 1


def unfinished():
    """Sessions whose messages have no end, or a hole, and what there is of each."""
    body = b"Subject: unfinished\r\n\r\nfirst\r\n.second\r\n"
    start = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"DATA\r\n"), Segment("S", b"354 go\r\n")]
    sent = stuffed(body)[:-3]
    pieces = [Segment("C", sent[:30]), Segment("C", sent[30:35])]
    lost = [Segment("C", b"hole\r\n", lost=True), Segment("C", b"behind it\r\n.\r\n"), Segment("S", b"250 ok\r\n")]
    gone = [*start, Segment("C", sent)]
    chunk = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"BDAT 50\r\n" + body[:20])]
    return [start + pieces, start + pieces + lost, gone, chunk], [body[:34], body, body[:20]]


def test_unfinished(home):
    """Messages without an end, or with a hole, are exported on demand, as far as they go."""
    sessions, [piece, body, chunk] = unfinished()
    path = home.file("unfinished.pcap")
    capture.save(path, list(capture.numbered(map(Connection, sessions))))
    wanted = ("-o", "smtpx.export_unfinished:TRUE")
    for kind in ("imf", "smtpx"):
        assert exported(home, path, kind, "-2") == exported(home, path, kind) == Counter()
        assert exported(home, path, kind, "-2", *wanted) == Counter([piece, piece, body, chunk])
        # Only a second pass knows that nothing follows.
        assert exported(home, path, kind, *wanted) == Counter([piece])


def test_unfinished_is_shown_all_the_same(home):
    """Who exports sees the tree that others see."""
    path = home.file("unfinished.pcap")
    capture.save(path, list(capture.numbered(map(Connection, unfinished()[0]))))
    home.run("rm", "-rf", home.file("objects"))
    alone = home.text("-r", path, "-2", "-O", "smtpx,imf")
    assert alone.count(" Subject: unfinished") == 4
    assert home.text("-r", path, "-2", "-O", "smtpx,imf", "--export-objects", f"imf,{home.file('objects')}") == alone


def test_many_parts(home):
    """No more than 100 parts are listed; how many there are is said."""
    segments = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"DATA\r\n"), Segment("S", b"354 go\r\n"),
                Segment("C", b"Subject: many\r\n"), *[Segment("C", b"x")] * 400, Segment("C", b"\r\n.\r\n")]
    path = home.file("parts.pcap")
    capture.save(path, [Connection(segments)])
    [frame] = [frame for frame in home.frames(path).values() if frame.values("smtpx.message.fragment.count")]
    assert frame.values("smtpx.message.fragment.count") == ["402"]
    assert len(frame.values("smtpx.message.fragment")) == 100


def test_not_reassembled(home):
    """With reassembly off, a message in one piece is a message all the same."""
    off = ("-o", "smtpx.reassemble_messages:FALSE")
    segments = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"DATA\r\n"), Segment("S", b"354 go\r\n"),
                Segment("C", stuffed(BODIES["plain"])), Segment("S", b"250 ok\r\n")]
    path = home.file("pieces.pcap")
    capture.save(path, [Connection(segments)])
    assert exported(home, path, "imf", *off) == Counter([BODIES["plain"]])
    capture.save(path, [Connection(capture.split(segments, lambda side, octets: [octets[:9], octets[9:]]))])
    assert exported(home, path, "imf", *off) == Counter()


# A subject, and what of it is in the file's name.
NAMES = {"Rechnung Nr. 5/2026": "Rechnung_Nr_5_2026", "../../etc/passwd": "etc_passwd", "CON": "CON",
         "C:\\temp\\x?*|": "C_temp_x", "=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=": "Grüße", " . ": None, "a\tb": "a_b",
         "x" * 300: "x" * 56, "ä" * 100: "ä" * 28, "$(rm -rf ~) `id`; &": "rm_rf_id", "": None, "same": "same", "SAME": "SAME"}


def named(home, subjects):
    """A capture of mails with these subjects."""
    segments = [Segment("S", b"220 mx ESMTP\r\n"), Segment("C", b"EHLO c\r\n"), Segment("S", b"250 CHUNKING\r\n")]
    for number, subject in enumerate(subjects):
        body = f"Subject: {subject}\r\n\r\n{number}\r\n".encode()
        segments += [Segment("C", b"MAIL FROM:<a@b>\r\n"), Segment("S", b"250 ok\r\n"),
                     Segment("C", b"RCPT TO:<c@d>\r\n"), Segment("S", b"250 ok\r\n"),
                     Segment("C", b"BDAT %d LAST\r\n" % len(body) + body),
                     Segment("S", b"250 2.0.0 Ok: queued as 4F1B21%03d\r\n" % number)]
    path = home.file("named.pcap")
    capture.save(path, [Connection(segments)])
    return path


@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one pass", "two passes"])
def test_names(home, passes):
    """Files are named for number, queue id and subject: safe, and unique where capitals count for nothing."""
    found = files(home, named(home, NAMES), "smtpx", *passes)
    names = sorted(name for name in found if name != "mails.tsv")
    assert names == [f"{number:04}-4F1B21{number - 1:03}" + (f"-{part}" if part else "") + ".eml"
                     for number, part in enumerate(NAMES.values(), 1)]
    assert len({name.casefold() for name in names}) == len(NAMES)
    assert all(len(name.encode()) < 160 and not set(name) & set("/\\:*?\"<>|$`; \t") for name in names)
    head, *lines = [line.split("\t") for line in found["mails.tsv"].decode().splitlines()]
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    assert [row["file"] for row in rows] == names
    assert [(row["session"], row["transaction"], row["status"], row["recipients"], int(row["octets"])) for row in rows] == [
        ("1", str(number), "accepted", "c@d", len(found[name])) for number, name in enumerate(names, 1)]


def test_answered_late(home):
    """Mails that are answered in another order than they ended in have their own names and lines."""
    def mail(number):
        return [Segment("S", b"220 mx\r\n"), Segment("C", b"EHLO c\r\n"), Segment("S", b"250 CHUNKING\r\n"),
                Segment("C", b"MAIL FROM:<a@b>\r\n"), Segment("S", b"250 ok\r\n"), Segment("C", b"RCPT TO:<c@d>\r\n"),
                Segment("S", b"250 ok\r\n"), Segment("C", b"BDAT 14 LAST\r\nSubject: %05d" % number)]
    answers = [b"250 queued as 4F1B2123%d\r\n" % number for number in range(3)]
    connections = list(capture.numbered(Connection(mail(number) + [Segment("S", answers[number])], closed=False)
                                        for number in range(3)))
    path = home.file("late.pcap")
    capture.save(path, connections)
    # The last frames of all, last session first.
    frames = home.text("-r", path, "-Y", "smtpx.transaction.queue_id", "-T", "fields", "-e", "frame.number").split()
    home.run("editcap", path, home.file("begun.pcap"), *frames)
    for number in frames:
        home.run("editcap", "-r", path, home.file(f"answer-{number}.pcap"), number)
    late = home.file("reordered.pcap")
    home.run("mergecap", "-a", "-w", late, home.file("begun.pcap"),
             *[home.file(f"answer-{number}.pcap") for number in reversed(frames)])
    found = files(home, late, "smtpx")
    lines = [line.split("\t") for line in found.pop("mails.tsv").decode().splitlines()[1:]]
    assert [line[0] for line in lines] == sorted(found) == [
        f"{number + 1:04}-4F1B2123{number}-{number:05}.eml" for number in range(3)]


SMUGGLED = {"smuggled_mail": [b"text\n", b"smuggled\r\n"], "smuggled_then_quit": [b"text\n", b"smuggled\r\n"],
            "smuggled_in_parts": [b"text\n", b"smuggled\r\n"], "smuggled_lmtp": [b"text\r\n", b"smuggled\r\n"],
            "smuggled_refused": [b"text\n"], "anomaly_smuggling": [b"text\n.\r\nMAIL FROM:<admin@mx.example>\r\n"
                                                               b"RCPT TO:<victim@mx.example>\r\nDATA\r\n"]}


@pytest.mark.parametrize("passes", ((), ("-2",)))
def test_obeyed(home, transcripts, passes):
    """A mail that a server obeyed in a message whose DATA it had refused is exported beside that."""
    path = home.file("anomaly_obeyed.pcap")
    stage.stage([transcripts["anomaly_obeyed"]], path, None)
    found = [octets for octets in exported(home, path, "smtpx", *passes) if not octets.startswith(b"file\t")]
    inner = b"Subject: inner\r\n\r\ntext\r\n"
    assert sorted(found) == sorted([inner, b"Subject: outer\r\n\r\nRSET\r\nMAIL FROM:<admin@mx.example>\r\n"
                                    b"RCPT TO:<victim@mx.example>\r\nDATA\r\n" + inner])


@pytest.mark.parametrize("passes", ((), ("-2",)))
@pytest.mark.parametrize("name", SMUGGLED)
def test_smuggled(home, transcripts, name, passes):
    """Where a server was deceived, what is exported is what it took: two mails. Where none was, one."""
    path = home.file(f"{name}.pcap")
    stage.stage([transcripts[name]], path, None)
    subjects = (b"first", b"second")
    wanted = Counter(b"Subject: %s\r\n\r\n%s" % pair for pair in zip(subjects, SMUGGLED[name]))
    found = Counter({octets: count for octets, count in exported(home, path, "smtpx", *passes).items()
                     if not octets.startswith(b"file\t")})
    assert found == wanted


def test_sharkd(home):
    """sharkd lists the objects alike each time it is asked, and hands them over."""
    path = named(home, ["first", "second"])
    requests = [("load", {"file": str(path)}), *[("tap", {"tap0": "eo:smtpx"})] * 2,
                ("download", {"token": "eo:smtpx_1"})]
    _, first, again, mail = home.sharkd(requests)
    assert first == again
    [tap] = first["taps"]
    assert [entry["filename"] for entry in tap["objects"]] == [
        "mails.tsv", "0001-4F1B21000-first.eml", "0002-4F1B21001-second.eml"]
    assert [(entry["hostname"], entry["type"]) for entry in tap["objects"][1:]] == [
        ("c to c@d", "accepted as 4F1B21000"), ("c to c@d", "accepted as 4F1B21001")]
    assert base64.b64decode(mail["data"]) == b"Subject: first\r\n\r\n0\r\n"


# ---- Parts ----

# What the sender calls a part, and what of it is in the file's name; None: nothing.
PART_NAMES = [
    (b"attachment; filename=invoice.pdf", "invoice.pdf"),
    (b'attachment; filename="../../../etc/cron.d/evil.sh"', "etc_cron.d_evil.sh"),
    (b'attachment; filename="C:\\\\Windows\\\\x.exe"', "C_Windows_x.exe"),
    (b'attachment; filename="CON.txt"', "CON.txt"),
    (b'attachment; filename="nul"', "nul"),
    (b'attachment; filename=".."', None),
    (b'attachment; filename="/"', None),
    (b'attachment; filename=" .profile. "', "profile"),
    (b'attachment; filename="a\x01b\x7f.txt"', "a_b.txt"),
    (b'attachment; filename="a\x00b.txt"', "a_b.txt"),
    (b'attachment; filename="same.txt"', "same.txt"),
    (b'attachment; filename="SAME.TXT"', "SAME.TXT"),
    (b'attachment; filename="same.txt"', "same.txt"),
    (b'attachment; filename="=?utf-8?B?R3LDvMOfZS8uLi94LnBuZw==?="', "Gr\u00fc\u00dfe_x.png"),
    (b"attachment; filename*=utf-8''%2e%2e%2f%e2%82%ac%20rates.csv", "rates.csv"),
    (b"attachment; filename*=iso-8859-1'de'%e4.txt; filename=no.txt", "\u00e4.txt"),
    (b"attachment;\r\n filename*0*=utf-8''a%2f;\r\n filename*1=\"b.tx\";\r\n filename*2=t", "a_b.txt"),
    (b"attachment; filename*=no-such-charset''%ff%fe.txt", None),
    (b'attachment; filename="' + b"x" * 500 + b'.pdf"', "x" * 56 + ".pdf"),
    (b'attachment; filename="a.' + b"x" * 50 + b'"', "a." + "x" * 50),
    (b'attachment; filename="$(id)`id`;id|&.txt"', "id_id_id.txt"),
    ("attachment; filename=\"\u202egpj.exe\"".encode(), "gpj.exe"),
    (b"attachment", None),
]


def with_parts(dispositions):
    parts = b"".join(b"--xx\r\nContent-Type: image/png\r\nContent-Disposition: " + disposition
                     + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"part %d" % number)
                     .replace(b"\n", b"\r\n") + b"\r\n" for number, disposition in enumerate(dispositions))
    return b"Subject: parts\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n" + parts + b"--xx--\r\n"


WITH_PARTS = ("-o", "smtpx.export_parts:TRUE")


@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_names_of_parts(home, passes):
    """Each part is a file beside its message, whatever the sender calls it, and none is anywhere else."""
    segments, _ = dialogue([with_parts([disposition for disposition, _ in PART_NAMES])], random.Random(1))
    path = home.file("named-parts.pcap")
    capture.save(path, [Connection(capture.split(segments, cuts(random.Random(2))))])
    found = files(home, path, "smtpx", *WITH_PARTS, *passes)
    parts = {name: octets for name, octets in found.items() if "-part0" in name or "-part1" in name or "-part2" in name}
    assert len(found) == len(parts) + 2 and len({name.lower() for name in parts}) == len(PART_NAMES)
    for number, (disposition, name) in enumerate(PART_NAMES, 1):
        wanted = f"0001-part{number:02}" + (f"-{name}" if name else "")
        got, = [found for found in parts if found.startswith(f"0001-part{number:02}")]
        if disposition.startswith(b"attachment; filename*=no-such"):
            assert got.isprintable() and got.endswith(".txt"), got
        else:
            assert got == (wanted if name else wanted + ".png"), disposition
        assert parts[got] == b"part %d" % (number - 1)
        assert len(got.encode()) < 200 and not set(got) & set("/\\:*?\"<>| \0")
    assert len(files(home, path, "smtpx", *passes)) == 2, "parts without the preference"


def test_parts_of_messages(home):
    """Parts of parts, text in other writings, and messages without any part."""
    html = b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=C3=A4=\r\n</p>"
    inner = b"Content-Type: multipart/alternative; boundary=yy\r\n\r\n--yy\r\n\r\nplain\r\n--yy\r\n" + html + b"\r\n--yy--\r\n"
    bodies = [b"Subject: bare\r\n\r\nx\r\n", html, b"Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\n" + inner
              + b"--xx\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ny\r\n--xx--\r\n"]
    segments, _ = dialogue(bodies, random.Random(4))
    path = home.file("parts-of-parts.pcap")
    capture.save(path, [Connection(segments)])
    found = {name: octets for name, octets in files(home, path, "smtpx", *WITH_PARTS).items() if "-part0" in name or "-part1" in name or "-part2" in name}
    body = b"<p>\xc3\xa4</p>"
    assert {name: octets.rstrip() for name, octets in found.items()} == {
        "0002-part01.html": body, "0003-part01.txt": b"plain", "0003-part02.html": body,
        "0003-part03.eml": b"Subject: inner\r\n\r\ny"}


def test_many_parts_of_a_message(home):
    """A thousand at most. Wireshark itself gives up on a frame of 500 layers, so IMF is not asked."""
    segments, _ = dialogue([with_parts([b"attachment"] * 3000)], random.Random(1))
    path = home.file("thousand.pcap")
    capture.save(path, [Connection(capture.split(segments, lambda side, octets: [
        octets[start:start + 1460] for start in range(0, len(octets), 1460)]))])
    found = files(home, path, "smtpx", *WITH_PARTS, "--disable-protocol", "imf")
    assert sum(not name.endswith((".eml", ".tsv")) for name in found) == 1000
