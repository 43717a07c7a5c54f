"""Whole programs, from a film to labels: ours, and the loop that tutorials teach."""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from camera_app.bench.block import Block
from camera_app.bench.plain import Namer, interpreter_namer, time_loop
from camera_app.bench.recording import Recording, time_program
from camera_app.bench.session import Session
from camera_app.bench.stages import WARM_UP, StageTimes
from camera_app.bench.watch import Watch
from camera_app.inference.bundle import load_bundle
from camera_app.loop import Limits
from models.peers.nets import SMALL
from models.peers.work import FILM, Work


@dataclass(frozen=True)
class Program:
    """What labels the film.

    Attributes:
        labels: the numbers of all frames' labels, each by itself.
        block: labels the film once, and times it.
    """

    labels: Callable[[], list[int]]
    block: Callable[[], Block]


def looping(work: Work, labels: Sequence[str], name: Namer) -> Program:
    """A loop that reads a frame, has it named, and reads the next.

    Args:
        work: with the film.
        labels: of the model, in order.
        name: names a frame.
    """
    film = work.file(FILM)

    def number_all() -> list[int]:
        capture = cv2.VideoCapture(film)
        frames = iter(capture.read, (False, None))
        return [labels.index(name(frame.astype(np.uint8, copy=False))[0]) for _, frame in frames]

    frames = WARM_UP + work.frames
    return Program(number_all, lambda: time_loop(film, name, frames, WARM_UP))


def litert(work: Work) -> Program:
    """Our program, with LiteRT."""
    return _ours(work, work.model, "litert")


def ncnn(work: Work) -> Program:
    """Our program, with ncnn."""
    return _ours(work, work.model, "ncnn")


def cascade(work: Work) -> Program:
    """Our program, with the small net asked first."""
    return _ours(work, f"[{SMALL}, {work.model}]", "litert")


def tutorial_tflite_runtime(work: Work) -> Program:
    """The tutorials' loop, with the library that they name."""
    return _tutorial(work, "tflite-runtime")


def tutorial_litert(work: Work) -> Program:
    """The same loop with that library's successor."""
    return _tutorial(work, "litert")


def _ours(work: Work, bundle: str, runtime: str) -> Program:
    settings = [f"model.bundle={bundle}", f"model.runtime={runtime}", "model.threads=1"]
    # Each frame of this film is another picture, and must get the net's own answer to it.
    settings.append("model.mirrored=false")
    film = work.file(FILM)
    options = argparse.Namespace(set=settings, source=film, model=None, config=None)
    folder = Path(tempfile.mkdtemp(dir=work.folder))
    session = Session(folder, options)
    recording = Recording(session, work.frames, film)

    def number_all() -> list[int]:
        numbers: list[int] = []
        watch = Watch(lambda result: numbers.append(int(result.prediction.probabilities.argmax())))
        loops = StageTimes(WARM_UP, [watch])
        session.run(loops.make_loop, Limits(frames=recording.frames))
        return numbers

    return Program(number_all, lambda: time_program(session, recording))


def _tutorial(work: Work, library: str) -> Program:
    bundle = load_bundle(work.model)
    return looping(work, bundle.labels, interpreter_namer(bundle, library, threads=1))
