"""Muon moves every direction of a kernel about equally far and keeps the kernel's norm."""

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from models.muon import ConvMuon

FloatArray = NDArray[np.floating[Any]]


def one_step(kernel: FloatArray, gradient: FloatArray, **options: float) -> FloatArray:
    variable = keras.Variable(kernel.astype(np.float32))
    optimizer = ConvMuon(**options)  # type: ignore[arg-type]
    optimizer.build([variable])
    optimizer.apply([keras.ops.convert_to_tensor(gradient.astype(np.float32))], [variable])
    return np.asarray(keras.ops.convert_to_numpy(variable))


@pytest.mark.parametrize("shape", [(3, 3, 8, 16), (3, 3, 16, 16), (1, 1, 8, 32), (1, 1, 32, 8)])
def test_update_is_nearly_orthogonal(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    rows, filters = int(np.prod(shape[:-1])), shape[-1]
    rank = min(rows, filters)
    left = np.linalg.qr(rng.normal(size=(rows, rank)))[0]
    right = np.linalg.qr(rng.normal(size=(filters, rank)))[0]
    strengths = np.geomspace(1, 0.05, rank)  # a gradient twenty times stronger one way
    gradient = (left * strengths) @ right.T

    # From a kernel of zeros, what one step leaves is the update's direction alone.
    moved = one_step(np.zeros(shape), gradient.reshape(shape)).reshape(rows, filters)

    singular = np.linalg.svd(moved, compute_uv=False)
    assert singular[0] / singular[rank - 1] < 4
    # It goes down along the gradient's own directions.
    assert np.sum(moved * gradient) < 0
    assert np.allclose(np.abs(np.diag(left.T @ moved @ right)).sum(), singular.sum(), rtol=0.01)


def test_kernels_norm_is_fixed() -> None:
    rng = np.random.default_rng(1)

    moved = one_step(rng.normal(size=(3, 3, 8, 16)), rng.normal(size=(3, 3, 8, 16)))

    assert np.linalg.norm(moved) == pytest.approx(np.sqrt(16), rel=1e-4)


def test_size_of_a_gradient_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    kernel, gradient = rng.normal(size=(2, 3, 3, 8, 16))

    small, large = one_step(kernel, 1e-3 * gradient), one_step(kernel, 1e3 * gradient)

    assert np.allclose(small, large, atol=1e-4)


def test_everything_but_kernels_takes_nesterovs_step() -> None:
    bias, gradient = np.array([1.0, 2.0]), np.array([0.5, -0.5])

    moved = one_step(bias, gradient, learning_rate=0.1, sgd_ratio=0.5, sgd_momentum=0.9)

    assert np.allclose(moved, bias - 0.1 * 0.5 * 1.9 * gradient)


def test_configuration_makes_it_again() -> None:
    options = ConvMuon(learning_rate=0.02, sgd_ratio=0.7, momentum=0.6, steps=4).get_config()

    again = ConvMuon.from_config(options)

    assert (again.sgd_ratio, again.momentum, again.steps) == (0.7, 0.6, 4)
