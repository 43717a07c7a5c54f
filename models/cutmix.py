"""CutMix: a rectangle of one picture laid over another, and their labels mixed by area.

Source: S. Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable
features", 2019 (arXiv 1905.04899). As there, the area left of the lower picture is uniform in 0 … 1
before the rectangle is cut off at the edges.
"""

import numpy as np
from numpy.typing import NDArray


def cutmix(
    pictures: NDArray[np.uint8],
    targets: NDArray[np.float32],
    share: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Lay pieces of a batch's pictures over others of it.

    Args:
        pictures: (N, H, W, 3).
        targets: (N, classes), the probability of each class.
        share: of the pictures that get a piece of another.
        rng: decides everything.

    Returns:
        Changed copies of both.
    """
    height, width = pictures.shape[1:3]
    mixed, mixed_targets = pictures.copy(), targets.copy()
    for lower in np.flatnonzero(rng.random(len(pictures)) < share):
        upper = rng.integers(len(pictures))
        side = np.sqrt(rng.random())
        y, x = rng.integers(height), rng.integers(width)
        top, bottom = np.clip((y - side * height / 2, y + side * height / 2), 0, height).round()
        left, right = np.clip((x - side * width / 2, x + side * width / 2), 0, width).round()
        piece = slice(int(top), int(bottom)), slice(int(left), int(right))
        mixed[lower][piece] = pictures[upper][piece]
        hidden = np.float32((bottom - top) * (right - left) / (height * width))
        mixed_targets[lower] = (1 - hidden) * targets[lower] + hidden * targets[upper]
    return mixed, mixed_targets
