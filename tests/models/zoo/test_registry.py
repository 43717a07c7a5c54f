"""Every architecture weighs what its paper says, and gives logits."""

import itertools

import keras
import pytest

from models.compare.count import count_parameters
from models.zoo import fractalnet, fractional_max_pooling
from models.zoo.registry import ENTRIES, FASTNET, Stated

WITH_A_COUNT = [name for name, entry in ENTRIES.items() if entry.stated is not None]


@pytest.mark.parametrize("name", WITH_A_COUNT)
def test_parameters_are_the_papers(name: str) -> None:
    stated = ENTRIES[name].stated
    assert stated is not None
    network = ENTRIES[name].build(stated.classes)

    assert stated.agrees(count_parameters(network)), count_parameters(network)
    assert network.output_shape == (None, stated.classes)
    assert network.input_shape[1:] == (32, 32, 3)


# Each by hand from the tables of its authors, kernels and biases and γ and β.
EXACT = {
    "network_in_network": 966_986,
    "all_cnn": 1_369_738,
    # 96 and 192 and 192 units of two pieces, 500 of five on 5x5x192, 10 labels.
    "maxout": (192 * 3 + 384 * 96) * 64
    + 384 * 192 * 25
    + (192 + 384 + 384)
    + 2500 * (4800 + 1)
    + 5_010,
    "vgg16": 14_991_946,
    "mobilenet_v2": 2_236_682,
    "resnet8": 78_666 - 480,
}


@pytest.mark.parametrize("name", EXACT)
def test_parameters_are_exactly_those_of_the_layer_table(name: str) -> None:
    assert count_parameters(ENTRIES[name].build()) == EXACT[name]


def test_fractalnet_of_the_authors_generator() -> None:
    network = fractalnet.build(widen_inside=True)

    # Seven convolutions a block, three of them on the block's input; γ and β; the classifier.
    kernels = sum(
        9 * filters * (3 * before + 4 * filters)
        for before, filters in zip((3, *fractalnet.FILTERS), fractalnet.FILTERS, strict=False)
    )
    normalizations = 7 * 2 * sum(fractalnet.FILTERS)
    assert count_parameters(network) == kernels + normalizations + 5_130


def test_fractalnet_has_twenty_convolutions_in_a_row() -> None:
    network = fractalnet.build(widen_inside=True)

    depth = {network.input.name: 0}
    for layer in network.layers[1:]:
        tensors = layer.input if isinstance(layer.input, list) else [layer.input]
        before = [depth[tensor.name] for tensor in tensors]
        depth[layer.output.name] = max(before) + isinstance(layer, keras.layers.Conv2D)
    assert depth[network.output.name] == 20


def test_fractional_max_pooling_shrinks_as_the_paper_says() -> None:
    assert fractional_max_pooling.pooled_sides() == [74, 58, 45, 35, 27, 21, 16, 12, 9, 6, 4, 2]
    network = fractional_max_pooling.build(unit=8)
    pads = [x for x in network.layers if isinstance(x, keras.layers.ZeroPadding2D)]
    assert [pad.output.shape[1:3] for pad in pads] == [(94, 94)]


def test_fractional_max_pooling_for_cifar100_weighs_what_others_say() -> None:
    assert 12e6 <= count_parameters(fractional_max_pooling.build(100, unit=64)) < 13e6


@pytest.mark.parametrize(("side", "pooled"), [(93, 74), (26, 21), (5, 4), (3, 2)])
def test_pooling_windows_cover_every_row_once_or_twice(side: int, pooled: int) -> None:
    starts = fractional_max_pooling.window_starts(side, pooled)

    steps = [b - a for a, b in itertools.pairwise(starts)]
    assert len(starts) == pooled
    assert (starts[0], starts[-1] + 2) == (0, side)
    assert set(steps) <= {1, 2}


def test_every_entry_says_where_its_numbers_are_from() -> None:
    assert next(iter(ENTRIES)) == FASTNET
    for entry in ENTRIES.values():
        assert "arXiv" in entry.paper
        assert entry.reported.source
        for percent in (entry.reported.cifar10, entry.reported.cifar100):
            assert percent is None or 50 < percent < 100


def test_agreement_is_relative_or_a_lower_bound() -> None:
    assert Stated(1e6, 0.05, "a paper").agrees(950_001)
    assert not Stated(1e6, 0.05, "a paper").agrees(1_051_000)
    assert Stated(6e6, 0, "a paper", at_least=True).agrees(16_000_000)
    assert not Stated(6e6, 0, "a paper", at_least=True).agrees(5_999_999)
