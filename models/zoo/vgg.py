"""VGG-16 as it is used on CIFAR-10 (Simonyan and Zisserman, arXiv 1409.1556).

The paper's network D for 224x224 pixels states 138 million parameters, of which its
three dense layers have 123.6 million and its thirteen convolutions 14.7 million. For CIFAR-10 the
convolutions stay and one dense layer of 512 is left, as in S. Zagoruyko's "92.45 % on CIFAR-10 in
Torch" (cifar.torch, vgg_bn_drop), normalized after every convolution. Ours has 15.0 million
parameters, 14.7 million of them in the convolutions.
"""

import keras
from keras import layers

from models.zoo import blocks

CONVOLUTIONS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Filters and number of convolutions in front of each max-pool."""


def build(classes: int = 10) -> keras.Model:
    """VGG-16 with BatchNormalization for 32x32 pixels."""
    inputs = x = blocks.picture()
    for filters, count in CONVOLUTIONS:
        for _ in range(count):
            x = blocks.norm_relu(blocks.conv(x, filters, 3))
        x = blocks.max_pool(x)
    x = layers.Flatten()(x)
    x = blocks.norm_relu(layers.Dense(512)(x))
    return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name="vgg16")
