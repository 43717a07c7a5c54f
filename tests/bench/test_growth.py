"""Whether what the program holds grows with the frames it has seen."""

import argparse
import gc
import tracemalloc
from pathlib import Path

import pytest

from camera_app.bench.growth import Growth, GrowthLoop, small_pictures
from camera_app.bench.memory import Memory
from camera_app.bench.session import Session
from camera_app.frame import Result
from camera_app.loop import Limits
from tests.bench.conftest import QUICK, Bench
from tests.outputs.conftest import make_result


def test_memory_is_looked_at_twice(bench: Bench) -> None:
    report = bench("--growth", 50)
    assert report["frames"] == 50
    for when in ("early", "late"):
        assert 0 < report[when]["resident_mb"] <= report[when]["peak_mb"]


@pytest.mark.parametrize("frames", [1, 5, 18, 250])
def test_the_frame_that_is_named_is_the_one_that_was_looked_at(frames: int) -> None:
    seen: list[Result] = []
    growth = GrowthLoop(frames, lambda: len(seen))
    for _ in range(frames):
        seen.append(make_result())
        growth._note(seen[-1])
    text = Growth(frames, Memory(1.0, 1.0), Memory(1.0, 1.0)).as_text()
    assert text.startswith(f"after {growth.early} frames:")


def test_nothing_is_kept_of_a_frame_that_is_done(tmp_path: Path) -> None:
    """Traced, not resident, memory: every byte that Python and NumPy hold."""
    options = argparse.Namespace(source=None, model=None, config=None, set=QUICK[1::2])
    session = Session(tmp_path, options)

    def traced() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    frames = 400
    growth = GrowthLoop(frames, traced)
    tracemalloc.start()
    try:
        session.run(growth.make_loop, Limits(frames=frames), source=small_pictures(frames))
    finally:
        tracemalloc.stop()
    # A time and an age are kept of the last frames, 32 bytes each; a frame's smallest part that
    # could be kept by mistake, its crop, has 3,072.
    assert growth.late - growth.early < 200 * frames
