"""Wide ResNet-28-10 (Zagoruyko and Komodakis, arXiv 1605.07146).

Twelve blocks, each normalization in front of its convolution, ten times as wide as ResNet. The
paper states 36.5 million parameters; ours has 36.5 million.
"""

import keras
from keras import layers

from models.zoo import blocks

BLOCKS_A_WIDTH = 4
"""(28 - 4) / 6."""

WIDEN = 10


def build(classes: int = 10) -> keras.Model:
    """Wide ResNet-28-10; without dropout, which only trains."""
    inputs = blocks.picture()
    x = blocks.conv(inputs, 16, 3, use_bias=False)
    for filters, stride in ((16 * WIDEN, 1), (32 * WIDEN, 2), (64 * WIDEN, 2)):
        for number in range(BLOCKS_A_WIDTH):
            first = number == 0
            activated = blocks.norm_relu(x)
            y = blocks.conv_norm_relu(activated, filters, 3, stride if first else 1)
            y = blocks.conv(y, filters, 3, use_bias=False)
            if first:
                x = blocks.conv(activated, filters, 1, stride, use_bias=False)
            x = layers.Add()([x, y])
    x = blocks.norm_relu(x)
    return keras.Model(inputs, blocks.classify(x, classes), name="wide_resnet_28_10")
