"""All-CNN-C (Springenberg et al., arXiv 1412.6806).

Nine convolutions; two of stride 2 take the place of pooling. The paper states about 1.3 million
parameters. Ours has 1.37 million, which is what its layer tables add up to.
"""

import keras

from models.zoo import blocks


def build(classes: int = 10) -> keras.Model:
    """All-CNN-C."""
    inputs = x = blocks.picture()
    for filters, stride in ((96, 1), (96, 1), (96, 2), (192, 1), (192, 1), (192, 2)):
        x = blocks.conv_relu(x, filters, 3, stride)
    # Unpadded: the paper averages over 6x6 positions, and there are 8x8 before this one.
    x = blocks.conv_relu(x, 192, 3, padding="valid")
    x = blocks.conv_relu(x, 192, 1)
    x = blocks.conv_relu(x, classes, 1)
    return keras.Model(inputs, blocks.average(x), name="all_cnn_c")
