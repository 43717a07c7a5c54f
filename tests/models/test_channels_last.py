"""The layers compute what Keras's own do, on whatever backend runs."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from models import channels_last

PAIRS = [
    (channels_last.Conv2D, layers.Conv2D, {"filters": 6, "kernel_size": 3, "padding": "same"}),
    (channels_last.Conv2D, layers.Conv2D, {"filters": 6, "kernel_size": 1, "padding": "same"}),
    (channels_last.MaxPooling2D, layers.MaxPooling2D, {"pool_size": 2}),
    (channels_last.BatchNormalization, layers.BatchNormalization, {"scale": False}),
    (channels_last.BatchNormalization, layers.BatchNormalization, {"momentum": 0.5}),
]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize(("ours", "kerass", "options"), PAIRS)
def test_same_numbers_as_keras(
    ours: Any, kerass: Any, options: dict[str, Any], side: int, training: bool
) -> None:
    pictures = np.random.default_rng(0).normal(1, 2, (4, side, side, 5)).astype(np.float32)
    layer, reference = ours(**options), kerass(**options)
    for one in (layer, reference):
        one.build(pictures.shape)
    reference.set_weights(layer.get_weights())

    out, expected = (
        keras.ops.convert_to_numpy(one(pictures, training=training))
        if isinstance(one, layers.BatchNormalization)
        else keras.ops.convert_to_numpy(one(pictures))
        for one in (layer, reference)
    )

    assert out.shape == expected.shape
    assert np.allclose(out, expected, atol=1e-4)
    for weight, same in zip(layer.get_weights(), reference.get_weights(), strict=True):
        # The variance of a batch is taken over N pixels by one and over N - 1 by the other.
        assert np.allclose(weight, same, rtol=1e-2, atol=1e-4)
