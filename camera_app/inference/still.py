"""Sparing the net a picture that it has just seen."""

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_app.inference.runtimes import Runtime

BLOCKS = 8
"""Pictures are compared in so many blocks a side. In the mean of a block a camera's noise all but
vanishes: four times less than in a pixel of the net's 32x32. What moves does not: an object that
fills a block changes its mean by as much as it differs from what is behind it."""


class StillRuntime:
    """A runtime that answers as before while the picture stays as it was.

    A picture is compared with the one that the net was last run on, not with the one before, so
    that dusk, however slow, is seen in the end.

    Args:
        runtime: runs the net; the caller closes it.
        threshold: levels, of 255, by which no channel's mean in any block may differ.

    Attributes:
        skipped: how often the net was spared.
    """

    def __init__(self, runtime: Runtime, threshold: float) -> None:
        self.name = runtime.name
        self.threads = runtime.threads
        self.skipped = 0
        self._runtime = runtime
        self._threshold = threshold
        self._seen: NDArray[np.float32] | None = None
        self._answer: NDArray[np.float32] | None = None

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits (classes,) float32 of a picture (S, S, 3) uint8 BGR at the net's size."""
        blocks = _blocks(crop)
        if (
            self._seen is not None
            and self._answer is not None
            and float(np.abs(blocks - self._seen).max()) <= self._threshold
        ):
            self.skipped += 1
            return self._answer.copy()
        answer = self._runtime.run(crop)
        self._seen, self._answer = blocks, answer.copy()
        return answer

    def close(self) -> None:
        """Let go of the net's memory; may be called twice."""
        self._runtime.close()


def _blocks(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The means of BLOCKS x BLOCKS blocks, in levels; of a smaller picture, its pixels."""
    side = min(BLOCKS, crop.shape[0])
    means = cv2.resize(crop.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    return means.astype(np.float32, copy=False)
