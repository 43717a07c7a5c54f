"""ncnn: convolves 3x3 kernels by Winograd's method in int8, which TFLite's kernels do not.

It takes less than half the multiplications, and on cores without dot products (Cortex-A53, A72) a
third of tflite-runtime's instructions. It also has wheels where TFLite has none. On cores with
arithmetic in half precision (Cortex-A76) the same int8 weights may be faster as halves: that is
``ncnn-float16``, for which the bundle holds no further file.
"""

import importlib
import os
import re
from functools import lru_cache, partial
from typing import Any

import numpy as np

from camera_app.arrays import NDArray
from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.inference.bundle import Bundle, NcnnFiles, NcnnNet
from camera_app.inference.libraries import MODULES, refused_in_words, survives

INT8, FLOAT16 = "ncnn", "ncnn-float16"

INPUT, OUTPUT = "in0", "out0"
"""What ncnn's own converter calls the first and the last blob."""

INT8_MARK, FLOAT16_MARK = (mark.to_bytes(4, "little") for mark in (0x000D4B38, 0x01306B47))
"""What stands in front of weights in a file: which type they are stored in."""

MEAN, NORM = [128.0] * 3, [1 / 64] * 3
"""A pixel p enters as (p - 128) / 64, a channel each; the net's files take the 64 out again."""


class NcnnRuntime:
    """An ncnn net from the bundle's files, checked against the bundle.

    Args:
        name: ``"ncnn"`` for arithmetic in int8, ``"ncnn-float16"`` for half precision.
        bundle: the model.
        threads: number of threads it may use.
        tried: as in :func:`~camera_app.inference.runtimes.open_runtime`.

    Raises:
        RuntimeUnavailableError: ncnn is not installed or does not work on this machine, the
            processor has no half precision, or the bundle holds no files for ncnn.
        ModelError: ncnn works and refuses the net, or the net is not what the bundle says.
    """

    def __init__(self, name: str, bundle: Bundle, threads: int, *, tried: bool = False) -> None:
        self.name = name
        self.threads = threads
        if bundle.ncnn is None:
            raise RuntimeUnavailableError(
                f"ncnn cannot run {bundle.name}: {bundle.folder} holds no files for it; add them "
                "with `python -m models.ncnn_files` or set model.runtime to auto"
            )
        self.net_file = bundle.ncnn.weights_file
        size = bundle.input_size
        net = bundle.ncnn.read()
        _check_input(bundle, bundle.ncnn, net)
        with refused_in_words(name, self.net_file):
            module = _library()
            half = name == FLOAT16
            if half and not module.cpu_support_arm_asimdhp():
                raise RuntimeUnavailableError(
                    f"{name} needs a processor that calculates in half precision, as a Cortex-A76 "
                    "does; set model.runtime to auto"
                )
            if half:
                net = in_halves(net)
            # ncnn follows what a file says, wherever that leads.
            if not tried and not _survives(net, size, half):
                raise ValueError("it crashes")
            self._net = _load(module, net, threads, half)
            self._from_pixels = module.Mat.from_pixels
            self._order = module.Mat.PixelType.PIXEL_BGR2RGB
            self._shape = (size, size, 3)

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits (classes,) float32 of a picture (S, S, 3) uint8 BGR at the net's size.

        Raises:
            ValueError: the picture is not that.
            RuntimeError: ncnn cannot finish, as for want of memory.
        """
        # ncnn reads so many bytes from where the picture begins, whatever it is.
        if crop.shape != self._shape or crop.dtype != np.uint8:
            raise ValueError(f"expected {self._shape} of uint8, not {crop.shape} of {crop.dtype}")
        # from_pixels makes floats in memory of ncnn's own. Mat(array) would point to the array's.
        picture = self._from_pixels(
            np.ascontiguousarray(crop), self._order, self._shape[1], self._shape[0]
        )
        picture.substract_mean_normalize(MEAN, NORM)
        extractor = self._net.create_extractor()
        extractor.input(INPUT, picture)
        status, logits = extractor.extract(OUTPUT)
        if status != 0:
            raise RuntimeError(f"ncnn ends with status {status}")
        return np.array(logits, np.float32)

    def close(self) -> None:
        """Let go of the net's memory; may be called twice."""
        self._net = None


