"""The network is the paper's: layers, widths, parameters, multiply-adds."""

import keras
import numpy as np
import pytest

from models.fastnet import (
    FORMS,
    LAYERS,
    Form,
    build_fastnet,
    multiply_adds_by_formula,
    scaled_filters,
)

WIDTHS = [64] + 11 * [128] + 3 * [128]
KERNELS = 12 * [3] + 3 * [1]
POOL_AFTER = [4, 7, 10, 12]


def layer_names(network: keras.Model) -> list[str]:
    kinds = (keras.layers.Conv2D, keras.layers.MaxPooling2D, keras.layers.GlobalAveragePooling2D)
    return [layer.name for layer in network.layers if isinstance(layer, kinds)]


@pytest.mark.parametrize("form", FORMS)
def test_layers_are_those_of_the_paper(form: Form) -> None:
    network = build_fastnet(form=form)
    convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]

    assert [layer.filters for layer in convolutions] == WIDTHS
    assert [layer.kernel_size for layer in convolutions] == [(side, side) for side in KERNELS]
    expected = []
    for number in range(1, 16):
        expected.append(f"conv{number}")
        expected += [f"pool{number}"] if number in POOL_AFTER else []
    assert layer_names(network) == [*expected, "average"]


def test_each_paper_unit_is_norm_relu_conv() -> None:
    network = build_fastnet(form="paper")

    names = [layer.name for layer in network.layers]
    for number in range(1, 16):
        at = names.index(f"conv{number}")
        assert names[at - 2 : at] == [f"unit{number}_norm", f"unit{number}_relu"]
    assert names[-3:] == ["conv15", "average", "logits"]


def test_paper_form_has_the_papers_parameters() -> None:
    # By hand. Kernels and biases, (k²·C_in + 1)·C_out: the first 1,792, the second 73,856, ten
    # of 3x3 at 128 channels 147,584 each, three of 1x1 16,512 each; the classifier 1,290.
    convolutions = 1_792 + 73_856 + 10 * 147_584 + 3 * 16_512 + 1_290
    # BatchNormalization in front of each of the 15, γ, β, mean and variance: 3, 64, 13 x 128.
    normalizations = 4 * (3 + 64 + 13 * 128)

    network = build_fastnet(classes=10, form="paper")

    assert network.count_params() == convolutions + normalizations == 1_609_238
    trainable = sum(int(np.prod(v.shape)) for v in network.trainable_variables)
    assert round(trainable / 1e6, 1) == 1.6


def test_multiply_adds_are_the_papers() -> None:
    assert round(multiply_adds_by_formula() / 1e6) == 526


def test_half_the_width_is_a_quarter_of_the_work() -> None:
    assert 3.8 < multiply_adds_by_formula() / multiply_adds_by_formula(width=0.5) < 4.1


@pytest.mark.parametrize(("width", "filters"), [(1.0, 128), (0.5, 64), (0.375, 48), (0.01, 8)])
def test_widths_are_multiples_of_eight(width: float, filters: int) -> None:
    assert scaled_filters(128, width) == filters


def test_camera_form_learns_no_scale_and_no_convolution_bias() -> None:
    paths = {variable.path for variable in build_fastnet(form="camera").weights}

    assert not [path for path in paths if path.endswith("gamma")]
    assert [path for path in paths if path.endswith("bias")] == ["logits/bias"]
    assert "unit1_norm/beta" not in paths
    assert "head_norm/beta" in paths


@pytest.mark.parametrize("form", FORMS)
def test_logits_for_any_size_with_the_same_weights(form: Form) -> None:
    network = build_fastnet(7, form, width=0.125, input_size=None)

    for side in (16, 24, 32):
        logits = network(np.zeros((2, side, side, 3), np.float32))
        assert tuple(logits.shape) == (2, 7)


@pytest.mark.parametrize("arguments", [{"form": "other"}, {"width": 0}, {"classes": 0}])
def test_fail_what_cannot_be_built(arguments: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        build_fastnet(**arguments)  # type: ignore[arg-type]


def test_the_table_names_every_pool() -> None:
    assert [n for n, spec in enumerate(LAYERS, 1) if spec.pool_after] == POOL_AFTER
