"""A net is tried on known pictures before it is put to work."""

from pathlib import Path

import numpy as np
import pytest

from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.proof import known_pictures, open_proven, prove

SMALL = Bundle(Path("pets"), "pets", ("cat", "dog"), 8, 1.0, 0.5, "", {}, b"")


@pytest.mark.parametrize("answers", [[(1, 0), (0, 1)], [(1, 0), (1, 0), (0, 1)]])
def test_ok__the_first_answer_that_differs_is_enough(answers: list[tuple[float, float]]) -> None:
    runtime = FakeRuntime(answers)
    prove(SMALL, runtime)
    assert len(runtime.crops) == len(answers)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((1, 0), "the same answer whatever it is shown"),
        ((np.nan, 0), "no number a label"),
        ((np.inf, 0), "no number a label"),
        ((1, 0, 0), r"gives \(3,\), and model\.yaml has 2 labels"),
    ],
)
def test_fail__nonsense(answer: tuple[float, ...], words: str) -> None:
    with pytest.raises(ModelError, match=rf"fake\.tflite .*{words}.*models\.export"):
        prove(SMALL, FakeRuntime([answer]))


@pytest.mark.parametrize("nonsense", [True, False])
def test_only_a_net_that_answers_is_left_open(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch, nonsense: bool
) -> None:
    one, other = np.zeros(len(bundle.labels)), np.ones(len(bundle.labels))
    made = FakeRuntime([one, one if nonsense else other])
    monkeypatch.setattr("camera_app.inference.proof.open_runtime", lambda *_arguments: made)
    if nonsense:
        with pytest.raises(ModelError, match="the same answer"):
            open_proven("litert", bundle, 1)
    else:
        assert open_proven("litert", bundle, 1) is made
    assert made.closed == nonsense


@pytest.mark.parametrize("size", [1, 2, 32, 96])
def test_known_pictures_have_the_nets_size(size: int) -> None:
    for picture in known_pictures(size):
        assert picture.shape == (size, size, 3)
        assert picture.dtype == np.uint8
