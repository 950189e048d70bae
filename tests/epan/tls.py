# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS: the octets on the wire of a dialogue inside it, by a real TLS stack."""

import ssl
import subprocess

from capture import Segment

CLOSING = 2  # segments with which both sides close TLS


class Tls:
    """Contexts with a throwaway certificate and a key log."""

    def __init__(self, folder):
        self.key, self.certificate, self.keylog = folder / "key.pem", folder / "cert.pem", folder / "keys.log"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=mail.example", "-keyout", self.key, "-out", self.certificate],
                       check=True, capture_output=True)
        self.keylog.touch()
        self.options = ("-o", f"tls.keylog_file:{self.keylog}")

    def contexts(self, version):
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(self.certificate, self.key)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        client.minimum_version = client.maximum_version = version
        client.keylog_filename = str(self.keylog)
        return client, server

    def wrap(self, segments, version=ssl.TLSVersion.TLSv1_3, closed=False):
        """Handshake and one record for each of the segments with octets, as segments; closed: and close_notify of both sides."""
        client_context, server_context = self.contexts(version)
        inputs = {"C": ssl.MemoryBIO(), "S": ssl.MemoryBIO()}
        outputs = {"C": ssl.MemoryBIO(), "S": ssl.MemoryBIO()}
        ends = {"C": client_context.wrap_bio(inputs["C"], outputs["C"], server_side=False),
                "S": server_context.wrap_bio(inputs["S"], outputs["S"], server_side=True)}
        result = []

        def flush(side):
            octets = outputs[side].read()
            if octets:
                result.append(Segment(side, octets))
                inputs["S" if side == "C" else "C"].write(octets)

        def handshake(side):
            try:
                ends[side].do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            flush(side)
            return done

        finished = {"C": False, "S": False}
        while not all(finished.values()):
            for side in "CS":
                finished[side] = finished[side] or handshake(side)
        for segment in segments:
            if not segment.octets:  # an acknowledgement of TCP's
                result.append(segment)
                continue
            other = "S" if segment.side == "C" else "C"
            ends[segment.side].write(segment.octets)
            flush(segment.side)
            left = len(segment.octets)
            while left:
                left -= len(ends[other].read(65536))
        for side in "CS" if closed else "":
            try:
                ends[side].unwrap()
            except ssl.SSLWantReadError:
                pass
            flush(side)
        return result
