"""The converted graph is clean, and one that is not is refused."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from camera_app.errors import ModelError
from models.fold import FoldedNet
from models.quantize import check_graph, encode_float, op_names, quantize
from tests.models.conftest import folded

POOLED_AFTER = (4, 7, 10, 12)


@pytest.fixture(scope="module")
def net(random_network: Callable[..., keras.Model]) -> FoldedNet:
    return folded(random_network("camera", 0.125))


@pytest.fixture(scope="module")
def pictures() -> NDArray[np.uint8]:
    # Neither black nor white: the scale must not depend on what the pictures happen to hold.
    return np.random.default_rng(0).integers(30, 200, (20, 32, 32, 3), np.uint8)


def convert(function: Callable[..., tf.Tensor], *, quantized: bool) -> bytes:
    """A .tflite of any other graph, from one picture."""
    concrete = tf.function(function).get_concrete_function(tf.TensorSpec((1, 32, 32, 3)))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module())
    if quantized:
        rng = np.random.default_rng(0)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: (
            [rng.normal(size=(1, 32, 32, 3)).astype(np.float32)] for _ in range(3)
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def conv(x: tf.Tensor) -> tf.Tensor:
    return tf.nn.conv2d(x, tf.ones((1, 1, 3, 4)), 1, "SAME")


def test_the_graph_is_convolutions_pools_and_one_matrix(
    net: FoldedNet, pictures: NDArray[np.uint8]
) -> None:
    expected = []
    for number in range(1, 16):
        expected += ["CONV_2D"] + (["MAX_POOL_2D"] if number in POOLED_AFTER else [])

    assert op_names(quantize(net, pictures)) == [*expected, "MEAN", "FULLY_CONNECTED"]


def test_the_same_weights_give_the_same_bytes(net: FoldedNet, pictures: NDArray[np.uint8]) -> None:
    assert quantize(net, pictures) == quantize(net, pictures)


def test_float_encoding_is_what_the_scale_says() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)

    assert np.array_equal(encode_float(levels) * 64 + 128, levels)


@pytest.mark.parametrize(
    ("function", "quantized", "why"),
    [
        (lambda x: tf.reduce_mean(tf.nn.softmax(conv(x)), (1, 2)), True, "SOFTMAX"),
        (lambda x: tf.reduce_mean(conv(x), (1, 2)), False, "not int8"),
        (lambda x: tf.reduce_mean(conv(x), (1, 2)), True, "input has scale"),
    ],
)
def test_fail_unclean_graph(function: Callable[..., tf.Tensor], quantized: bool, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        check_graph(convert(function, quantized=quantized))
