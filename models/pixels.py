"""How pixels enter a net: less a mean, over a scale."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipes import Recipe


def pixel_scaling(
    recipe: Recipe, pictures: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and scale, (3,) each, with which a recipe standardizes pixels it learns from."""
    if recipe.scale == "camera":
        return np.full(3, 128, np.float32), np.full(3, 64, np.float32)
    mean = pictures.mean((0, 1, 2), dtype=np.float64)
    deviation = pictures.std((0, 1, 2), dtype=np.float64)
    return mean.astype(np.float32), deviation.astype(np.float32)


def scale_pictures(pictures: NDArray[np.uint8], mean: Any, scale: Any) -> NDArray[np.float32]:
    """(p - mean) / scale, float32; ``mean`` and ``scale`` are (3,) or one number for all."""
    mean, scale = np.float32(mean), np.float32(scale)
    if np.ptp(mean) == np.ptp(scale) == 0:  # one number takes a tenth of the time of three
        mean, scale = np.ravel(mean)[0], np.ravel(scale)[0]
    scaled: NDArray[np.float32] = ((pictures - mean) / scale).astype(np.float32, copy=False)
    return scaled
