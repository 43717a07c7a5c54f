"""How long a film is by what its own file says: an MP4 or QuickTime film, a Matroska or a WebM.

OpenCV only tells a number of pictures. Of a film that was trimmed without encoding it anew that
counts those which are no longer shown, and of one whose times do not begin at 0 those which would
have been before.
"""

import math
import struct
from pathlib import Path
from typing import BinaryIO

MOST_PARTS = 1000
"""That are stepped over; what is looked for stands among the first few, or behind one large one."""

_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067  # RFC 9559, 5.1
_INFO, _TICK, _DURATION = 0x1549A966, 0x2AD7B1, 0x4489
_CLUSTER, _CLUSTER_TIME = 0x1F43B675, 0xE7
_USUAL_TICK = 1_000_000  # nanoseconds


def stated_seconds(path: Path) -> float | None:
    """From the first picture to the end of the last, in seconds; None where the file does not say.

    Of another container, one that is damaged, and one written by someone who did not know yet.
    """
    try:
        with path.open("rb") as file:
            matroska = int.from_bytes(file.read(4), "big") == _EBML
            file.seek(0)
            seconds = _of_matroska(file) if matroska else _of_mp4(file)
    except OSError:
        return None
    return seconds if seconds is not None and math.isfinite(seconds) and seconds > 0 else None


def _of_mp4(file: BinaryIO) -> float | None:
    """As the first track of pictures says: what edits leave of it (ISO/IEC 14496-12, 8.3.2)."""
    ticks_a_second = ticks = 0
    for _ in range(MOST_PARTS):
        head = file.read(8)
        size, name, read = int.from_bytes(head[:4], "big"), head[4:], 8
        if size == 1:
            size, read = int.from_bytes(file.read(8), "big"), 16
        if size < read:  # the last, or no such file
            return None
        if name in (b"moov", b"trak", b"mdia"):  # what is looked for is in them
            continue
        body = file.read(min(size - read, 36)) if name in (b"mvhd", b"tkhd", b"hdlr") else b""
        long = body[:1] == b"\1"
        if name == b"mvhd":
            at = 20 if long else 12
            ticks_a_second = int.from_bytes(body[at : at + 4], "big")
        elif name == b"tkhd":
            ticks = int.from_bytes(body[28:36] if long else body[20:24], "big")
        elif name == b"hdlr" and body[8:12] == b"vide":
            return ticks / ticks_a_second if ticks_a_second else None
        _skip(file, size - read - len(body))
    return None


def _of_matroska(file: BinaryIO) -> float | None:
    """The end, as its header says, without what is before the first picture's time."""
    tick, duration = _USUAL_TICK, math.nan
    for _ in range(MOST_PARTS):
        name, size = _number(file, keep_mark=True), _number(file)
        if name is None or size is None:
            return None
        if name in (_SEGMENT, _INFO, _CLUSTER):
            continue
        if name == _TICK:
            tick = int.from_bytes(file.read(min(size, 8)), "big")
        elif name == _DURATION and size in (4, 8):
            content = file.read(size)
            if len(content) == size:
                (duration,) = struct.unpack(">f" if size == 4 else ">d", content)
        elif name == _CLUSTER_TIME:
            start = int.from_bytes(file.read(min(size, 8)), "big")
            return (duration - start) * tick / 1e9
        else:
            _skip(file, size)
    return None


def _number(file: BinaryIO, *, keep_mark: bool = False) -> int | None:
    """A name or a size: as many zero bits as bytes follow, a mark, and the number (RFC 8794, 4)."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    value = int.from_bytes(first + file.read(more), "big")
    return value if keep_mark else value & ~(1 << 7 * (more + 1))


def _skip(file: BinaryIO, size: int) -> None:
    # More than a file can be long would not be a place in it.
    file.seek(min(size, 2**62 - file.tell()), 1)
