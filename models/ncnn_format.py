"""A folded net in ncnn's two files: the layers as text, the weights as bytes.

Source of the format: ncnn's wiki ("param and model file structure", "operation param weight
table") and src/modelbin.cpp. On the device weights are int8, one scale an output channel; what
enters a convolution is int8 too, at one scale that was measured beforehand, and symmetric: 0 is 0.
Where the next convolution takes it as it is, a convolution gives int8 (int8_scale_term 101); before
a pool it gives float (1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from camera_app.inference.ncnn import INPUT, INT8_MARK, OUTPUT

if TYPE_CHECKING:  # it brings Keras, and this is a matter of NumPy alone
    from models.fold import Conv, FoldedNet

MAGIC = "7767517"

FLOATS_MARK = bytes(4)
"""In front of weights that are stored as float32."""

LEVELS = 127
"""Steps from zero to the largest value: int8 without -128, as ncnn clips it."""

INPUT_RANGE = LEVELS / 64
"""A byte less 128 over 64; so that a level of the picture is a level of int8."""

TO_FLOAT, TO_INT8 = 1, 101
"""int8_scale_term: a convolution in int8 that gives one or the other."""


def ncnn_format(net: FoldedNet, ranges: Sequence[float] | None, size: int) -> tuple[bytes, bytes]:
    """Write ``net`` in int8, or in float32.

    Args:
        net: what to write.
        ranges: largest magnitude that int8 must hold of what enters each convolution, in order;
            the first, the picture's, is not used: it is :data:`INPUT_RANGE`. None for float32.
        size: side S of the picture.

    Returns:
        The bytes of the ``.param`` and of the ``.bin`` file. The net takes (3, S, S) float32, RGB,
        (p - 128) / 64, as ``in0``, and gives the logits as ``out0``.

    Raises:
        ValueError: there is not one positive range for each convolution.
    """
    convolutions = net.convolutions
    scales = None if ranges is None else _scales(ranges, len(convolutions))
    lines = [_layer("Input", [], INPUT, {0: size, 1: size, 2: 3})]
    weights: list[bytes] = []
    blob = INPUT
    for number, conv in enumerate(convolutions, start=1):
        name = f"conv{number}"
        parameters = _parameters(conv)
        if scales is None:
            weights += [FLOATS_MARK, _floats(conv.kernel.transpose(3, 2, 0, 1)), _floats(conv.bias)]
        else:
            last = number == len(convolutions)
            following = None if last or conv.pool_after else scales[number]
            parameters[8] = TO_FLOAT if following is None else TO_INT8
            weights += _int8_weights(conv, scales[number - 1], following)
        lines.append(_layer("Convolution", [blob], name, dict(sorted(parameters.items()))))
        blob = name
        if conv.pool_after:
            name = f"pool{number}"
            lines.append(_layer("Pooling", [blob], name, {0: 0, 1: 2, 2: 2}))
            blob = name
    lines.append(_layer("Pooling", [blob], "average", {0: 1, 4: 1}))
    kernel = net.classifier.kernel
    lines.append(
        _layer("InnerProduct", ["average"], OUTPUT, {0: kernel.shape[1], 1: 1, 2: kernel.size})
    )
    weights += [FLOATS_MARK, _floats(kernel.T), _floats(net.classifier.bias)]
    # Every layer here gives one blob.
    head = [MAGIC, f"{len(lines)} {len(lines)}"]
    return ("\n".join([*head, *lines]) + "\n").encode("ascii"), b"".join(weights)


def _scales(ranges: Sequence[float], count: int) -> list[float]:
    """Levels of int8 by value, of what enters each convolution."""
    if len(ranges) != count or not all(limit > 0 for limit in ranges):
        raise ValueError(f"{count} positive ranges are needed, not {list(ranges)}")
    return [LEVELS / limit for limit in (INPUT_RANGE, *ranges[1:])]


def _layer(kind: str, inputs: list[str], name: str, parameters: dict[int, int]) -> str:
    """A line: kind, name, counts of inputs and outputs, their names, then ``key=value``."""
    words = [kind, name, str(len(inputs)), "1", *inputs, name]
    return " ".join([*words, *(f"{key}={value}" for key, value in parameters.items())])


def _parameters(conv: Conv) -> dict[int, int]:
    """Outputs, kernel, padding, bias, number of weights and ReLU."""
    side, filters = conv.kernel.shape[0], conv.kernel.shape[-1]
    found = {0: filters, 1: side, 4: side // 2, 5: 1, 6: conv.kernel.size}
    return {**found, 9: 1} if conv.relu else found


def _int8_weights(conv: Conv, entering: float, following: float | None) -> Iterable[bytes]:
    """Kernel (O, I, k, k), bias, and the scales of kernel, what enters and what is given."""
    kernel = conv.kernel.transpose(3, 2, 0, 1).astype(np.float64)
    largest: NDArray[np.float64] = np.abs(kernel).max((1, 2, 3))
    # A channel of zeros is zeros at any scale.
    scales = LEVELS / np.where(largest > 0, largest, 1)
    rounded = np.rint(kernel * scales[:, None, None, None]).astype(np.int8).tobytes()
    yield INT8_MARK
    yield rounded + bytes(-len(rounded) % 4)
    yield _floats(conv.bias)
    yield _floats(scales)
    yield _floats([entering])
    if following is not None:
        yield _floats([following])


def _floats(values: ArrayLike) -> bytes:
    return np.asarray(values, "<f4").tobytes()
