"""MobileNetV2 for 32x32 pixels (Sandler et al., arXiv 1801.04381).

The paper's table 2 with its first two strides of 2 taken out, as pytorch-cifar-models does.
For 1,000 classes the paper states 3.4 million parameters and ours has 3.5 million; for 10 it is
2.24 million.
"""

from typing import Any

import keras
from keras import layers

from models.zoo import blocks

STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 1),  # the paper's stride is 2
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, filters, blocks and the first block's stride."""


def build(classes: int = 10) -> keras.Model:
    """MobileNetV2 of width 1 for CIFAR."""
    inputs = blocks.picture()
    x = _relu6(blocks.conv_norm(inputs, 32, 3))  # the paper's stride is 2
    for expansion, filters, count, stride in STAGES:
        for number in range(count):
            x = _inverted_residual(x, expansion, filters, stride if number == 0 else 1)
    x = _relu6(blocks.conv_norm(x, 1280, 1))
    return keras.Model(inputs, blocks.classify(x, classes), name="mobilenet_v2")


def _inverted_residual(x: Any, expansion: int, filters: int, stride: int) -> Any:
    channels = x.shape[-1]
    y = x
    if expansion > 1:
        y = _relu6(blocks.conv_norm(y, channels * expansion, 1))
    depthwise = layers.DepthwiseConv2D(
        3, strides=stride, padding="same", use_bias=False, depthwise_initializer="he_normal"
    )
    y = _relu6(blocks.norm(depthwise(y)))
    y = blocks.conv_norm(y, filters, 1)
    return layers.Add()([x, y]) if stride == 1 and channels == filters else y


def _relu6(x: Any) -> Any:
    return layers.ReLU(max_value=6)(x)
