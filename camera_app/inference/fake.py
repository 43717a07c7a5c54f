"""A runtime without a net, for tests and for trying the rest of the program."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from camera_app.arrays import NDArray


class FakeRuntime:
    """Returns scripted logits and records the pictures it was given.

    Args:
        logits: answers, (classes,) each, in order; the last one is repeated.
        threads: what it claims to use.

    Attributes:
        net_file: a name of no file.
        crops: (S, S, 3) uint8 BGR, a copy of every picture it was given.
        closed: whether :meth:`close` was called.
    """

    def __init__(self, logits: Iterable[ArrayLike], threads: int = 1) -> None:
        self.name = "fake"
        self.threads = threads
        self.net_file = Path("fake.tflite")
        self.crops: list[NDArray[np.uint8]] = []
        self.closed = False
        self._answers = [np.asarray(answer, np.float32) for answer in logits]
        if not self._answers:
            raise ValueError("a fake runtime needs at least one answer")

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The next answer of the script."""
        answer = self._answers[min(len(self.crops), len(self._answers) - 1)]
        self.crops.append(crop.copy())
        return answer.copy()

    def close(self) -> None:
        """Record that it was called."""
        self.closed = True
