"""A .tflite file in LiteRT, with a random picture as its input."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.inference.libraries import MODULES, PACKAGES, native_messages_logged


def load_library() -> Any:
    """LiteRT's module with the Interpreter; importing it takes 10 MB, which no net is to blame for.

    Raises:
        RuntimeUnavailableError: it is not installed.
    """
    try:
        return importlib.import_module(MODULES["litert"])
    except ImportError as error:
        raise RuntimeUnavailableError(
            "the comparison is made with LiteRT, which cannot be loaded here "
            f"({error}); `pip install {PACKAGES['litert']}` installs it"
        ) from error


class Net:
    """An opened net that has run once.

    Args:
        path: of the .tflite file.
        threads: that the interpreter may use.

    Attributes:
        partitions: parts of the graph that XNNPACK runs; between them the slow reference kernels
            do. None where LiteRT does not tell.

    Raises:
        RuntimeUnavailableError: LiteRT is not installed.
        ModelError: LiteRT cannot run the file; says why in a sentence.
    """

    def __init__(self, path: Path, threads: int) -> None:
        with native_messages_logged():
            try:
                self._interpreter = load_library().Interpreter(
                    model_path=str(path), num_threads=threads
                )
                self._interpreter.allocate_tensors()
                inputs = self._interpreter.get_input_details()[0]
                self._interpreter.set_tensor(inputs["index"], _random(inputs))
                self._interpreter.invoke()
            except (ValueError, RuntimeError) as error:
                words = " ".join(str(error).split())
                raise ModelError(f"LiteRT cannot run {path.name} ({words})") from error
        self.partitions = self._count_partitions()

    def run(self) -> None:
        """One picture."""
        self._interpreter.invoke()

    def logits(self) -> NDArray[Any]:
        """What the last picture gave: (classes,), as the file has it."""
        output = self._interpreter.get_output_details()[0]["index"]
        logits: NDArray[Any] = self._interpreter.get_tensor(output)[0]
        return logits

    def _count_partitions(self) -> int | None:
        # Not in the public interface: the list of all operations, delegates included.
        try:
            operations: list[dict[str, Any]] = self._interpreter._get_ops_details()
        except AttributeError:
            return None
        return [operation["op_name"] for operation in operations].count("DELEGATE")


def _random(inputs: dict[str, Any]) -> NDArray[Any]:
    rng = np.random.default_rng(0)
    if inputs["dtype"] == np.int8:
        whole: NDArray[np.int8] = rng.integers(-128, 128, inputs["shape"], np.int8)
        return whole
    noise: NDArray[np.float32] = rng.normal(size=inputs["shape"]).astype(np.float32)
    return noise
