"""A net with uint8 ends answers as the one with int8 ends, byte for byte."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.inference.bundle import load_bundle
from models.compare.litert import load_library
from models.peers.uint8_ends import with_uint8_ends
from models.quantize import op_names
from tests.models.conftest import MakePictures


def opened(content: bytes) -> Any:
    interpreter = load_library().Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def answer(interpreter: Any, tensor: NDArray[Any]) -> NDArray[Any]:
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], tensor)
    interpreter.invoke()
    logits: NDArray[Any] = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return logits.copy()


def test_every_byte_of_the_answer_is_the_same(make_pictures: MakePictures) -> None:
    shipped = load_bundle("fastnet-cifar10").net
    changed = with_uint8_ends(shipped)
    ours, other = opened(shipped), opened(changed)

    given, taken = other.get_input_details()[0], other.get_output_details()[0]
    assert (given["dtype"], taken["dtype"]) == (np.uint8, np.uint8)
    assert given["quantization"] == (pytest.approx(1 / 64), 128)
    assert op_names(changed) == ["QUANTIZE", *op_names(shipped), "QUANTIZE"]
    for picture in make_pictures(20).pictures:
        as_int8 = (picture ^ 0x80).view(np.int8)
        expected = answer(ours, as_int8[np.newaxis])
        found = answer(other, picture[np.newaxis])
        assert np.array_equal(found.astype(np.int16) - 128, expected)
