"""What several architectures are built of."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

INPUT_SHAPE = (32, 32, 3)
"""Height, width and channels of a CIFAR picture."""

EPSILON = 1e-3


def picture() -> Any:
    """The input: (N, 32, 32, 3) float pictures."""
    return keras.Input(INPUT_SHAPE, name="picture")


def conv(x: Any, filters: int, size: int, stride: int = 1, **options: Any) -> Any:
    """A ``same``-padded convolution of (N, H, W, C); ``options`` are those of Keras's Conv2D."""
    settings = {"padding": "same", "kernel_initializer": "he_normal", **options}
    return layers.Conv2D(filters, size, strides=stride, **settings)(x)


def conv_relu(x: Any, filters: int, size: int, stride: int = 1, **options: Any) -> Any:
    """Convolution with a bias, then ReLU."""
    return layers.ReLU()(conv(x, filters, size, stride, **options))


def norm(x: Any, name: str | None = None) -> Any:
    """BatchNormalization with a scale and an offset a channel."""
    return layers.BatchNormalization(epsilon=EPSILON, name=name)(x)


def norm_relu(x: Any, name: str | None = None) -> Any:
    """BatchNormalization, then ReLU; ``name`` is the former's."""
    return layers.ReLU()(norm(x, name))


def conv_norm(x: Any, filters: int, size: int, stride: int = 1) -> Any:
    """Convolution without a bias, then BatchNormalization, which has one."""
    return norm(conv(x, filters, size, stride, use_bias=False))


def conv_norm_relu(x: Any, filters: int, size: int, stride: int = 1) -> Any:
    """Convolution without a bias, then BatchNormalization and ReLU."""
    return layers.ReLU()(conv_norm(x, filters, size, stride))


def max_pool(x: Any, size: int = 2, stride: int = 2, padding: str = "valid") -> Any:
    """The largest of each window, channel by channel."""
    return layers.MaxPooling2D(size, strides=stride, padding=padding)(x)


def zero_pad(x: Any, before: int, after: int) -> Any:
    """Rows and columns of zeros: ``before`` at the top and left, ``after`` at the other sides."""
    return layers.ZeroPadding2D(((before, after), (before, after)))(x)


def largest_of(pieces: Sequence[Any]) -> Any:
    """Element by element, the largest of tensors of one shape."""
    return layers.Maximum()(list(pieces))


def average(x: Any) -> Any:
    """The average over height and width: (N, H, W, C) → (N, C)."""
    return layers.GlobalAveragePooling2D()(x)


def classify(x: Any, classes: int) -> Any:
    """Logits (N, classes) of averaged features (N, H, W, C), in float32 whatever is before."""
    return layers.Dense(classes, dtype="float32", name="logits")(average(x))
