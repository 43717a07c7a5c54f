"""RepVGG-A0 for 32x32 pixels, as it is deployed (Ding et al., arXiv 2101.03697).

In training a block adds up a 3x3 convolution, a 1x1 one and the input; afterwards all three are
one 3x3 convolution, and the network is nothing else. Here the first two strides of 2 are taken
out, as pytorch-cifar-models does for CIFAR. For 1,000 classes the paper states 8.30 million
parameters and ours has 8.31 million; for 10 it is 7.04 million.
"""

import keras

from models.zoo import blocks

STAGES = (
    (48, 1, 1),  # the paper's stride is 2
    (48, 2, 1),  # the paper's stride is 2
    (96, 4, 2),
    (192, 14, 2),
    (1280, 1, 2),
)
"""Filters, convolutions and the first one's stride."""


def build(classes: int = 10) -> keras.Model:
    """RepVGG-A0 for CIFAR, its branches merged."""
    inputs = x = blocks.picture()
    for filters, count, stride in STAGES:
        for number in range(count):
            x = blocks.conv_relu(x, filters, 3, stride if number == 0 else 1)
    return keras.Model(inputs, blocks.classify(x, classes), name="repvgg_a0")
