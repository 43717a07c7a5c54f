"""ncnn's files: ncnn itself answers as the net they were written from."""

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path

import keras
import ncnn
import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.inference.bundle import (
    NCNN_PARAM_FILE,
    NCNN_WEIGHTS_FILE,
    Bundle,
    NcnnFiles,
)
from camera_app.inference.runtimes import open_runtime
from models.data import LabelledPictures
from models.evaluate import runtime_logits
from models.fold import FoldedNet
from models.ncnn_format import ncnn_format
from models.quantize import encode_float, float_logits, input_ranges
from tests.models.conftest import folded

LABELS = tuple("abcdefghij")


@pytest.fixture(scope="module")
def pictures(make_pictures: Callable[..., LabelledPictures]) -> NDArray[np.uint8]:
    return make_pictures(60).pictures


def answers(
    net: FoldedNet, pictures: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory
) -> NDArray[np.float32]:
    param, weights = ncnn_format(net, input_ranges(net, pictures), 32)
    folder = tmp_path_factory.mktemp("bundle")
    (folder / NCNN_PARAM_FILE).write_bytes(param)
    (folder / NCNN_WEIGHTS_FILE).write_bytes(weights)
    hashes = (hashlib.sha256(param).hexdigest(), hashlib.sha256(weights).hexdigest())
    files = NcnnFiles(folder, hashes)
    bundle = Bundle(folder, "random", LABELS, 32, 1.0, 0.5, "", {}, b"", files)
    return runtime_logits(open_runtime("ncnn", bundle, 1), pictures)


# The paper's form has a 1x1 convolution in front, and such without ReLU before a pool.
@pytest.mark.parametrize("form", ["camera", "paper"])
@pytest.mark.parametrize("width", [0.125, 0.25])
def test_int8_answers_like_the_float_net(
    form: str,
    width: float,
    random_network: Callable[..., keras.Model],
    pictures: NDArray[np.uint8],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    net = folded(random_network(form, width))
    expected = float_logits(net, pictures)
    spread = (expected - expected.mean(0)).std()

    found = answers(net, pictures, tmp_path_factory)

    # Through so narrow a net of random weights little is left that tells one picture from another,
    # and the error of eight bits is a fifth of it; any mistake makes it more than all of it.
    assert np.sqrt(np.mean((found - expected) ** 2)) < 0.3 * spread


def test_a_channel_of_zeros_does_no_harm(
    random_network: Callable[..., keras.Model],
    pictures: NDArray[np.uint8],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    net = folded(random_network("camera", 0.125))
    first = net.convolutions[0]
    kernel = first.kernel.copy()
    kernel[..., 0] = 0
    silent = dataclasses.replace(first, kernel=kernel)
    net = dataclasses.replace(net, convolutions=(silent, *net.convolutions[1:]))
    assert np.isfinite(answers(net, pictures, tmp_path_factory)).all()


def test_weights_take_a_byte_each(random_network: Callable[..., keras.Model]) -> None:
    net = folded(random_network("camera", 0.25))
    _, weights = ncnn_format(net, [1.0] * 15, 32)
    count = sum(conv.kernel.size for conv in net.convolutions)
    assert count < len(weights) < 1.1 * count


@pytest.mark.parametrize("ranges", [[1.0] * 14, [1.0] * 14 + [0.0], [1.0] * 14 + [np.nan]])
def test_fail_ranges(ranges: list[float], random_network: Callable[..., keras.Model]) -> None:
    with pytest.raises(ValueError, match="15 positive ranges"):
        ncnn_format(folded(random_network("camera", 0.125)), ranges, 32)


def test_a_range_leaves_out_the_very_largest(
    random_network: Callable[..., keras.Model], pictures: NDArray[np.uint8]
) -> None:
    net = folded(random_network("camera", 0.125))
    values = np.sort(np.abs(encode_float(pictures)).ravel())

    whole, most = (input_ranges(net, pictures, covered, 7)[0] for covered in (1.0, 0.9))

    assert whole == values[-1]
    assert most == pytest.approx(np.quantile(values, 0.9), rel=0.02)


@pytest.mark.parametrize("form", ["camera", "paper"])
def test_floats_answer_as_the_float_net(
    form: str,
    random_network: Callable[..., keras.Model],
    pictures: NDArray[np.uint8],
    tmp_path: Path,
) -> None:
    net = folded(random_network(form, 0.125))
    for name, content in zip(("param", "bin"), ncnn_format(net, None, 32), strict=True):
        (tmp_path / name).write_bytes(content)
    opened = ncnn.Net()
    opened.load_param(str(tmp_path / "param"))
    opened.load_model(str(tmp_path / "bin"))

    for picture, expected in zip(pictures, float_logits(net, pictures), strict=True):
        extractor = opened.create_extractor()
        planes = np.ascontiguousarray(encode_float(picture).transpose(2, 0, 1))
        extractor.input("in0", ncnn.Mat(planes).clone())
        found = np.array(extractor.extract("out0")[1])

        assert found == pytest.approx(expected, abs=1e-3)
