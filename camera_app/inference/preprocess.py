"""From a frame of any size to what the net takes: the centre square, made small, as bytes.

The order saves work: cropping copies nothing, all conversion is done on S x S pixels.
"""

from typing import Any, cast

import cv2
import numpy as np

from camera_app.arrays import NDArray

SIGN_BIT = np.uint8(0x80)
"""A byte b with this bit flipped, read as int8, is b - 128: no arithmetic, no float."""

SAMPLES = 6
"""So many a side are taken for each pixel from a larger picture; see :func:`crop_resize`. Even."""

LARGE = 20
"""Of a picture so many times too large or more, samples are pixels as they are."""


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
    pixel are averaged, each interpolated between four of its pixels: 0.3 ms. On photographs that
    differs from the mean of all by 0.6 levels (480) to 0.9 (1080). Interpolating is slowest on Arm,
    where OpenCV has no vector code for three channels, and matters the less the further apart the
    samples are. So from 20 times on they are the nearest pixels: 0.2 ms, and 0.8 million
    instructions on Arm instead of 2.5; 1.3 levels off at 720, 1.2 at 1080, which changes no more
    labels of photographs than interpolated samples do. At 480 it would be 1.6.

    Args:
        pixels: (H, W, 3) uint8 BGR, at least 1x1; not changed.
        size: side S of the square to make.
        out: (S, S, 3) uint8, C-contiguous, to write to; None makes a new one.

    Returns:
        (S, S, 3) uint8 BGR: ``out`` if it was given.
    """
    square: Any = samples(pixels, SAMPLES * size)
    side = square.shape[0]
    if side == SAMPLES * size:
        side //= 2  # what OpenCV does fastest
        square = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
    method = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return cast(NDArray[np.uint8], cv2.resize(square, (size, size), dst=out, interpolation=method))


def samples(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """What :func:`crop_resize` takes of a large picture; it makes the same of that as of the whole.

    Args:
        pixels: (H, W, 3) uint8 BGR, at least 1x1; not changed.
        side: N, :data:`SAMPLES` times that of the square which is to be made of it.

    Returns:
        (N, N, 3) uint8 BGR, in memory of its own; of a picture that is no larger, its centre
        square, a view.
    """
    square = centre_square(pixels)
    if square.shape[0] <= side:
        return square
    nearest = square.shape[0] * SAMPLES >= LARGE * side
    method = cv2.INTER_NEAREST_EXACT if nearest else cv2.INTER_LINEAR
    return cast(NDArray[np.uint8], cv2.resize(square, (side, side), interpolation=method))


def crop_mean(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The same of a picture that has time: each pixel is the mean of its area, of every pixel.

    It takes 5 ms for a square of 1080 pixels, which is nothing beside reading a picture's file, and
    noise, as of a photograph taken at night, is averaged away as far as it can be.

    Args:
        pixels: (H, W, 3) uint8 BGR, at least 1x1; not changed.
        size: side S of the square to make.

    Returns:
        (S, S, 3) uint8 BGR, in memory of its own.
    """
    square: Any = centre_square(pixels)
    method = cv2.INTER_AREA if square.shape[0] > size else cv2.INTER_LINEAR
    return cast(NDArray[np.uint8], cv2.resize(square, (size, size), interpolation=method))


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
