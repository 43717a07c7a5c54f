"""From a frame of any size to what the net takes: the centre square, made small, as bytes.

The order saves work: cropping copies nothing, all conversion is done on S x S pixels.
"""

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

SIGN_BIT = np.uint8(0x80)
"""A byte b with this bit flipped, read as int8, is b - 128: no arithmetic, no float."""

SAMPLES = 6
"""So many a side, interpolated, are taken for each pixel from a larger picture; see
:func:`crop_resize`. Even."""

PLAIN_SAMPLES = 8
"""So many a side, as they are, from one at least :data:`LARGE` times too large. A power of two."""

LARGE = 20


def centre_square(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle of a picture (H, W, 3), as high as it is wide: a view, nothing is copied."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def crop_resize(
    pixels: NDArray[np.uint8], size: int, out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """The centre square of a picture at the net's size.

    Each pixel is the mean of its whole area: plain interpolation picks out single pixels of a large
    picture, and FastNet was right on 33 % of full-size photographs with it, on 61 % with area
    averaging. A picture smaller than the net's input is interpolated linearly.

    OpenCV averages areas slowly when the ratio is no whole number (720 → 32 takes 2.3 ms on an
    x86-64 core without VNNI, 1080 → 32 twice that; the net takes 12), and what is read of a large
    picture must be fetched from memory. So of a square more than 6 times too large, 6x6 samples a
    pixel are averaged, each interpolated between four of its pixels, and from 20 times on 8x8 of
    its pixels: 0.4 ms, and 0.3. On photographs that differs from the mean of all by 0.6 to 0.8
    levels, and by 1.0 (720) and 0.8 (1080). Interpolating is slowest on Arm, where OpenCV has no
    vector code for it: there the 6x6 take 2.5 million instructions, and the 8x8 a million.

    Args:
        pixels: (H, W, 3) uint8 BGR, at least 1x1; not changed.
        size: side S of the square to make.
        out: (S, S, 3) uint8, C-contiguous, to write to; None makes a new one.

    Returns:
        (S, S, 3) uint8 BGR: ``out`` if it was given.
    """
    square: Any = centre_square(pixels)
    side = square.shape[0]
    if side >= LARGE * size:
        side = PLAIN_SAMPLES * size
        square = cv2.resize(square, (side, side), interpolation=cv2.INTER_NEAREST_EXACT)
        while side > 2 * size:
            square, side = _halve(square)
    elif side > SAMPLES * size:
        side = SAMPLES * size
        square = cv2.resize(square, (side, side), interpolation=cv2.INTER_LINEAR)
        square, side = _halve(square)
    method = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cast(NDArray[np.uint8], cv2.resize(square, (size, size), dst=out, interpolation=method))


def _halve(square: Any) -> tuple[Any, int]:
    """Half as large, each pixel the mean of four: what OpenCV does fastest; and the new side."""
    side = square.shape[0] // 2
    return cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), side


def to_tensor(crop: NDArray[np.uint8], out: NDArray[np.uint8] | None = None) -> NDArray[np.int8]:
    """A crop as the bytes of the net's input: RGB, offset by 128.

    Args:
        crop: (S, S, 3) uint8 BGR.
        out: (S, S, 3) uint8, C-contiguous, to write to; None makes a new one.

    Returns:
        (S, S, 3) int8, ``byte - 128``: a view of ``out`` if it was given.
    """
    rgb = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB, dst=out)
    return np.bitwise_xor(rgb, SIGN_BIT, out=rgb).view(np.int8)
