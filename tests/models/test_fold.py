"""Folding changes no answer: the float Keras network against the folded net, random weights."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from models.fastnet import LAYERS
from models.fold import FoldedNet, fold
from models.quantize import float_logits

MEAN, SCALE = np.array([125.3, 123.0, 113.9]), np.array([63.0, 62.1, 66.7])
LARGEST_DIFFERENCE = 1e-3


@pytest.fixture(scope="module")
def pictures() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (16, 32, 32, 3), np.uint8)


def weights_of(network: keras.Model) -> dict[str, NDArray[np.float32]]:
    return {v.path: keras.ops.convert_to_numpy(v) for v in network.weights}


def keras_logits(
    network: keras.Model, pictures: NDArray[np.uint8], mean: Any, scale: Any
) -> NDArray[np.float32]:
    standardized = (pictures.astype(np.float64) - mean) / scale
    return np.asarray(network.predict_on_batch(standardized.astype(np.float32)))


def assert_same(
    network: keras.Model, net: FoldedNet, pictures: NDArray[np.uint8], mean: Any, scale: Any
) -> None:
    expected = keras_logits(network, pictures, mean, scale)
    folded = float_logits(net, pictures)
    # Logits that are all alike would prove nothing.
    assert expected.std() > 0.1
    assert expected.std(axis=0).max() > 1e-2
    assert np.abs(folded - expected).max() < LARGEST_DIFFERENCE
    assert np.abs(folded - expected).max() < 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("width", [0.25, 1.0])
def test_camera_form(
    random_network: Callable[..., keras.Model], pictures: NDArray[np.uint8], width: float, seed: int
) -> None:
    network = random_network("camera", width, seed)

    net = fold(weights_of(network))

    assert len(net.convolutions) == len(LAYERS)
    assert all(conv.relu for conv in net.convolutions)
    assert_same(network, net, pictures, 128, 64)


@pytest.mark.parametrize("seed", [0, 1])
def test_paper_form_with_scales_of_any_sign(
    random_network: Callable[..., keras.Model], pictures: NDArray[np.uint8], seed: int
) -> None:
    network = random_network("paper", 0.25, seed)

    net = fold(weights_of(network), MEAN, SCALE)

    # One diagonal for the picture, one behind each of 4 pools; the last convolution is merged.
    assert len(net.convolutions) == len(LAYERS) + 1 + 4 - 1
    assert_same(network, net, pictures, MEAN, SCALE)


def test_paper_form_with_positive_scales_needs_no_diagonal_behind_pools(
    random_network: Callable[..., keras.Model], pictures: NDArray[np.uint8]
) -> None:
    network = random_network("paper", 0.25, 2)
    for variable in network.weights:
        if variable.path.endswith("gamma"):
            variable.assign(keras.ops.abs(variable))

    net = fold(weights_of(network), MEAN, SCALE)

    assert len(net.convolutions) == len(LAYERS) + 1 - 1
    assert_same(network, net, pictures, MEAN, SCALE)


def test_a_negative_scale_cannot_cross_a_pool(
    random_network: Callable[..., keras.Model], pictures: NDArray[np.uint8]
) -> None:
    """What the diagonals are for: folding as if every scale were positive is plainly wrong."""
    network = random_network("paper", 0.25, 0)
    weights = weights_of(network)
    expected = keras_logits(network, pictures, MEAN, SCALE)

    naive = fold({**weights}, MEAN, SCALE)
    folded = []
    for conv in naive.convolutions:
        if conv.pool_after and not conv.relu:
            folded.append(conv)
        elif folded and folded[-1].pool_after and not folded[-1].relu:
            before, gain = folded.pop(), np.diag(conv.kernel[0, 0])
            folded.append(
                type(conv)(before.kernel * gain, before.bias * gain + conv.bias, True, True)
            )
        else:
            folded.append(conv)
    wrong = float_logits(FoldedNet(tuple(folded), naive.classifier), pictures)

    assert np.abs(wrong - expected).max() > 100 * LARGEST_DIFFERENCE


def test_fail_other_pixel_statistics_without_a_front_norm(
    random_network: Callable[..., keras.Model],
) -> None:
    weights = weights_of(random_network("camera"))

    with pytest.raises(ValueError, match="128 and 64"):
        fold(weights, MEAN, SCALE)


def test_fail_missing_layer(random_network: Callable[..., keras.Model]) -> None:
    weights = weights_of(random_network("camera"))
    without = {name: array for name, array in weights.items() if not name.startswith("unit7")}

    with pytest.raises(KeyError, match="unit7_norm"):
        fold(without)
