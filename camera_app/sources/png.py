"""What a PNG file says of itself around its pixels: the pieces that stand before and after them."""

from collections.abc import Iterator

START = b"\x89PNG"

_FIRST_CHUNK_AT = 8  # ISO/IEC 15948, 5.2


def exif_of(data: bytes) -> bytes:
    """The camera's notes, which may stand behind the pixels (third edition, 11.3.4.5)."""
    return next((data[place] for name, place in chunks(data) if name == b"eXIf"), b"")


def chunks(data: bytes) -> Iterator[tuple[bytes, slice]]:
    """Name of each piece, up to the end or to where the file is cut off, and its place (5.3)."""
    at = _FIRST_CHUNK_AT
    while (name := data[at + 4 : at + 8]) not in (b"IEND", b""):
        size = int.from_bytes(data[at : at + 4], "big")
        yield name, slice(at + 8, at + 8 + size)
        at += 12 + size
