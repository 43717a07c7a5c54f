"""FractalNet of 20 layers (Larsson, Maire and Shakhnarovich, arXiv 1605.07648).

Five blocks of three columns: a column is one convolution, or two of the next smaller fractal in a
row, and columns are joined by their average. The paper states 38.6 million parameters.
The authors' published generator (gustavla/fractalnet) widens inside the blocks and has 33.7
million; with a 1x1 convolution that widens in front of a block it is 38.7 million. The latter
agrees with the paper and is the one measured; ``widen_inside=True`` builds the former.
"""

from typing import Any

import keras
from keras import layers

from models.zoo import blocks

FILTERS = (64, 128, 256, 512, 512)
COLUMNS = 3


def build(classes: int = 10, *, widen_inside: bool = False) -> keras.Model:
    """FractalNet-20, every path of it.

    Args:
        classes: number of labels.
        widen_inside: let each block's first convolutions double the channels, instead of a 1x1
            convolution in front of the block.
    """
    inputs = x = blocks.picture()
    if not widen_inside:
        x = blocks.conv_norm_relu(x, FILTERS[0], 3)
    for filters in FILTERS:
        if not widen_inside and x.shape[-1] != filters:
            x = blocks.conv_norm_relu(x, filters, 1)
        x = blocks.max_pool(_average(_fractal(x, filters, COLUMNS)))
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(classes, name="logits")(x), name="fractalnet20")


def _fractal(x: Any, filters: int, columns: int) -> list[Any]:
    """What the columns of a fractal give, still to be averaged.

    They are joined once, by whoever asked: the fractal behind this one, or the block's end.
    """
    short = blocks.conv_norm_relu(x, filters, 3)
    if columns == 1:
        return [short]
    middle = _average(_fractal(x, filters, columns - 1))
    return [short, *_fractal(middle, filters, columns - 1)]


def _average(paths: list[Any]) -> Any:
    return layers.Average()(paths) if len(paths) > 1 else paths[0]
