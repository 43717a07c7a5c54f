"""FastNet (arXiv 1802.02186), from the project's own definition.

The paper states 1.6 million parameters. Both forms have them: 1.61 million as published, 1.60
million as deployed. Half the width is not the paper's.
"""

from typing import Any

import keras

from models.fastnet import LAYERS, build_fastnet, scaled_filters
from models.zoo import blocks


def deployed(classes: int = 10, width: float = 1.0) -> keras.Model:
    """FastNet as the camera runs it: every normalization folded into its convolution.

    The layers are those that :func:`models.fold.fold` leaves of the camera's form.
    """
    inputs = x = blocks.picture()
    for spec in LAYERS:
        x = blocks.conv_relu(x, scaled_filters(spec.filters, width), spec.kernel_size)
        if spec.pool_after:
            x = blocks.max_pool(x)
    return keras.Model(inputs, blocks.classify(x, classes), name="fastnet")


def deployed_at_half_width(classes: int = 10) -> keras.Model:
    """The small net of the two: half the filters in every layer."""
    return deployed(classes, width=0.5)


def as_published(classes: int = 10) -> Any:
    """FastNet layer for layer as its paper has it, normalizations and all."""
    return build_fastnet(classes, form="paper")
