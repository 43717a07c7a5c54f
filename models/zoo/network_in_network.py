"""Network in Network (Lin, Chen and Yan, arXiv 1312.4400).

Three convolutions, each followed by two 1x1 ones, and an average instead of a dense layer. The
paper gives neither widths nor a parameter count for CIFAR; the widths here are those of its
authors' Caffe definition, and the All-CNN paper (arXiv 1412.6806) puts the network at
about 1 million parameters. Ours has 0.97 million.
"""

import keras
from keras import layers

from models.zoo import blocks


def build(classes: int = 10) -> keras.Model:
    """Network in Network as its authors trained it on CIFAR."""
    inputs = x = blocks.picture()
    for filters, size in ((192, 5), (160, 1), (96, 1)):
        x = blocks.conv_relu(x, filters, size)
    x = blocks.max_pool(x, 3, padding="same")
    for filters, size in ((192, 5), (192, 1), (192, 1)):
        x = blocks.conv_relu(x, filters, size)
    x = layers.AveragePooling2D(3, strides=2, padding="same")(x)
    for filters, size in ((192, 3), (192, 1), (classes, 1)):
        x = blocks.conv_relu(x, filters, size)
    return keras.Model(inputs, blocks.average(x), name="network_in_network")