def in_halves(net: NcnnNet) -> NcnnNet:
    """The same net with weights and arithmetic in half precision instead of int8.

    Raises:
        ValueError: the convolutions' weights are not int8, or too few.
    """
    lines, parts, at = [], list[bytes](), 0

    def take(size: int) -> bytes:
        nonlocal at
        if len(net.weights) < at + size:
            raise ValueError("its weights are cut short")
        at += size
        return net.weights[at - size : at]

    for line in net.param.splitlines():
        if not line.startswith("Convolution "):
            lines.append(line)
            continue
        found = re.search(r" 0=(\d+) .*6=(\d+)( 8=(\d+))", line)
        if found is None or take(4) != INT8_MARK:
            raise ValueError("its weights are not int8")
        channels, count, term = (int(found[group]) for group in (1, 2, 4))
        padding = -count % 4
        weights = np.frombuffer(take(count + padding), np.int8)[:count].reshape(channels, -1)
        bias, scales = take(4 * channels), np.frombuffer(take(4 * channels), "<f4")
        take(8 if term > 100 else 4)  # scales of what enters and what is given
        halves = (weights / scales[:, np.newaxis]).astype("<f2").tobytes()
        parts += [FLOAT16_MARK, halves, bytes(-len(halves) % 4), bias]
        lines.append(line.replace(found[3], ""))
    parts.append(net.weights[at:])
    return NcnnNet("\n".join(lines) + "\n", b"".join(parts))


def _check_input(bundle: Bundle, files: NcnnFiles, net: NcnnNet) -> None:
    """Refuse a net for pictures of another size: ncnn would run it all the same."""
    sides = r"0=(\d+) +1=(\d+) +2=(\d+) *"
    found = re.search(rf"^Input +{INPUT} +0 +1 +{INPUT} +{sides}$", net.param, re.MULTILINE)
    if found is None:
        raise _unfit(files, f"has no input {INPUT} of three sides")
    width, height, channels = map(int, found.groups())
    size = bundle.input_size
    if (height, width, channels) != (size, size, 3):
        raise _unfit(
            files, f"takes {(height, width, channels)}, and model.yaml says ({size}, {size}, 3)"
        )


def _library() -> Any:
    # OpenMP reads this when ncnn is loaded. By default a thread that waits for the others keeps its
    # core, which those may be waiting for: with another program on two x86-64 cores, one picture
    # in ten took more than 58 to 220 ms on two threads that way, more than 16 to 41 ms like this.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    return importlib.import_module(MODULES[INT8])


def _load(module: Any, net: NcnnNet, threads: int, half: bool) -> Any:
    """A net ready to run. Raises ValueError if ncnn refuses it."""
    loaded = module.Net()
    options = loaded.opt
    options.num_threads = threads
    options.use_vulkan_compute = False
    # What is not int8 is float32 on every board, so that they all give the same answers.
    options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = half
    options.use_bf16_storage = False
    # In halves ncnn would take Winograd's F(6x6, 3x3), which covers a picture of 8x8 with 12x12.
    # F(4x4, 3x3) covers 32, 16, 8 and 4 exactly, and rounds less: 26.1 M instructions for 29.4 M.
    options.use_winograd63_convolution = False
    if loaded.load_param_mem(net.param) != 0:
        raise ValueError("it is no net that this version knows")
    # load_model_mem would take the bytes too, and go on reading them after Python has freed its
    # copy. A file in memory is read and checked like one on disk, and holds what was hashed.
    descriptor = os.memfd_create("weights")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(net.weights)
        if loaded.load_model(f"/proc/self/fd/{descriptor}") != 0:
            raise ValueError("its weights are damaged or cut short")
    finally:
        os.close(descriptor)
    return loaded


def _run_once(net: NcnnNet, size: int, half: bool) -> None:
    module = _library()
    loaded = _load(module, net, threads=1, half=half)
    extractor = loaded.create_extractor()
    extractor.input(INPUT, module.Mat(size, size, 3))
    extractor.extract(OUTPUT)


@lru_cache(maxsize=2)  # each candidate asks again of the same net, in int8 and in halves
def _survives(net: NcnnNet, size: int, half: bool) -> bool:
    return survives(partial(_run_once, net, size, half))


def _unfit(files: NcnnFiles, fault: str) -> ModelError:
    return ModelError(
        f"{files.param_file} {fault}; make the bundle again with `python -m models.export`"
    )
