"""The loop that tutorials teach: VideoCapture, resize, Interpreter, argmax, print; no window.

It is here to be compared with. It squeezes the whole picture into the net's square by picking out
single pixels, decodes between two calls of the net, and knows of no camera that is lost.
"""

import importlib
import time
from array import array
from collections.abc import Callable

import cv2
import numpy as np

from camera_app.bench.block import Block
from camera_app.errors import SourceError
from camera_app.inference.bundle import Bundle
from camera_app.inference.libraries import MODULES, refused_in_words
from camera_app.sources.base import Pixels

Namer = Callable[[Pixels], tuple[str, float]]
"""From a picture (H, W, 3) uint8 BGR to its label, and the seconds that the net's call took."""


def time_plain_loop(
    video: str, bundle: Bundle, library: str, threads: int, frames: int, warm_up: int
) -> Block:
    """Time every frame of a video, from reading it to reading the next one.

    Args:
        video: path of the file.
        bundle: the model; its ``model.tflite`` is run.
        library: of :data:`~camera_app.inference.tflite.LIBRARIES`.
        threads: that the interpreter may use.
        frames: at most so many are read.
        warm_up: frames at the start that do not count.

    Raises:
        RuntimeUnavailableError: the library is not installed or does not work on this machine.
        SourceError: there are no frames left to count.
    """
    return time_loop(video, interpreter_namer(bundle, library, threads), frames, warm_up)


def time_loop(video: str, name: Namer, frames: int, warm_up: int) -> Block:
    """Time a loop that does nothing but read a picture, have it named, and keep the line to print.

    Args:
        video: path of the file.
        name: names a picture.
        frames: at most so many are read.
        warm_up: frames at the start that do not count.

    Raises:
        SourceError: there are no frames left to count.
    """
    whole, calls = array("d"), array("d")
    processor = time.process_time()
    labels = []
    capture = cv2.VideoCapture(video)
    for number in range(frames):
        start = time.perf_counter()
        there, picture = capture.read()
        if not there:
            break
        label, called = name(picture.astype(np.uint8, copy=False))
        labels.append(f"{number} {label}")
        if number < warm_up:
            processor = time.process_time()
        else:
            whole.append(time.perf_counter() - start)
            calls.append(called)
    capture.release()
    if not whole:
        raise SourceError(f"the plain loop reads no more than {warm_up} frames of {video}")
    seconds = time.process_time() - processor
    return Block(whole, calls, seconds * 1e3 / len(whole))


def interpreter_namer(bundle: Bundle, library: str, threads: int) -> Namer:
    """What tutorials do with a picture: squeeze it, run the interpreter, take the largest logit.

    Args:
        bundle: the model; its ``model.tflite`` is run.
        library: of :data:`~camera_app.inference.tflite.LIBRARIES`.
        threads: that the interpreter may use.

    Raises:
        RuntimeUnavailableError: the library is not installed or does not work on this machine.
        ModelError: the library works and refuses the net.
    """
    with refused_in_words(library, bundle.net_file):
        interpreter = importlib.import_module(MODULES[library]).Interpreter(
            model_content=bundle.net, num_threads=threads
        )
        interpreter.allocate_tensors()
    given, taken = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    size = (bundle.input_size, bundle.input_size)

    def name(picture: Pixels) -> tuple[str, float]:
        rgb = cv2.cvtColor(cv2.resize(picture, size), cv2.COLOR_BGR2RGB)
        tensor = np.expand_dims((rgb.astype(np.int16) - 128).astype(np.int8), 0)
        begin = time.perf_counter()
        interpreter.set_tensor(given["index"], tensor)
        interpreter.invoke()
        logits = interpreter.get_tensor(taken["index"])[0]
        called = time.perf_counter() - begin
        return bundle.labels[int(np.argmax(logits))], called

    return name
