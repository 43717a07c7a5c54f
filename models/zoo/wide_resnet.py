"""Wide ResNet (Zagoruyko and Komodakis, arXiv 1605.07146).

Three groups of blocks, each normalization in front of its convolution, many times as wide as a
ResNet. The paper states 36.5 million parameters for the one of 28 layers that is ten times as wide;
ours has 36.5 million. A smaller one is what FastNet learns from: every layer that has weights has
a name, by which they are kept.
"""

import keras
from keras import layers

from models.zoo import blocks

DEPTH, WIDEN = 28, 10


def build(classes: int = 10, depth: int = DEPTH, widen: int = WIDEN) -> keras.Model:
    """Wide ResNet; without dropout, which only trains.

    Args:
        classes: number of labels.
        depth: 6 n + 4, where a group has n blocks.
        widen: factor on the filters of ResNet: 16, 32 and 64.
    """
    inputs = blocks.picture()
    x = blocks.conv(inputs, 16, 3, use_bias=False, name="conv1")
    for group, (filters, stride) in enumerate(((16, 1), (32, 2), (64, 2)), start=2):
        filters *= widen
        for number in range((depth - 4) // 6):
            name, first = f"group{group}_{number + 1}", number == 0
            activated = blocks.norm_relu(x, f"{name}_norm1")
            y = blocks.conv(
                activated, filters, 3, stride if first else 1, use_bias=False, name=f"{name}_conv1"
            )
            y = blocks.norm_relu(y, f"{name}_norm2")
            y = blocks.conv(y, filters, 3, use_bias=False, name=f"{name}_conv2")
            if first:
                x = blocks.conv(
                    activated, filters, 1, stride, use_bias=False, name=f"{name}_shortcut"
                )
            x = layers.Add()([x, y])
    x = blocks.norm_relu(x, "norm")
    return keras.Model(inputs, blocks.classify(x, classes), name=f"wide_resnet_{depth}_{widen}")
