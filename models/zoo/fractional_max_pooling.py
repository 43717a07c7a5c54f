"""Fractional Max-Pooling (Graham, arXiv 1412.6071): (160n C2 - FMP ∛2) x12 - C2 - C1.

Twelve 2x2 convolutions of 160, 320, … 1920 filters, each followed by a max-pool that shrinks the
picture by about ∛2, then two more convolutions. The picture lies in the middle of 94x94 pixels of
nothing. The paper states no parameter count. Its network for CIFAR-100 is the same with 64n
filters, which others put at 12 million (arXiv 1608.06037); ours has 12.7 million then,
and 79 million with 160n.

What TensorFlow Lite cannot do as the paper does:

- It draws new pooling windows for every picture. TFLite has no such operation, so here they are
  drawn once, by the paper's rule, and written into the graph as GATHER and MAXIMUM.
- Its convolutions skip the nothing around the picture. TFLite computes it, so multiply-adds and
  latency are those of 94x94 pixels, several times the author's.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from models.zoo import blocks

SHRINK = 2 ** (1 / 3)
POOLS = 12
LEAK = 1 / 3
"""Slope below zero; the author's code calls it very leaky."""

OFFSET = 0.5
"""u of the paper's pooling sequence, which it draws at random between 0 and 1."""


def build(classes: int = 10, *, unit: int = 160) -> keras.Model:
    """The 12-layer network, dense and with one fixed pooling sequence.

    Args:
        classes: number of labels.
        unit: filters of the first convolution; the n-th has n times as many.
    """
    sides = pooled_sides()
    field = _side_before(sides[0])
    inputs = blocks.picture()
    around = field - blocks.INPUT_SHAPE[0]
    x = blocks.zero_pad(inputs, around // 2, around - around // 2)
    for number, side in enumerate(sides, start=1):
        x = _leaky(blocks.conv(x, number * unit, 2, padding="valid"))
        x = _fractional_max_pool(x, side)
    x = _leaky(blocks.conv(x, (POOLS + 1) * unit, 2, padding="valid"))
    x = _leaky(blocks.conv(x, (POOLS + 2) * unit, 1))
    x = layers.Dense(classes, name="logits")(layers.Flatten()(x))
    return keras.Model(inputs, x, name="fractional_max_pooling")


def pooled_sides() -> list[int]:
    """Side in pixels behind each of the twelve pools, first to last: 74, 58, … 4, 2.

    The author's code counts back from the end: the last pool leaves 2 of 3, which the last 2x2
    convolution makes 1.
    """
    sides, before = [2], 3
    while len(sides) < POOLS:
        sides.append(before + 1)
        before = round(sides[-1] * SHRINK)
    return sides[::-1]


def _side_before(pooled: int) -> int:
    """Side in front of the convolution and the pool that leave ``pooled``."""
    return round(pooled * SHRINK) + 1


def window_starts(side: int, pooled: int) -> list[int]:
    """First row of each window of 2 rows; the steps are 1 and 2, mixed evenly.

    Args:
        side: rows that there are.
        pooled: rows that are to be left.
    """
    step = (side - 2) / (pooled - 1)
    first = math.floor(OFFSET * step)
    starts = [math.floor((index + OFFSET) * step) - first for index in range(pooled - 1)]
    return [*starts, side - 2]


def _fractional_max_pool(x: Any, pooled: int) -> Any:
    starts = window_starts(x.shape[1], pooled)
    for axis in (1, 2):
        x = blocks.largest_of([_take(x, starts, axis), _take(x, [s + 1 for s in starts], axis)])
    return x


def _take(x: Any, indices: Sequence[int], axis: int) -> Any:
    return ops.take(x, list(indices), axis=axis)


def _leaky(x: Any) -> Any:
    return layers.LeakyReLU(negative_slope=LEAK)(x)
