"""What a JPEG file says of itself around its pixels: how large it is, and whether it is whole."""

from collections.abc import Iterator

START = b"\xff\xd8"
_END = b"\xff\xd9"
_SCAN = 0xDA
_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD8)})
"""After 0xFF these begin no segment: a stuffed byte, TEM and RST0 to RST7 (the same table)."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segment that gives the size: ITU-T T.81, table B.1."""


def is_whole(data: bytes) -> bool:
    """Whether the end of a JPEG file is there (ITU-T T.81, B.1.1).

    Decoders fill what is missing with grey, which would be classified like any other picture.
    """
    # The end marker may also stand in a thumbnail, before the pixels: step over the segments.
    for marker, at in _segments(data):
        if marker == _SCAN:
            return data.find(_END, at) >= 0
    return False


def size_of(data: bytes) -> tuple[int, int] | None:
    """Height and width of a JPEG file's picture as it is stored; None where it does not say."""
    for marker, at in _segments(data):
        if marker in _FRAMES:
            height, width = data[at + 3 : at + 5], data[at + 5 : at + 7]
            return int.from_bytes(height, "big"), int.from_bytes(width, "big")
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The marker of each segment up to the first scan, and where its length stands."""
    at = len(START)
    # Decoders step over stray bytes in front of a marker; filling up with 0xFF is even allowed
    # (B.1.1.2).
    while (at := data.find(b"\xff", at)) >= 0:
        while at < len(data) and data[at] == 0xFF:
            at += 1
        if at + 3 > len(data):
            return
        marker, at = data[at], at + 1
        if marker not in _ALONE:
            yield marker, at
            at += int.from_bytes(data[at : at + 2], "big")
