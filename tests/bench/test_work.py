"""What a frame costs that no busy machine can blur: memory that is taken, and pictures copied."""

import argparse
import tracemalloc
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from camera_app.bench.session import Session
from camera_app.bench.stages import StageTimes
from camera_app.bench.watch import Watch
from camera_app.frame import Result
from camera_app.loop import Limits
from camera_app.sources.base import Source
from camera_app.sources.live import LiveSource
from camera_app.sources.recorded import RecordedSource
from tests.bench.conftest import QUICK

PICTURES = [np.full((720, 1280, 3), level, np.uint8) for level in (40, 90, 200)]


class Handed:
    """Hands over the same few pictures without end: what is taken besides is the program's."""

    frames_per_second = 30.0
    position_seconds = None

    def __init__(self, *, live: bool) -> None:
        self.live = live
        self._count = 0

    def describe(self) -> str:
        return "pictures in memory"

    def open(self) -> None:
        pass

    def read(self) -> tuple[NDArray[np.uint8], None]:
        self._count += 1
        return PICTURES[self._count % len(PICTURES)], None

    def skip(self) -> None:
        self._count += 1

    def close(self) -> None:
        pass


class Peaks:
    """The most memory that Python and NumPy took from one result to the next, bytes."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.pixels: list[NDArray[np.uint8]] = []
        self._before = 0

    def note(self, result: Result) -> None:
        now, peak = tracemalloc.get_traced_memory()
        self.taken.append(peak - self._before)
        self.pixels.append(result.frame.pixels)
        self._before = now
        tracemalloc.reset_peak()


def watched(tmp_path: Path, source: Source) -> Peaks:
    session = Session(
        tmp_path, argparse.Namespace(source=None, model=None, config=None, set=QUICK[1::2])
    )
    peaks = Peaks()
    make_loop = StageTimes(0, [Watch(peaks.note)]).make_loop
    tracemalloc.start()
    try:
        session.run(make_loop, Limits(frames=20), source=source)
    finally:
        tracemalloc.stop()
    return peaks


def test_a_recording_is_neither_copied_nor_converted(tmp_path: Path) -> None:
    peaks = watched(tmp_path, RecordedSource(Handed(live=False)))

    # The samples that the crop is made of are 6x6 for each of 32x32 pixels: 110,592 bytes.
    assert 110_592 < max(peaks.taken[2:]) < PICTURES[0].nbytes / 16
    assert all(any(seen is one for one in PICTURES) for seen in peaks.pixels)


def test_a_camera_is_neither_copied_nor_converted(tmp_path: Path) -> None:
    peaks = watched(tmp_path, LiveSource(Handed(live=True)))

    # To see whether anything moves, 256 rows of the middle square are looked at: 552,960 bytes.
    assert max(peaks.taken[2:]) < PICTURES[0].nbytes / 3
    assert all(any(seen is one for one in PICTURES) for seen in peaks.pixels)
