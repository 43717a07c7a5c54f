"""A net is tried on known pictures before it is put to work."""

from pathlib import Path

import numpy as np
import pytest

from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.net import known_pictures, open_net, prove
from tests.end_to_end import RUNTIME

SMALL = Bundle(Path("pets"), "pets", ("cat", "dog"), 8, 1.0, 0.5, "", {}, b"")


def test_ok__the_shipped_net(bundle: Bundle) -> None:
    net = open_net(bundle, RUNTIME, 1)
    assert net.bundle is bundle
    assert RUNTIME in net.choice
    net.close()
    net.close()


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
        ((1, 0, 0), "no number a label"),
    ],
)
def test_fail__nonsense(answer: tuple[float, ...], words: str) -> None:
    with pytest.raises(ModelError, match=rf"pets.model\.tflite .*{words}.*models\.export"):
        prove(SMALL, FakeRuntime([answer]))


def test_fail__a_net_that_answers_nonsense_is_closed(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = FakeRuntime([np.zeros(len(bundle.labels))])
    monkeypatch.setattr(
        "camera_app.inference.net.choose_runtime", lambda *_arguments: (broken, "runs on fake")
    )
    with pytest.raises(ModelError):
        open_net(bundle)
    assert broken.closed


@pytest.mark.parametrize("size", [1, 2, 32, 96])
def test_known_pictures_have_the_nets_size(size: int) -> None:
    for picture in known_pictures(size):
        assert picture.shape == (size, size, 3)
        assert picture.dtype == np.uint8
