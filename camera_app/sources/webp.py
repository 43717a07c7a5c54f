"""What a WebP file says of itself around its pixels."""


def is_webp(data: bytes) -> bool:
    """Whether a file begins as a WebP picture does (RFC 9649, 2.4)."""
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def exif_of(data: bytes) -> bytes:
    """The camera's notes in a WebP file; empty where there are none."""
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"EXIF":
            return data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2  # chunks begin at even places
    return b""
