# SPDX-License-Identifier: GPL-2.0-or-later
"""The same mail in two sessions of a capture is linked both ways, and never on a guess."""

import json
from pathlib import Path
import ssl
from dataclasses import dataclass

import pytest

import capture
from capture import Connection, Segment

CLIENT, RELAY, STORE, OTHER = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"
HEAD = b"Message-ID: <1@client.example>\r\nSubject: hop\r\n"
BODY = b"\r\nHello.\r\n.a dot\r\n" + b"".join(b"line %d\r\n" % number for number in range(60))
MAIL = HEAD + BODY


@dataclass
class Hop:
    """A session with one mail."""

    message: bytes
    client: str = CLIENT
    server: str = RELAY
    hello: bytes = b"EHLO client.example"
    greeting: bytes = b"220 relay.example ESMTP"
    answer: bytes = b"250 2.0.0 Ok: queued as 4F1B21234"
    chunked: bool = False
    tls: bool = False
    piece: int | None = None  # octets of a segment
    port: int = 25

    def dialogue(self):
        lines = [("S", self.greeting), ("C", self.hello), ("S", b"250-x\r\n250 CHUNKING"), ("C", b"MAIL FROM:<a@client.example>"),
                 ("S", b"250 ok"), ("C", b"RCPT TO:<b@store.example>"), ("S", b"250 ok")]
        segments = [Segment(side, line + b"\r\n") for side, line in lines]
        if self.chunked:
            segments.append(Segment("C", b"BDAT %d LAST\r\n" % len(self.message) + self.message))
        else:
            text = self.message.replace(b"\r\n.", b"\r\n..")
            segments += [Segment("C", b"DATA\r\n"), Segment("S", b"354 go\r\n"), Segment("C", text + b".\r\n")]
        return segments + [Segment("S", self.answer + b"\r\n"), Segment("C", b"QUIT\r\n"), Segment("S", b"221 bye\r\n")]

    def connection(self, number, tls):
        segments = self.dialogue()
        if self.piece:
            segments = capture.split(segments, lambda side, octets: [octets[at:at + self.piece]
                                                                     for at in range(0, len(octets), self.piece)])
        if self.tls:
            segments = tls.wrap(segments, ssl.TLSVersion.TLSv1_3)
        return Connection(segments, port=465 if self.tls else self.port, client=self.client, server=self.server,
                          client_port=41000 + number)


def received(by=b"relay.example", queue_id=b"4F1B21234", client=b"client.example"):
    return (b"Received: from " + client + b" (" + client + b" [192.0.2.1])\r\n\tby " + by + b" (Postfix) with ESMTP"
            + (b" id " + queue_id if queue_id else b"") + b"\r\n\tfor <b@store.example>; Fri, 1 Jan 2021 00:00:00 +0000\r\n")


def onward(message=None, **more):
    """The session by which the relay sends it on."""
    return Hop(**{"message": received() + MAIL if message is None else message, "client": RELAY, "server": STORE, "hello": b"EHLO relay.example",
                  "greeting": b"220 store.example ESMTP", "answer": b"250 2.0.0 Ok: queued as 99AA88", **more})


@pytest.fixture
def links(home, tls):
    """Which of these hops each names, by fields in two passes and by the table."""
    path = home.file("hops.pcap")

    def read(*hops):
        capture.save(path, [hop.connection(number, tls) for number, hop in enumerate(hops)])
        frames = home.frames(path, "-2", *tls.options)
        ends = {frame.number: int(frame.values("smtpx.session")[0]) - 1 for frame in frames.values()
                if frame.values("smtpx.transaction.status")}
        fields = {"previous": {}, "next": {}}
        for number, session in ends.items():
            for way in fields:
                found = frames[number].values(f"smtpx.transaction.{way}_hop")
                if found:
                    fields[way][session] = [ends[int(value)] for value in found]
        for passes in ((), ("-2",)):
            text = home.text("-r", path, "-q", "-z", "smtpx,mail,json", *tls.options, *passes)
            rows = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
            assert {row["session"] - 1: [ends[row["previous_hop"]]] for row in rows
                    if "previous_hop" in row} == fields["previous"]
            assert {row["session"] - 1: [ends[frame] for frame in row["next_hop"]] for row in rows
                    if "next_hop" in row} == fields["next"]
        one = home.frames(path, *tls.options)
        for number in ends:
            before = frames[number].values("smtpx.transaction.previous_hop")
            assert one[number].values("smtpx.transaction.previous_hop") in (before, [])
            assert not one[number].values("smtpx.transaction.next_hop")
        back = {}
        for session, found in fields["previous"].items():
            back.setdefault(found[0], []).append(session)
        assert back == fields["next"], "not linked both ways"
        return {session: found[0] for session, found in fields["previous"].items()}

    return read


WAYS = {
    "as it is": {},
    "in segments": {"piece": 50},
    "by octets": {"piece": 1},
    "in a chunk": {"chunked": True},
    "in segments of a chunk": {"chunked": True, "piece": 99},
    "inside TLS": {"tls": True},
    "in records of TLS": {"tls": True, "piece": 60},
}


