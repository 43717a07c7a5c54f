"""What a Keras model weighs and how much one picture costs it, counted from its layers."""

import math

import keras
from keras import layers

_WITH_A_KERNEL = (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)


def count_parameters(network: keras.Model) -> int:
    """Number of values that training changes; BatchNormalization's statistics are none."""
    return sum(math.prod(weight.shape) for weight in network.trainable_weights)


def multiply_adds_of_layers(network: keras.Model) -> int:
    """Multiply-adds of one picture: those of convolutions and dense layers, as papers count.

    Raises:
        ValueError: a layer has a kernel and is of none of these kinds.
    """
    return sum(_multiply_adds(layer) for layer in network.layers)


def _multiply_adds(layer: keras.layers.Layer) -> int:
    if not hasattr(layer, "kernel"):
        return 0
    if not isinstance(layer, _WITH_A_KERNEL):
        raise ValueError(f"the multiply-adds of {type(layer).__name__} are not known")
    # Each output position uses every weight of the kernel once; a dense layer has one position.
    sides = (*layer.output.shape[1:-1], *layer.kernel.shape)
    return math.prod(int(side) for side in sides)
