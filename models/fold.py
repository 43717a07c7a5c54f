"""Fold a trained FastNet into convolutions, max-pools and one matrix: what a device runs.

BatchNormalization at inference is one gain and one offset a channel, so behind a convolution it
disappears into the kernel and the bias, and ReLU becomes the convolution's activation. That holds
across a max-pool too where no gain is negative: ``v → max(0, gain·v + offset)`` then never falls,
and the largest of a window stays the largest. Where a gain is negative, a diagonal 1x1
convolution behind the pool does the same exactly, for about 1 % more multiply-adds.

Folding only ever goes into the convolution *before* a normalization. Into the one behind it, it
would be wrong along the borders, where ``same`` padding adds zeros after the normalization.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.fastnet import BATCH_NORM_EPSILON, LAYERS, ConvSpec

FloatArray = NDArray[np.float32]

CAMERA_MEAN, CAMERA_SCALE = 128.0, 64.0
"""What a folded net is fed: pixels as (p - 128) / 64, which int8 holds exactly."""


@dataclass(frozen=True)
class Conv:
    """A ``same``-padded convolution with all that was folded into it.

    Attributes:
        kernel: (k, k, C_in, C_out).
        bias: (C_out,).
        relu: whether a ReLU follows it.
        pool_after: whether a 2x2 max-pool follows that.
    """

    kernel: FloatArray
    bias: FloatArray
    relu: bool
    pool_after: bool


@dataclass(frozen=True)
class Dense:
    """The classifier behind the average pool: kernel (C_in, classes), bias (classes,)."""

    kernel: FloatArray
    bias: FloatArray


@dataclass(frozen=True)
class FoldedNet:
    """Convolutions in order, an average over height and width, then the classifier."""

    convolutions: tuple[Conv, ...]
    classifier: Dense


def fold(
    weights: Mapping[str, ArrayLike],
    mean: ArrayLike = CAMERA_MEAN,
    scale: ArrayLike = CAMERA_SCALE,
    layers: Sequence[ConvSpec] = LAYERS,
) -> FoldedNet:
    """Fold the named weights of either form of FastNet; exact up to rounding.

    A linear last convolution (the ``paper`` form's) is merged into the classifier: an average of
    convolved values is the convolved average.

    Args:
        weights: "layer/weight" → array, as :func:`models.weights.save_weights` names them.
        mean: of the pixels, one or one a channel: the network was trained on (p - mean) / scale.
        scale: of the pixels, likewise.
        layers: the table that the network was built from.

    Returns:
        A net from pictures as (p - 128) / 64 to the same logits.

    Raises:
        KeyError: a layer of the table has no weights.
        ValueError: another mean or scale than the camera's, in a network without the
            BatchNormalization on the picture that could absorb them exactly.
    """
    arrays = {name: np.asarray(array, np.float64) for name, array in weights.items()}
    convolutions: list[Conv] = []
    classifier = arrays["logits/kernel"], arrays["logits/bias"]

    # p = 64·u + 128, so (p - mean) / scale = input_gain·u + input_offset.
    input_gain = CAMERA_SCALE / np.broadcast_to(np.asarray(scale, np.float64), 3)
    input_offset = (CAMERA_MEAN - np.asarray(mean, np.float64)) * input_gain / CAMERA_SCALE
    front = _gain_and_offset(arrays, "unit1_norm")
    if front is not None:
        gain, offset = front
        convolutions.append(_diagonal(gain * input_gain, gain * input_offset + offset))
    elif np.any(input_gain != 1) or np.any(input_offset != 0):
        raise ValueError("only the paper form can absorb another mean and scale than 128 and 64")

    for number, spec in enumerate(layers, start=1):
        kernel = arrays[f"conv{number}/kernel"]
        bias = arrays.get(f"conv{number}/bias", np.zeros(kernel.shape[-1]))
        is_last = number == len(layers)
        norm = _gain_and_offset(arrays, "head_norm" if is_last else f"unit{number + 1}_norm")
        if norm is None:
            if not is_last:
                raise KeyError(f"unit{number + 1}_norm")
            matrix, logit_bias = classifier
            classifier = kernel[0, 0] @ matrix, bias @ matrix + logit_bias
            continue
        gain, offset = norm
        if spec.pool_after and np.any(gain < 0):
            convolutions.append(_conv(kernel, bias, relu=False, pool_after=True))
            convolutions.append(_diagonal(gain, offset))
        else:
            convolutions.append(
                _conv(kernel * gain, bias * gain + offset, relu=True, pool_after=spec.pool_after)
            )
    return FoldedNet(tuple(convolutions), Dense(*(a.astype(np.float32) for a in classifier)))


def _gain_and_offset(
    arrays: Mapping[str, NDArray[np.float64]], name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """A BatchNormalization at inference as ``gain·x + offset``; None where there is no such."""
    if f"{name}/moving_mean" not in arrays:
        return None
    gain = 1 / np.sqrt(arrays[f"{name}/moving_variance"] + BATCH_NORM_EPSILON)
    if f"{name}/gamma" in arrays:
        gain = gain * arrays[f"{name}/gamma"]
    return gain, arrays[f"{name}/beta"] - arrays[f"{name}/moving_mean"] * gain


def _conv(
    kernel: NDArray[np.float64], bias: NDArray[np.float64], *, relu: bool, pool_after: bool
) -> Conv:
    return Conv(kernel.astype(np.float32), bias.astype(np.float32), relu, pool_after)


def _diagonal(gain: NDArray[np.float64], offset: NDArray[np.float64]) -> Conv:
    """``max(0, gain·x + offset)`` a channel, as a 1x1 convolution."""
    return _conv(np.diag(gain)[None, None], offset, relu=True, pool_after=False)
