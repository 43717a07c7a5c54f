"""A net with random weights is as large, as deep and as finite as a trained one."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from camera_app.errors import ModelError
from models.compare import convert as module
from models.compare.convert import convert, noise, randomize, reason
from models.zoo.registry import ENTRIES


@pytest.mark.parametrize("name", ["resnet8", "mobilenet_v2"])
def test_values_neither_vanish_nor_overflow(name: str) -> None:
    network = ENTRIES[name].build()

    randomize(network)

    logits = keras.ops.convert_to_numpy(network(noise(np.random.default_rng(5), 4)))
    assert np.all(np.isfinite(logits))
    assert 0.01 < np.std(logits) < 1000


def test_every_normalization_does_something() -> None:
    network = ENTRIES["resnet8"].build()

    randomize(network)

    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            for weight in layer.weights:
                assert np.ptp(keras.ops.convert_to_numpy(weight)) > 0


def test_a_network_without_normalization_is_left_alone() -> None:
    network = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(1, 1)])
    before = [keras.ops.convert_to_numpy(weight) for weight in network.weights]

    randomize(network)

    after = [keras.ops.convert_to_numpy(weight) for weight in network.weights]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_fail_operation_that_tflite_does_not_have() -> None:
    def pool(x: tf.Tensor) -> tf.Tensor:
        return tf.nn.fractional_max_pool(x, [1, 1.4, 1.4, 1], seed=1).output

    with pytest.raises(
        ModelError, match=r"^no float TFLite of it can be made \(.*FractionalMaxPool"
    ):
        convert(pool, "float")


def test_a_reason_is_one_short_line() -> None:
    assert reason(ValueError("first\nsecond")) == "first"
    assert reason(MemoryError()) == "MemoryError"
    assert len(reason(ValueError("x" * 1000))) == module.LONGEST_REASON + 1
