"""Laying what is transparent in a picture on white, as a page would.

What is stored under it no one has ever seen; it is often black, or smeared from the edges.
"""

from typing import Any

import cv2
import numpy as np

from camera_app.sources import png
from camera_app.sources.base import Pixels
from camera_app.sources.webp import is_webp

_DEPTH_AT, _COLOUR_TYPE_AT = 24, 25  # ISO/IEC 15948, 11.2.2
_GREY, _WITH_ALPHA = 0, 4  # a colour type, and a bit of it
_WEBP_FLAGS_AT, _WEBP_ALPHA = 20, 0x10  # RFC 9649, 2.7

STRIP = 256
"""Rows at a time: a large picture's are in 16 bits only a few at once."""


def lay_on_white(pixels: Pixels, data: bytes) -> Pixels:
    """A picture as it looks on white.

    PNG and WebP are looked at; in a BMP the fourth byte often means nothing.

    Args:
        pixels: (H, W, 3) uint8 BGR, as stored in ``data``, not turned yet: OpenCV gives a picture's
            opacity only so. May be written to.
        data: the file.

    Returns:
        ``pixels``.
    """
    if not _may_be_transparent(data):
        return pixels
    stored: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is not None and stored.shape == pixels.shape[:2]:
        level = _transparent_level(data)
        if level is not None and np.array_equal(_bytes_of(stored), pixels[..., 0]):
            pixels[stored == level] = 255
        return pixels
    if stored is None or stored.shape != (*pixels.shape[:2], 4):
        return pixels
    bytes_each = _bytes_of(stored)
    if not np.array_equal(bytes_each[..., :3], pixels):
        return pixels
    for top in range(0, pixels.shape[0], STRIP):
        strip = bytes_each[top : top + STRIP].astype(np.uint16)
        colour, opacity = strip[..., :3], strip[..., 3:]
        # At most 255 * 255 in all, with rounding less than 2**16.
        pixels[top : top + STRIP] = (colour * opacity + 255 * (255 - opacity) + 127) // 255
    return pixels


def _transparent_level(data: bytes) -> int | None:
    """The one grey that is transparent in a grey PNG, as OpenCV decodes it; None if there is none.

    OpenCV gives no opacity for it, as it does for a palette's or a colour.
    """
    if not data.startswith(png.START) or data[_COLOUR_TYPE_AT] != _GREY:
        return None
    named = (b"tRNS", b"IDAT")
    name, place = next((chunk for chunk in png.chunks(data) if chunk[0] in named), (b"", slice(0)))
    if name != b"tRNS":
        return None
    level, depth = int.from_bytes(data[place][:2], "big"), data[_DEPTH_AT]
    return level if depth == 16 else level * 255 // (2**depth - 1)


def _bytes_of(stored: Any) -> Pixels:
    return np.asarray(stored >> 8 if stored.dtype == np.uint16 else stored, np.uint8)


def _may_be_transparent(data: bytes) -> bool:
    """Whether the head of a PNG or WebP file says that not all of it need be opaque.

    It has been decoded: its head is there.
    """
    if data.startswith(png.START):
        return bool(data[_COLOUR_TYPE_AT] & _WITH_ALPHA) or b"tRNS" in data
    if is_webp(data):
        chunk = data[12:16]
        if chunk == b"VP8X":
            return bool(data[_WEBP_FLAGS_AT] & _WEBP_ALPHA)
        return chunk == b"VP8L"  # lossless: its own head tells, which is not worth unpacking
    return False
