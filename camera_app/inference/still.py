"""Sparing the net a picture that it has just seen."""

import cv2
import numpy as np
from numpy.typing import NDArray

BLOCKS = 8
"""Pictures are compared in so many blocks a side. In the mean of a block a camera's noise all but
vanishes: four times less than in a pixel of the net's 32x32. What moves does not: an object that
fills a block changes its mean by as much as it differs from what is behind it."""


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
            square: (S, S, 3) uint8 BGR, of any size.
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
    side = min(BLOCKS, square.shape[0])
    means = cv2.resize(square.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    return means.astype(np.float32, copy=False)
