"""Until a net has come through its first run, nothing is remembered of what runs it."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.first_run import FirstRun
from camera_app.inference.remembered import Remembered
from camera_app.inference.runtimes import Candidate

ONE = Candidate("litert", 1)
GREY = np.full((32, 32, 3), 128, np.uint8)


@pytest.fixture
def remembered(bundle: Bundle, cache: Path) -> Remembered:  # noqa: ARG001  in which it lies
    made = Remembered(bundle, [ONE], 1)
    made.keep({ONE: 0.0025})
    return made


class Ours(FakeRuntime):
    """Of a name that there are words for; what it does when it is run is up to the test."""

    def __init__(self, remembered: Remembered, error: Exception | None = None) -> None:
        super().__init__([[1, 0]])
        self.name = ONE.library
        self.recalled: list[object] = []
        self._of = remembered
        self._error = error

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.recalled.append(self._of.recall())
        if self._error is not None:
            raise self._error
        return super().run(crop)


def test_only_during_the_first_run_is_nothing_remembered(remembered: Remembered) -> None:
    inner = Ours(remembered)
    runtime = FirstRun(inner, remembered)
    assert remembered.recall() == {ONE: 0.0025}
    for _ in range(3):
        assert runtime.run(GREY).tolist() == [1, 0]
    assert inner.recalled == [None, {ONE: 0.0025}, {ONE: 0.0025}]
    assert remembered.recall() == {ONE: 0.0025}
    assert (runtime.name, runtime.threads) == (inner.name, inner.threads)
    runtime.close()
    assert inner.closed


def test_what_fails_is_told_in_a_sentence_and_measured_again(remembered: Remembered) -> None:
    runtime = FirstRun(Ours(remembered, RuntimeError("node 3\nfailed")), remembered)
    words = re.escape("fake.tflite cannot be run by litert (node 3 failed)")
    with pytest.raises(ModelError, match=words):
        runtime.run(GREY)
    assert remembered.recall() is None


def test_what_ends_the_process_is_measured_again(remembered: Remembered) -> None:
    class Ends(Ours):
        def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:  # noqa: ARG002
            os._exit(1)

    runtime = FirstRun(Ends(remembered), remembered)
    child = os.fork()
    if child == 0:
        runtime.run(GREY)
    os.waitpid(child, 0)
    assert remembered.recall() is None
