"""One number for all channels is a short cut, and no other arithmetic."""

import numpy as np
import pytest

from models.pixels import scale_pictures


@pytest.mark.parametrize("mean", [128, (128, 128, 128), (120.5, 128, 7)])
@pytest.mark.parametrize("scale", [64, (64, 64, 64), (64, 30.25, 1)])
def test_pixels_less_a_mean_over_a_scale(mean: object, scale: object) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), np.uint8)

    scaled = scale_pictures(pictures, mean, scale)

    expected = (pictures - np.array(mean, np.float64)) / np.array(scale, np.float64)
    assert scaled.dtype == np.float32
    assert np.allclose(scaled, expected, rtol=1e-6)
