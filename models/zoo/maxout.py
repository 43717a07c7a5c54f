"""Maxout (Goodfellow et al., arXiv 1302.4389).

A unit is the largest of a few linear ones. Layers and sizes are those of the authors' own file for
CIFAR-10 (pylearn2, scripts/papers/maxout/cifar10.yaml). The paper states no parameter count; the
All-CNN paper (arXiv 1412.6806) says "more than 6 million". The file adds up to 16.3
million, 12 of them in the dense layer behind the convolutions, and so does ours.
"""

from typing import Any

import keras
from keras import layers

from models.zoo import blocks

PIECES = 2
"""Linear pieces of a convolutional unit; the dense layer's units have more."""

DENSE_UNITS, DENSE_PIECES = 500, 5


def build(classes: int = 10) -> keras.Model:
    """Maxout as its authors trained it on CIFAR-10."""
    inputs = x = blocks.picture()
    x = _pool(_maxout_conv(blocks.zero_pad(x, 4, 4), 96, 8), 4)  # 33x33, then 16x16
    x = _pool(_maxout_conv(blocks.zero_pad(x, 3, 3), 192, 8), 4)  # 15x15, then 7x7
    x = _pool(_maxout_conv(blocks.zero_pad(x, 3, 3), 192, 5), 2)  # 9x9, then 5x5
    x = layers.Flatten()(x)
    x = blocks.largest_of([layers.Dense(DENSE_UNITS)(x) for _ in range(DENSE_PIECES)])
    return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name="maxout")


def _maxout_conv(x: Any, filters: int, size: int) -> Any:
    pieces = [blocks.conv(x, filters, size, padding="valid") for _ in range(PIECES)]
    return blocks.largest_of(pieces)


def _pool(x: Any, size: int) -> Any:
    # The authors' pooling keeps the window that hangs over the edge.
    return blocks.max_pool(blocks.zero_pad(x, 0, 1), size)
