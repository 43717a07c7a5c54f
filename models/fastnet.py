"""FastNet (arXiv 1802.02186), defined once, in Keras 3.

Fifteen convolutions (twelve 3x3, three 1x1), four max-pools and a global average pool. Every
unit of the paper is BatchNormalization → ReLU → convolution. Two forms come from the one table:

``paper``
    Layer for layer as published: the first unit normalizes the picture itself, the last 1x1
    convolution is linear, every BatchNormalization learns a scale and every convolution a bias.
``camera``
    The same convolutions, arranged so that the exported graph holds nothing else. The picture
    enters the first convolution as ``(p - 128) / 64``; the last 1x1 convolution gets a
    BatchNormalization and ReLU of its own (without them it would merge into the classifier);
    BatchNormalization has no scale (γ = 1), because the convolution behind it absorbs one, and a
    positive scale is what lets it be folded across a max-pool exactly. Bias is left to
    BatchNormalization.
"""

from dataclasses import dataclass
from typing import Any, Literal

import keras
from keras import layers

from models import channels_last

Form = Literal["paper", "camera"]
FORMS: tuple[Form, ...] = ("paper", "camera")

INPUT_SIZE = 32
"""Side of the square input picture in pixels."""

CLASSIFIER = "logits"
"""Name of the last layer, the only one whose shape depends on the classes."""


@dataclass(frozen=True)
class ConvSpec:
    """One convolution of the table: its width, its kernel's side, and what follows it."""

    filters: int
    kernel_size: int
    pool_after: bool = False


# Table 1 of the paper: 64 · 128×3 · pool · 128×3 · pool · 128×3 · pool · 128×2 · pool · 1x1 128×3
LAYERS: tuple[ConvSpec, ...] = (
    ConvSpec(64, 3),
    ConvSpec(128, 3),
    ConvSpec(128, 3),
    ConvSpec(128, 3, pool_after=True),
    ConvSpec(128, 3),
    ConvSpec(128, 3),
    ConvSpec(128, 3, pool_after=True),
    ConvSpec(128, 3),
    ConvSpec(128, 3),
    ConvSpec(128, 3, pool_after=True),
    ConvSpec(128, 3),
    ConvSpec(128, 3, pool_after=True),
    ConvSpec(128, 1),
    ConvSpec(128, 1),
    ConvSpec(128, 1),
)

BATCH_NORM_MOMENTUM = 0.9
BATCH_NORM_EPSILON = 1e-3


def scaled_filters(filters: int, width: float) -> int:
    """Number of filters at a width multiplier, rounded to a multiple of 8 (SIMD lanes)."""
    return max(8, int(filters * width / 8 + 0.5) * 8)


def build_fastnet(
    classes: int = 10,
    form: Form = "camera",
    width: float = 1.0,
    input_size: int | None = INPUT_SIZE,
) -> keras.Model:
    """Build an untrained FastNet.

    Args:
        classes: number of labels.
        form: ``"paper"`` or ``"camera"``; see the module's docstring.
        width: multiplier on every layer's number of filters.
        input_size: side of the input in pixels, or None for any size of 16 and more (the
            weights do not depend on it; training on smaller pictures first uses this).

    Returns:
        A model from float pictures (N, input_size, input_size, 3), RGB, to logits (N, classes).
        The ``camera`` form expects pixels as ``(p - 128) / 64``; the ``paper`` form takes pixels
        standardized per channel with the training set's statistics.

    Raises:
        ValueError: for an unknown form, or a width or class count that is not positive.
    """
    if form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}, not {form!r}")
    if width <= 0 or classes < 1:
        raise ValueError(f"width {width} and classes {classes} must be positive")
    paper = form == "paper"

    def norm_relu(x: Any, name: str) -> Any:
        x = channels_last.BatchNormalization(
            momentum=BATCH_NORM_MOMENTUM,
            epsilon=BATCH_NORM_EPSILON,
            scale=paper,
            name=f"{name}_norm",
        )(x)
        return layers.ReLU(name=f"{name}_relu")(x)

    inputs = keras.Input((input_size, input_size, 3), name="picture")
    x = inputs
    for number, spec in enumerate(LAYERS, start=1):
        if paper or number > 1:
            x = norm_relu(x, f"unit{number}")
        x = channels_last.Conv2D(
            scaled_filters(spec.filters, width),
            spec.kernel_size,
            padding="same",
            use_bias=paper,
            kernel_initializer="he_normal",
            name=f"conv{number}",
        )(x)
        if spec.pool_after:
            x = channels_last.MaxPooling2D(2, name=f"pool{number}")(x)
    if not paper:
        x = norm_relu(x, "head")
    x = layers.GlobalAveragePooling2D(name="average")(x)
    # Logits stay float32 under a mixed policy: the softmax and the loss need the precision.
    outputs = layers.Dense(classes, dtype="float32", name=CLASSIFIER)(x)
    return keras.Model(inputs, outputs, name=f"fastnet_{form}")


def freeze(model: keras.Model, convolutions: int) -> None:
    """Let the first ``convolutions`` of a FastNet, and what is between them, keep their weights."""
    for layer in model.layers:
        if not convolutions:
            return
        layer.trainable = False
        convolutions -= layer.name.startswith("conv")


def multiply_adds_by_formula(
    classes: int = 10, width: float = 1.0, input_size: int = INPUT_SIZE
) -> int:
    """Multiply-adds of one forward pass: Σ H·W·k²·C_in·C_out over the layers."""
    side, channels, total = input_size, 3, 0
    for spec in LAYERS:
        filters = scaled_filters(spec.filters, width)
        total += side * side * spec.kernel_size**2 * channels * filters
        channels = filters
        if spec.pool_after:
            side //= 2
    return total + channels * classes
