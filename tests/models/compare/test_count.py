"""Parameters and multiply-adds, against figures worked out by hand."""

import keras
import pytest
from keras import layers

from models.compare.count import count_parameters, multiply_adds_of_layers
from models.fastnet import multiply_adds_by_formula
from models.zoo.registry import ENTRIES


def network(*stack: keras.layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, 3)), *stack])


def test_convolution_costs_its_kernel_at_every_position_it_gives() -> None:
    net = network(layers.Conv2D(5, 3, strides=2, padding="same"))

    assert multiply_adds_of_layers(net) == 4 * 4 * 3 * 3 * 3 * 5
    assert count_parameters(net) == 3 * 3 * 3 * 5 + 5


def test_depthwise_convolution_costs_one_filter_a_channel() -> None:
    net = network(layers.DepthwiseConv2D(3, padding="valid", use_bias=False))

    assert multiply_adds_of_layers(net) == 6 * 6 * 3 * 3 * 3
    assert count_parameters(net) == 27


def test_grouped_convolution_sees_its_group_alone() -> None:
    net = network(layers.Conv2D(6, 1, groups=3, use_bias=False))

    assert multiply_adds_of_layers(net) == 8 * 8 * 1 * 6


def test_dense_layer_costs_its_matrix() -> None:
    net = network(layers.Flatten(), layers.Dense(10))

    assert multiply_adds_of_layers(net) == 192 * 10
    assert count_parameters(net) == 1930


def test_statistics_are_no_parameters_and_normalization_costs_nothing() -> None:
    net = network(layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D())

    assert count_parameters(net) == 6
    assert multiply_adds_of_layers(net) == 0


# ResNet-8 by hand, at 32, 16 and 8 pixels: the first convolution and the first block; then each
# block's two convolutions and its shortcut; the classifier. All-CNN-C from its paper's tables.
BY_HAND = {
    "resnet8": 1024 * 9 * (3 * 16 + 2 * 16 * 16)
    + 256 * (9 * (16 * 32 + 32 * 32) + 16 * 32)
    + 64 * (9 * (32 * 64 + 64 * 64) + 32 * 64)
    + 640,
    "all_cnn": 9
    * (
        1024 * (3 * 96 + 96 * 96)
        + 256 * (96 * 96 + 96 * 192 + 192 * 192)
        + 64 * 192 * 192
        + 36 * 192 * 192
    )
    + 36 * (192 * 192 + 192 * 10),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_architecture_costs_what_its_table_adds_up_to(name: str) -> None:
    assert multiply_adds_of_layers(ENTRIES[name].build()) == BY_HAND[name]


@pytest.mark.parametrize(
    ("name", "width"), [("fastnet", 1.0), ("fastnet_paper", 1.0), ("fastnet_half", 0.5)]
)
def test_fastnet_costs_what_its_own_module_says(name: str, width: float) -> None:
    assert multiply_adds_of_layers(ENTRIES[name].build()) == multiply_adds_by_formula(width=width)


# github.com/chenyaofo/pytorch-cifar-models counts them so; RepVGG without its 1x1 branches.
@pytest.mark.parametrize(("name", "millions"), [("mobilenet_v2", 87.98), ("repvgg_a0", 440.1)])
def test_others_count_the_same(name: str, millions: float) -> None:
    assert multiply_adds_of_layers(ENTRIES[name].build()) / 1e6 == pytest.approx(millions, rel=1e-3)


def test_fail_layer_of_unknown_cost() -> None:
    with pytest.raises(ValueError, match="Conv2DTranspose"):
        multiply_adds_of_layers(network(layers.Conv2DTranspose(4, 3)))
