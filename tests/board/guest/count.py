"""Counts instructions on a board whose clock counts them: a nanosecond each.

    python -m tests.board.guest.count                  each net on each runtime, twice
    python -m tests.board.guest.count MODEL RUNTIME    one of them, once

Each count is a line of JSON. A net has a process of its own, as in the program; the second turn
shows that the first can be had again.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from camera_app.bench.clip import HEIGHT, WIDTH, moving_pictures, play, write_clip
from camera_app.bench.limit import multiply_adds_of_param
from camera_app.bench.session import Session
from camera_app.bench.stages import StageTimes
from camera_app.errors import RuntimeUnavailableError
from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.libraries import MODULES
from camera_app.inference.proof import known_pictures
from camera_app.inference.remembered import Remembered
from camera_app.inference.runtimes import Candidate, open_runtime
from camera_app.inference.selection import usable_cores
from camera_app.loop import Limits
from camera_app.sources.base import Source

MODELS = ("fastnet-cifar10", "fastnet-cifar10-half")
TURNS = 2

WARM_UP, LABELS = 6, 12
"""Of the program: labels that do not count, and that do. A counting clock needs few."""

FRAMES = WARM_UP + LABELS + 1
"""The loop asks once more after the last label that counts, which ends it."""

AHEAD = 12
"""More than are read ahead: a picture is still read for each that is labelled."""

PICTURES = 4
"""In memory, shown over and over."""

FILM = Path("/tmp/film.mp4")


def count(model: str, runtime: str) -> dict[str, Any]:
    """What one net takes on one runtime and one thread, in instructions.

    Raises:
        RuntimeUnavailableError: this core cannot run it so.
    """
    bundle = load_bundle(model)
    calls = _calls(bundle, runtime)
    # The program would try the runtime in another process, which has been done here.
    this = Candidate(runtime, 1)
    Remembered(bundle, [this], usable_cores()).keep({this: statistics.median(calls) / 1e9})
    pictures = list(moving_pictures(PICTURES, WIDTH, HEIGHT))
    return {
        "multiply_adds": bundle.ncnn and multiply_adds_of_param(bundle.ncnn.read().param),
        "handed_over": bundle.scores.get("cascade_handed_over_test"),
        "calls": calls,
        "label": {
            # Without the copy that stands for a decoder's work, which the film's count has in it.
            "memory": _label(model, runtime, lambda: play(pictures, FRAMES + AHEAD, copied=False)),
            "film": _label(model, runtime, lambda: None),
        },
    }


def _calls(bundle: Bundle, runtime: str) -> list[int]:
    """Of the runtime's own call. What the board waits for its disk is not in it."""
    counts = []
    with contextlib.closing(open_runtime(runtime, bundle, threads=1, tried=True)) as opened:
        black, *pictures = known_pictures(bundle.input_size)
        opened.run(black)  # the first run makes ready what the others find
        for picture in pictures:
            begin = time.process_time_ns()
            opened.run(picture)
            counts.append(time.process_time_ns() - begin)
    return counts


def _label(model: str, runtime: str, source: Callable[[], Source | None]) -> int:
    """Of the whole program for a label, all threads together.

    Args:
        model: the bundle's name.
        runtime: on which it runs.
        source: gives what is labelled; None is the film.
    """
    options = argparse.Namespace(
        config=None,
        model=model,
        set=[f"model.runtime={runtime}", "model.threads=1"],
        source=str(FILM),
    )
    times = StageTimes(WARM_UP)
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder), options)
        session.run(times.make_loop, Limits(frames=FRAMES), source=source())
    return round(times.processor_ms()[1] * 1e6)


def _in_child(model: str, runtime: str) -> dict[str, Any]:
    words = [sys.executable, "-B", "-m", "tests.board.guest.count", model, runtime]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"failed": f"status {done.returncode}: {done.stderr.strip()[-500:]}"}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(words: list[str]) -> None:
    """Count what ``words`` say, or everything."""
    if words:
        try:
            print(json.dumps(count(*words)))
        except RuntimeUnavailableError as error:
            print(json.dumps({"refused": str(error)}))
        return
    write_clip(FILM, FRAMES + AHEAD)
    for turn in range(TURNS):
        for model in MODELS:
            for runtime in MODULES:
                found = {"model": model, "runtime": runtime, "turn": turn}
                print(json.dumps(found | _in_child(model, runtime)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
