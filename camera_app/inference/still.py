"""Sparing the net a picture that it has just seen."""

from typing import Any, cast

import cv2
import numpy as np

from camera_app.arrays import NDArray

BLOCKS = 8
"""Pictures are compared in so many blocks a side. In the mean of a block a camera's noise all but
vanishes: four times less than in a pixel of the net's 32x32. What moves does not: an object that
fills a block changes its mean by as much as it differs from what is behind it."""

ROWS = 256
"""Of a larger picture only so many rows are looked at, evenly spread: eight for each of the net's
32. What costs is to fetch pixels from memory. At 480x480 and noise of 15 levels, a dark room, no
block's mean then strays by more than 1.9 levels; of half as many rows by 2.9, of all by 1.6."""

_EVENLY_SPREAD = np.arange(ROWS)

HALVE_FROM = 64
"""While it is so many pixels wide or more, what is looked at is halved: exact, and the fastest that
OpenCV does."""


class StillScene:
    """Tells whether a picture is, but for noise, the one that the net was last run on.

    It is compared with that one, and not with the one before, so that dusk, however slow, is seen
    in the end.

    Args:
        threshold: levels, of 255, by which no channel's mean in any block may differ.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._seen: NDArray[np.float32] | None = None

    def holds(self, square: NDArray[np.uint8]) -> bool:
        """Whether the picture is as it was; if not, it is what the next ones are compared with.

        Args:
            square: (S, S, 3) uint8 BGR, of any size: the part that the net sees.
        """
        blocks, seen = _blocks(square), self._seen
        if (
            seen is not None
            and seen.shape == blocks.shape
            and float(np.abs(blocks - seen).max()) <= self._threshold
        ):
            return True
        self._seen = blocks
        return False


def _blocks(square: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The means of BLOCKS x BLOCKS blocks, in levels; of a smaller picture, its pixels."""
    side = square.shape[0]
    small: Any = square
    if side > ROWS:
        small = square[_EVENLY_SPREAD * side // ROWS, : side // 2 * 2]
    while small.shape[1] >= HALVE_FROM and small.shape[0] % 2 == small.shape[1] % 2 == 0:
        half = (small.shape[1] // 2, small.shape[0] // 2)
        small = cv2.resize(small, half, interpolation=cv2.INTER_AREA)
    blocks = (min(BLOCKS, side),) * 2
    means: Any = cv2.resize(small.astype(np.float32), blocks, interpolation=cv2.INTER_AREA)
    return cast(NDArray[np.float32], means)