OUT = {"as it is": {}, "in segments of a chunk": WAYS["in segments of a chunk"], "in records of TLS": WAYS["in records of TLS"],
       "LMTP": {"hello": b"LHLO relay.example", "port": 24}}


def pairs(count):
    """Each second one is linked with the one before it."""
    return {number + 1: number for number in range(0, 2 * count, 2)}


def test_by_message(links):
    """Message-ID and body, however they travel."""
    ways = [(way, out) for way in WAYS.values() for out in OUT.values()]
    hops = []
    for number, (way, out) in enumerate(ways):
        mail = MAIL.replace(b"<1@", b"<%d@" % number)
        hops += [Hop(mail, **way), onward(received(queue_id=None) + mail, **out)]
    assert links(*hops) == pairs(len(ways))


def test_cut_anywhere(links):
    """The last segment of a message is read again from the capture, and known by its fingerprint alone: however long
    it is, and whatever it holds."""
    bodies = [b"\r\n" + b"".join(b"line %d\r\n" % number for number in range(60)), b"\r\n" + b"\r\n" * 100,
              b"\r\n" + b"x" * 70 + b"\r\n" * 100, b"\r\nx\r\n"]
    hops = []
    for piece in (*range(90, 130), 200, 300, 431):
        mail = HEAD.replace(b"<1@", b"<%d@" % piece) + bodies[piece % len(bodies)]
        hops += [Hop(mail), onward(received(queue_id=None) + mail, piece=piece)]
    assert links(*hops) == pairs(len(hops) // 2)


def test_other_ends(links):
    """What differs in the last segment alone, or in the octets before it alone, is not linked."""
    text = b"\r\n" + b"".join(b"line %d\r\n" % number for number in range(60))
    for other in (text.replace(b"line 59", b"line 58"), text.replace(b"line 0", b"line 9"), text + b"more\r\n"):
        assert links(Hop(HEAD + text, piece=400), onward(received(queue_id=None) + HEAD + other, piece=400)) == {}


def test_by_queue_id(links):
    """The field that the relay added, whatever it did to the message."""
    hops = []
    for number, way in enumerate(WAYS.values()):
        for out in (onward(received(queue_id=b"A%dX" % number) + HEAD + b"\r\nin other words\r\n", **way),
                    onward(received(by=b"RELAY.example", queue_id=b"B%dX" % number) + b"\r\nno Message-ID\r\n",
                           client="203.0.113.9", **way)):
            queue_id = out.message.split(b" id ")[1].split(b"\r")[0]
            hops += [Hop(MAIL, answer=b"250 2.0.0 Ok: queued as " + queue_id), out]
    assert links(*hops) == pairs(2 * len(WAYS))


def test_several_deliveries(home, links):
    """A list sends one Message-ID to many."""
    outs = [onward(server=f"192.0.2.{number}", answer=b"250 ok" if number != 12 else b"550 no")
            for number in (10, 11, 12)]
    assert links(Hop(MAIL), *outs) == {1: 0, 2: 0, 3: 0}
    text = home.text("-r", home.file("hops.pcap"), "-2", "-V")
    assert text.count("this is one of 3 deliveries") == 3 and text.count("[Next hop: ") == 3
    assert ": refused)]" in text
    rows = [json.loads(line) for line in home.text("-r", home.file("hops.pcap"), "-q", "-z", "smtpx,mail,json").splitlines()]
    assert [row.get("deliveries") for row in rows] == [None, 3, 3, 3]
    assert [len(row.get("next_hop", [])) for row in rows] == [3, 0, 0, 0]
    table = home.text("-r", home.file("hops.pcap"), "-q", "-z", "smtpx,mail")
    assert f"{rows[0]['next_hop'][0]} (+2)" in table and "One of" in table


def test_chain(links):
    """The hop before is the last one, also where all are one host."""
    all_on_one = {"client": "127.0.0.1", "server": "127.0.0.1"}
    second = received(queue_id=None) + MAIL
    third = received(by=b"store.example", queue_id=None, client=b"relay.example") + second
    for hosts in ({}, all_on_one):
        assert links(Hop(MAIL, **hosts), onward(second, **hosts),
                     onward(third, **{"client": STORE, "server": OTHER, "hello": b"EHLO store.example",
                                      "greeting": b"220 other.example", **hosts})) == {1: 0, 2: 1}


def test_sent_on_as_it_came(links):
    """A proxy adds nothing: then its address proves it."""
    assert links(Hop(MAIL), onward(MAIL)) == {1: 0}


def test_sent_twice(links):
    """Of two mails that are alike each has its own queue id; where none is named, nobody knows."""
    twice = [Hop(MAIL), Hop(MAIL, answer=b"250 2.0.0 Ok: queued as 4F1B25678")]
    assert links(*twice) == {}
    assert links(*twice, onward(), onward(received(queue_id=b"4F1B25678") + MAIL)) == {2: 0, 3: 1}
    assert links(*twice, onward(received(queue_id=None) + MAIL)) == {}
    refused = Hop(MAIL, answer=b"451 4.3.0 later")
    assert links(refused, Hop(MAIL), onward(received(queue_id=None) + MAIL)) == {2: 1}


NOT_THE_SAME = [
    onward(received(queue_id=None) + HEAD + BODY + b"more\r\n"),
    onward(received(queue_id=None) + MAIL.replace(b"<1@", b"<2@")),
    onward(received(queue_id=None) + BODY),
    onward(received(by=b"another.example") + HEAD + b"\r\nother\r\n", client=OTHER),
    onward(received(queue_id=b"4F1B2123") + HEAD + b"\r\nother\r\n"),
    onward(b"Received: from x by relay.example id 4F1B21234 (a) by relay.example id Y; x\r\n" + HEAD + b"\r\nother\r\n"),
    Hop(MAIL, client=OTHER),
]


def test_no_guess(links):
    """What only looks alike is not linked."""
    assert links(Hop(MAIL), *NOT_THE_SAME) == {}


def test_what_was_refused_is_not_sent_on(links):
    assert links(Hop(MAIL, answer=b"550 5.7.1 no"), onward()) == {}


def test_order(links):
    """A mail does not come from what was sent later."""
    assert links(onward(), Hop(MAIL)) == {}


def test_mails_without_reassembly(home, tls):
    """The header is in the first segment; of the body nothing is known."""
    path = home.file("unread.pcap")
    capture.save(path, [hop.connection(number, tls) for number, hop in
                        enumerate((Hop(MAIL, piece=400), onward(piece=400)))])
    off = "-o", "smtpx.reassemble_messages:FALSE"
    assert '"previous_hop":' in home.text("-r", path, "-q", "-z", "smtpx,mail,json", *off)
    capture.save(path, [hop.connection(number, tls) for number, hop in
                        enumerate((Hop(MAIL, piece=400), onward(received(queue_id=None) + MAIL, piece=400)))])
    assert '"previous_hop":' not in home.text("-r", path, "-q", "-z", "smtpx,mail,json", *off)
    assert '"previous_hop":' in home.text("-r", path, "-q", "-z", "smtpx,mail,json")


def test_many_of_one_id(home, tls):
    """A thousand deliveries take no time that grows with their square, and are all there."""
    path, count = home.file("many.pcap"), 1000
    hops = [Hop(MAIL), *[onward(server=f"198.51.{number // 200}.{number % 200 + 1}") for number in range(count)]]
    capture.save(path, [hop.connection(number, tls) for number, hop in enumerate(hops)])
    rows = [json.loads(line) for line in home.text("-r", path, "-q", "-z", "smtpx,mail,json").splitlines()]
    assert len(rows[0]["next_hop"]) == count and all(row["deliveries"] == count for row in rows[1:])
    assert len(home.frames(path, "-2", "-Y", "smtpx.transaction.next_hop")) == 1


def test_window(home, links):
    """The windows have the same rows."""
    links(Hop(MAIL), onward())
    requests = [("load", {"file": str(home.file("hops.pcap"))}), ("tap", {"tap0": "nstat:smtpx,mail"})]
    _, answer = home.sharkd(requests)
    [tap] = answer["taps"]
    titles = [field["c"] for field in tap["fields"]]
    rows = [dict(zip(titles, row)) for row in tap["tables"][0]["i"]]
    assert rows[0]["Next hop"] == str(rows[1]["Frame"]) and rows[1]["Previous hop"] == rows[0]["Frame"]


RELAY_RECORDED = Path(__file__).resolve().parents[1] / "live/fixtures/relay.pcapng.gz"


@pytest.mark.parametrize("passes", [(), ("-2",)])
def test_a_real_relay(home, passes):
    """Postfix takes four mails, one inside TLS, and gives them to Dovecot, one of them twice (tests/live/relay.py)."""
    path = home.file("relay.pcapng.gz")
    path.write_bytes(RELAY_RECORDED.read_bytes())
    rows = [json.loads(line) for line in home.text("-r", path, "-q", "-z", "smtpx,mail,json", *passes).splitlines()]
    taken, given = ([row for row in rows if row["server_port"] == port] for port in (25, 24))
    assert [len(row["next_hop"]) for row in taken] == [1, 2, 1, 1] and len(given) == 5
    for row in taken:
        onward = [other for other in given if other["message_id"] == row["message_id"]]
        assert row["next_hop"] == [other["frame"] for other in onward]
        assert {other["previous_hop"] for other in onward} == {row["frame"]}
        assert all(other.get("deliveries", 1) == len(onward) for other in onward)
    assert [row["tls"] for row in taken] == ["no", "yes", "no", "no"]
    assert [row["status"] for row in given] == ["accepted"] * 4 + ["refused"]
