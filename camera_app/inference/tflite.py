"""tflite-runtime and LiteRT, one library under two names: they run the bundle's model.tflite."""

import importlib
import sys
from functools import lru_cache
from typing import Any

import numpy as np

from camera_app.arrays import NDArray
from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.inference.bundle import Bundle
from camera_app.inference.description import INPUT_ENCODING
from camera_app.inference.libraries import MODULES, VERIFYING, refused_in_words, survives
from camera_app.inference.preprocess import to_tensor

LIBRARIES = ("litert", "tflite-runtime")

INPUT_SCALE = 1 / 64
"""What one level of an input byte is worth to the net: it was trained on (p - 128) / 64."""


class TFLiteRuntime:
    """A TFLite interpreter with the bundle's net, checked against the bundle.

    Args:
        library: of :data:`LIBRARIES`.
        bundle: the model.
        threads: number of threads the interpreter may use.
        tried: as in :func:`~camera_app.inference.runtimes.open_runtime`.

    Raises:
        RuntimeUnavailableError: the library is not installed or does not work on this machine.
        ModelError: the library works and refuses the net, or the net is not what the bundle says.
    """

    def __init__(self, library: str, bundle: Bundle, threads: int, *, tried: bool = False) -> None:
        self.name = library
        self.threads = threads
        self.net_file = bundle.net_file
        interpreter = _open(library, bundle, threads, tried=tried)
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        _check_net(bundle, inputs, outputs)
        self._interpreter = interpreter
        self._input: int = inputs[0]["index"]
        self._output: int = outputs[0]["index"]
        scale, zero_point = outputs[0]["quantization"]
        self._scale, self._zero_point = np.float32(scale), np.float32(zero_point)
        self._bytes = np.zeros((bundle.input_size, bundle.input_size, 3), np.uint8)

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits (classes,) float32 of a picture (S, S, 3) uint8 BGR at the net's size."""
        # set_tensor is one memcpy, 0.4 µs. Writing through a view of the interpreter's memory
        # takes twice that, and a view that outlives the statement makes invoke() refuse to run.
        self._interpreter.set_tensor(self._input, to_tensor(crop, self._bytes)[np.newaxis])
        self._interpreter.invoke()
        quantized = self._interpreter.get_tensor(self._output)[0]
        # Widened first: int8 minus a zero point overflows int8.
        logits: NDArray[np.float32] = quantized.astype(np.float32)
        logits -= self._zero_point
        logits *= self._scale
        return logits

    def close(self) -> None:
        """Let go of the net's memory; may be called twice."""
        self._interpreter = None


def _open(library: str, bundle: Bundle, threads: int, *, tried: bool) -> Any:
    """An interpreter that is ready to run the bundle's net."""
    # Not even imported: it would print a page about _ARRAY_API, and then not work.
    if library == "tflite-runtime" and np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        raise RuntimeUnavailableError(
            f"tflite-runtime needs numpy older than 2, and {np.__version__} is installed; "
            "set model.runtime to auto"
        )
    # The two bring the same native symbols, and the first Interpreter then says "vector::reserve"
    # or ends the process (TensorFlow 2.21, tflite-runtime 2.14). Only training has TensorFlow.
    if library == "tflite-runtime" and "tensorflow" in sys.modules:
        raise RuntimeUnavailableError(
            "tflite-runtime breaks in a process that has loaded TensorFlow; "
            "set model.runtime to auto"
        )
    with refused_in_words(library, bundle.net_file):
        module = importlib.import_module(MODULES[library])
        if not tried and library not in VERIFYING and not _survives(library, bundle.net):
            raise ValueError("it crashes")
        return _interpreter(module, bundle.net, threads)


def _interpreter(module: Any, net: bytes, threads: int) -> Any:
    interpreter = module.Interpreter(model_content=net, num_threads=threads)
    interpreter.allocate_tensors()
    return interpreter


@lru_cache(maxsize=1)  # each candidate asks again of the same net
def _survives(library: str, net: bytes) -> bool:
    module = importlib.import_module(MODULES[library])
    return survives(lambda: _interpreter(module, net, threads=1).invoke())


def _check_net(bundle: Bundle, inputs: list[Any], outputs: list[Any]) -> None:
    """Refuse a net whose input or output is not as the bundle describes it."""
    size, classes = bundle.input_size, len(bundle.labels)
    if len(inputs) != 1 or len(outputs) != 1:
        raise _unfit(bundle, f"has {len(inputs)} inputs and {len(outputs)} outputs, not one each")
    shape = tuple(int(side) for side in inputs[0]["shape"])
    if shape != (1, size, size, 3):
        raise _unfit(bundle, f"takes {shape}, and model.yaml says (1, {size}, {size}, 3)")
    if inputs[0]["dtype"] != np.int8 or inputs[0]["quantization"] != (INPUT_SCALE, 0):
        raise _unfit(bundle, f"does not take {INPUT_ENCODING}: int8, scale 1/64, zero point 0")
    shape = tuple(int(side) for side in outputs[0]["shape"])
    if shape != (1, classes):
        raise _unfit(bundle, f"gives {shape}, and model.yaml has {classes} labels")
    if outputs[0]["dtype"] != np.int8 or outputs[0]["quantization"][0] <= 0:
        raise _unfit(bundle, "does not give int8 logits with one scale")


def _unfit(bundle: Bundle, fault: str) -> ModelError:
    return ModelError(
        f"{bundle.net_file} {fault}; make the bundle again with `python -m models.export`"
    )
