"""ResNet for CIFAR (He et al., arXiv 1512.03385), and two nets that are ones.

``resnet110``
    The paper's table 6 states 1.7 million parameters; ours has 1.73 million.
``stochastic_depth``
    ResNet-110 trained with blocks left out at random (Huang et al., arXiv 1603.09382). When it
    runs, every block is there, its branch scaled by the share of the training in which it was.
    The Wide ResNet paper (arXiv 1605.07146) states 1.7 million parameters; ours has 1.73 million.
``resnet8``
    The image classifier of MLPerf Tiny (Banbury et al., arXiv 2106.07597). Its reference code
    builds a model of 78,666 numbers, of which 480 are statistics that no gradient changes; the
    78,186 others are what is counted here.
"""

from typing import Any

import keras
from keras import layers, ops

from models.zoo import blocks

LAST_SURVIVAL = 0.5
"""Share of the training in which the last block was there; earlier ones linearly more."""


def resnet110(classes: int = 10) -> keras.Model:
    """ResNet-110: 54 blocks, whose shortcuts have no parameters (the paper's option A)."""
    return _deep(classes, [1.0] * 54, "resnet110")


def stochastic_depth(classes: int = 10) -> keras.Model:
    """ResNet-110 as training with stochastic depth leaves it."""
    survivals = [1 - number / 54 * (1 - LAST_SURVIVAL) for number in range(1, 55)]
    return _deep(classes, survivals, "stochastic_depth")


def resnet8(classes: int = 10) -> keras.Model:
    """ResNet-8: three blocks with biases, whose shortcuts are 1x1 convolutions."""
    inputs = x = blocks.picture()
    x = blocks.norm_relu(blocks.conv(x, 16, 3))
    for filters, stride in ((16, 1), (32, 2), (64, 2)):
        y = blocks.norm_relu(blocks.conv(x, filters, 3, stride))
        y = blocks.norm(blocks.conv(y, filters, 3))
        if stride > 1:
            x = blocks.conv(x, filters, 1, stride)
        x = layers.ReLU()(layers.Add()([x, y]))
    return keras.Model(inputs, blocks.classify(x, classes), name="resnet8")


def _deep(classes: int, survivals: list[float], name: str) -> keras.Model:
    """As many blocks as there are ``survivals``, a third of them at each of three widths."""
    inputs = x = blocks.picture()
    x = blocks.conv_norm_relu(x, 16, 3)
    a_width = len(survivals) // 3
    for number, survival in enumerate(survivals):
        filters = 16 * 2 ** (number // a_width)
        stride = 2 if number and number % a_width == 0 else 1
        y = blocks.conv_norm_relu(x, filters, 3, stride)
        y = blocks.conv_norm(y, filters, 3)
        if survival < 1:
            y = layers.Rescaling(survival)(y)
        if stride > 1:
            x = _shortcut(x)
        x = layers.ReLU()(layers.Add()([x, y]))
    return keras.Model(inputs, blocks.classify(x, classes), name=name)


def _shortcut(x: Any) -> Any:
    """Every other row and column, and zeros for the channels that are new."""
    x = x[:, ::2, ::2, :]
    missing = x.shape[-1] // 2
    return ops.pad(x, ((0, 0), (0, 0), (0, 0), (missing, missing)))
