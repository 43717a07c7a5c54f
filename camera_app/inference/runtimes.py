"""What runs the net: tflite-runtime, LiteRT and ncnn behind one face, pixels in, logits out."""

from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from camera_app.arrays import NDArray
from camera_app.errors import RuntimeUnavailableError
from camera_app.inference.bundle import Bundle
from camera_app.inference.libraries import MODULES


class Candidate(NamedTuple):
    """A runtime's name, and how many threads it may use."""

    library: str
    threads: int


class Runtime(Protocol):
    """Something that runs one net; not to be shared between threads."""

    name: str
    threads: int

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits (classes,) float32 of a picture (S, S, 3) uint8 BGR at the net's size."""

    def close(self) -> None:
        """Let go of the net's memory; may be called twice."""


class OpenedRuntime(Runtime, Protocol):
    """A runtime as it is opened.

    Attributes:
        net_file: what it runs, for messages.
    """

    net_file: Path


def open_runtime(name: str, bundle: Bundle, threads: int, *, tried: bool = False) -> OpenedRuntime:
    """Open a bundle's net on the runtime of that name, checked but not yet run.

    Args:
        name: key of :data:`~camera_app.inference.libraries.MODULES`.
        bundle: the model.
        threads: number of threads it may use.
        tried: another process has run this very net on it and lived; otherwise one is forked for
            that where the library does not verify what it is given.

    Raises:
        RuntimeUnavailableError: there is no such runtime, it is not installed, or it does not work
            on this machine.
        ModelError: it works and refuses the net, or the net is not what the bundle says.
    """
    if name not in MODULES:
        raise RuntimeUnavailableError(
            f"there is no runtime {name!r}; known are {', '.join(MODULES)}"
        )
    if MODULES[name] == "ncnn":
        from camera_app.inference.ncnn import NcnnRuntime

        return NcnnRuntime(name, bundle, threads, tried=tried)
    from camera_app.inference.tflite import TFLiteRuntime

    return TFLiteRuntime(name, bundle, threads, tried=tried)
