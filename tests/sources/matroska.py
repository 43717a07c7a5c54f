"""A Matroska file whose pictures have whatever times one likes (RFC 9559)."""

import struct
from collections.abc import Sequence
from pathlib import Path

import cv2

from .conftest import HEIGHT, WIDTH, Pixels

PICTURES_A_CLUSTER = 30


def write_matroska(path: Path, pictures: Sequence[Pixels], times: Sequence[int]) -> None:
    """Write Motion JPEG; ``times`` are milliseconds, and the last picture stands for 33."""
    clusters = b""
    for start in range(0, len(times), PICTURES_A_CLUSTER):
        base = times[start]
        cluster = _number("E7", base)
        part = slice(start, start + PICTURES_A_CLUSTER)
        for picture, at in zip(pictures[part], times[part], strict=True):
            jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
            cluster += _element("A3", b"\x81" + struct.pack(">hB", at - base, 0x80) + jpeg)
        clusters += _element("1F43B675", cluster)
    head = _element("4282", b"matroska") + _number("4287", 4) + _number("4285", 2)
    duration = struct.pack(">d", times[-1] + 33.0)
    info = _number("2AD7B1", 1_000_000) + _element("4489", duration)  # milliseconds
    size = _element("E0", _number("B0", WIDTH) + _number("BA", HEIGHT))
    codec = _element("86", b"V_MJPEG")
    track = _element("AE", _number("D7", 1) + _number("73C5", 1) + _number("83", 1) + codec + size)
    segment = _element("1549A966", info) + _element("1654AE6B", track) + clusters
    path.write_bytes(_element("1A45DFA3", head) + _element("18538067", segment))


def _element(name: str, content: bytes) -> bytes:
    return bytes.fromhex(name) + (len(content) | 1 << 56).to_bytes(8) + content


def _number(name: str, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))
