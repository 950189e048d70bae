# SPDX-License-Identifier: GPL-2.0-or-later
"""Transcripts to captures, and what Wireshark reads in them."""

import copy
import ssl
from dataclasses import dataclass

import capture
from tls import CLOSING


@dataclass
class Staged:
    """A transcript in a capture: the frames of its segments and of the rest."""

    transcript: object
    path: object
    opening: int  # the first frame of the connection
    frames: list  # frame number of each segment of the transcript, None if not captured
    all_frames: list  # every frame with octets of this connection


def on_port(transcript, port):
    """The same session on another port, its frames wherever they come."""
    made = copy.deepcopy(transcript)
    made.port = port
    for segment in made.segments:
        segment.at = None
    return made


def on_wire(transcript, tls, version=ssl.TLSVersion.TLSv1_3):
    """The segments as they travel, and at which index each segment of the transcript is among them."""
    segments = transcript.segments
    start = 0 if transcript.tls else transcript.tls_from
    if start is None:
        return segments, list(range(len(segments)))
    until = transcript.tls_until
    inside = segments[start:until]
    behind = segments[start + len(inside):]
    wrapped = tls.wrap(inside, version, closed=until is not None)
    end = start + len(wrapped)
    first = end - len(inside) - (CLOSING if until is not None else 0)
    positions = [*range(start), *range(first, first + len(inside)), *range(end, end + len(behind))]
    return segments[:start] + wrapped + behind, positions


def connect(transcripts, tls, version=ssl.TLSVersion.TLSv1_3, cut=None):
    """A connection for each transcript, and on_wire()'s positions for each."""
    wires = [on_wire(transcript, tls, version) for transcript in transcripts]
    if cut:
        wires = [(capture.split(segments, cut), []) for segments, _ in wires]
    connections = list(capture.numbered(
        transcript.connection(segments) for transcript, (segments, _) in zip(transcripts, wires)))
    return connections, [positions for _, positions in wires]


def stage(transcripts, path, tls, version=ssl.TLSVersion.TLSv1_3, cut=None):
    """Writes a capture of all transcripts, one connection each.

    cut(side, octets) cuts what travels otherwise; then no frame belongs to a segment of a transcript.
    """
    connections, wires = connect(transcripts, tls, version, cut)
    staged = []
    for transcript, positions, (opening, frames) in zip(transcripts, wires, capture.save(path, connections)):
        numbers = [number for _, number in frames]
        staged.append(Staged(transcript, path, opening, [numbers[position] for position in positions],
                             [number for number in numbers if number]))
    return staged
