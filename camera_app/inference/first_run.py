"""A runtime that another process has tried, until it has come through its first run in this one."""

import numpy as np

from camera_app.arrays import NDArray
from camera_app.inference.libraries import refused_in_words
from camera_app.inference.remembered import Remembered
from camera_app.inference.runtimes import OpenedRuntime


class FirstRun:
    """Runs a net; while it does so for the first time, it is not remembered that it works.

    To run it on nothing but for that would make each start wait for one more run.

    Args:
        runtime: opened, not yet run; closed with this.
        remembered: by which it was found that it works.
    """

    def __init__(self, runtime: OpenedRuntime, remembered: Remembered) -> None:
        self.name = runtime.name
        self.threads = runtime.threads
        self._runtime = runtime
        self._remembered: Remembered | None = remembered

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits (classes,) float32 of a picture (S, S, 3) uint8 BGR at the net's size.

        Raises:
            RuntimeUnavailableError: at the first run, the library does not work here any more; the
                next start will measure what does.
            ModelError: likewise, by the words of the library it is the net.
        """
        if self._remembered is None:
            return self._runtime.run(crop)
        with (
            self._remembered.forgotten_meanwhile(),
            refused_in_words(self.name, self._runtime.net_file),
        ):
            logits = self._runtime.run(crop)
        self._remembered = None
        return logits

    def close(self) -> None:
        """Let go of the net's memory; may be called twice."""
        self._runtime.close()
