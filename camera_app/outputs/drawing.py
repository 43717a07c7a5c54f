"""Translucent, anti-aliased shapes on small parts of a picture, without floats at drawing time.

A shape is kept as what it leaves of the picture and what it adds to it, both in uint8 and cached,
so that drawing it is one multiplication and one addition over its own pixels.
"""

from functools import lru_cache

import cv2
import numpy as np

from camera_app.arrays import NDArray

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]
"""Blue, green, red, each from 0 to 255."""

Stamp = tuple[Pixels, Pixels]
"""What is left of the picture (255: all of it) and what is added: (h, w, 3) uint8 each."""


def make_stamp(coverage: Pixels, colour: Colour) -> Stamp:
    """The stamp that paints ``colour`` as far as ``coverage`` (h, w) uint8 says."""
    spread = coverage[:, :, np.newaxis]
    added = spread.astype(np.uint16) * np.array(colour, np.uint16) // 255
    return np.repeat(255 - spread, 3, axis=2), added.astype(np.uint8)


def press(picture: Pixels, stamp: Stamp, left: int, top: int) -> None:
    """Put ``stamp`` on ``picture``, (H, W, 3) uint8; what would leave the picture is cut off."""
    height, width = picture.shape[:2]
    rows = slice(max(0, -top), max(0, height - top))
    columns = slice(max(0, -left), max(0, width - left))
    kept, added = stamp[0][rows, columns], stamp[1][rows, columns]
    if not kept.size:
        return
    top, left = max(0, top), max(0, left)
    under = picture[top : top + kept.shape[0], left : left + kept.shape[1]]
    under[:] = cv2.add(cv2.multiply(under, kept, scale=1 / 255), added)


@lru_cache(maxsize=32)  # a panel at 1920x1080 is a megabyte
def _box(width: int, height: int, radius: int, colour: Colour, opacity: float) -> Stamp:
    # Signed distance to a rounded rectangle, a pixel of which is the width of its soft edge.
    x = np.abs(np.arange(width) + 0.5 - width / 2) - (width / 2 - radius)
    y = np.abs(np.arange(height) + 0.5 - height / 2) - (height / 2 - radius)
    outside = np.hypot(np.maximum(x, 0)[np.newaxis, :], np.maximum(y, 0)[:, np.newaxis]) - radius
    coverage = np.clip(0.5 - outside, 0, 1) * opacity if radius else np.full_like(outside, opacity)
    return make_stamp((coverage * 255).astype(np.uint8), colour)


def draw_box(
    picture: Pixels,
    left: int,
    top: int,
    width: int,
    height: int,
    colour: Colour,
    *,
    radius: int = 0,
    opacity: float = 1.0,
) -> None:
    """Draw a filled box with round corners; sizes in pixels, ``opacity`` from 0 to 1."""
    if width > 0 and height > 0:
        radius = min(radius, width // 2, height // 2)
        press(picture, _box(width, height, radius, colour, opacity), left, top)
