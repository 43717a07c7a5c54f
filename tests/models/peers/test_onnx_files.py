"""ONNX files answer as the net they were written from, in whatever reads them."""

from collections.abc import Callable
from pathlib import Path

import cv2
import keras
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from models.data import LabelledPictures
from models.peers.onnx_files import INPUT, encode_planes, write_onnx, write_qdq
from models.quantize import float_logits
from tests.models.conftest import folded

MakePictures = Callable[..., LabelledPictures]


def answers(path: Path, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    planes = encode_planes(pictures)
    return np.concatenate([session.run(None, {INPUT: one[np.newaxis]})[0] for one in planes])


@pytest.mark.parametrize("form", ["camera", "paper"])
def test_floats_answer_as_the_float_net(
    form: str,
    random_network: Callable[..., keras.Model],
    make_pictures: MakePictures,
    tmp_path: Path,
) -> None:
    net, pictures = folded(random_network(form, 0.125)), make_pictures(20).pictures
    path = tmp_path / "float.onnx"
    write_onnx(net, 32, path)
    expected = float_logits(net, pictures)

    assert answers(path, pictures) == pytest.approx(expected, abs=1e-3)
    opened = cv2.dnn.readNetFromONNX(str(path))
    opened.setInput(encode_planes(pictures[:1]))
    assert opened.forward() == pytest.approx(expected[:1], abs=1e-3)


def test_int8_answers_nearly_so(
    random_network: Callable[..., keras.Model], make_pictures: MakePictures, tmp_path: Path
) -> None:
    net, pictures = folded(random_network("camera")), make_pictures(60).pictures
    floats, path = tmp_path / "float.onnx", tmp_path / "int8.onnx"
    write_onnx(net, 32, floats)
    write_qdq(floats, pictures, path)
    expected = float_logits(net, pictures)

    found = answers(path, pictures)

    assert path.stat().st_size < 0.4 * floats.stat().st_size
    # As in test_ncnn_format: any mistake makes it more than all of the spread.
    error = np.sqrt(np.mean((found - expected) ** 2))
    assert 0 < error < 0.3 * (expected - expected.mean(0)).std()
