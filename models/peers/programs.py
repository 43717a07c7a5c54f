"""Whole programs, from a film to labels: ours, and the loop that tutorials teach."""

import argparse
import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

from camera_app.bench.block import Block
from camera_app.bench.plain import interpreter_namer, time_loop
from camera_app.bench.recording import Recording, time_program
from camera_app.bench.session import Session
from camera_app.bench.stages import WARM_UP
from camera_app.inference.bundle import load_bundle
from models.peers.nets import SMALL
from models.peers.work import FILM, Work

Turn = Callable[[], Block]
"""Labels the film once."""


def litert(work: Work) -> Turn:
    """Our program, with LiteRT."""
    return _ours(work, work.model, "litert")


def ncnn(work: Work) -> Turn:
    """Our program, with ncnn."""
    return _ours(work, work.model, "ncnn")


def cascade(work: Work) -> Turn:
    """Our program, with the small net asked first."""
    return _ours(work, f"[{SMALL}, {work.model}]", "litert")


def tutorial_tflite_runtime(work: Work) -> Turn:
    """The tutorials' loop, with the library that they name."""
    return _tutorial(work, "tflite-runtime")


def tutorial_litert(work: Work) -> Turn:
    """The same loop with that library's successor."""
    return _tutorial(work, "litert")


def _ours(work: Work, bundle: str, runtime: str) -> Turn:
    settings = [f"model.bundle={bundle}", f"model.runtime={runtime}", "model.threads=1"]
    film = work.file(FILM)
    options = argparse.Namespace(set=settings, source=film, model=None, config=None)
    folder = Path(tempfile.mkdtemp(dir=work.folder))
    session = Session(folder, options)
    return functools.partial(time_program, session, Recording(session, work.frames, film))


def _tutorial(work: Work, library: str) -> Turn:
    name = interpreter_namer(load_bundle(work.model), library, threads=1)
    return lambda: time_loop(work.file(FILM), name, WARM_UP + work.frames, WARM_UP)
