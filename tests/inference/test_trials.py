"""Trials: what is measured of a runtime, and that none takes the program along."""

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.errors import CameraAppError, ModelError, RuntimeUnavailableError
from camera_app.inference.bundle import Bundle
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.runtimes import Candidate, Runtime
from camera_app.inference.trials import (
    BUDGET_SECONDS,
    MIN_RUNS,
    Trial,
    try_each,
    try_out,
)

GREY = np.full((32, 32, 3), 128, np.uint8)


class Clock:
    """Seconds that pass only when a timed runtime runs."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class TimedRuntime(FakeRuntime):
    """Takes a scripted time for each run, the last one over and over."""

    def __init__(self, clock: Clock, *seconds: float) -> None:
        super().__init__([[0.0]])
        self._clock = clock
        self._seconds = seconds

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        self._clock.now += self._seconds[min(len(self.crops), len(self._seconds) - 1)]
        return super().run(crop)


def measured(clock: Clock, *openers: Callable[[], Runtime]) -> list[float | None]:
    return [trial.seconds for trial in try_each(openers, GREY, clock=clock)]


def _same(runtime: FakeRuntime) -> FakeRuntime:
    return runtime


def test_a_quick_run_is_what_counts_and_the_warm_up_does_not() -> None:
    clock = Clock()
    disturbed = TimedRuntime(clock, 0.001, 0.500, 0.010, 0.500)
    assert measured(clock, lambda: disturbed) == pytest.approx([0.010])


def test_of_many_runs_a_lucky_one_does_not_count() -> None:
    clock = Clock()
    lucky = TimedRuntime(clock, 0.01, 0.001, 0.01)
    assert measured(clock, lambda: lucky) == pytest.approx([0.01])


def test_measuring_takes_a_fraction_of_a_second() -> None:
    clock = Clock()
    begin = clock.now
    opened = [TimedRuntime(clock, seconds) for seconds in (0.003, 0.005, 0.012)]
    measured(clock, *(partial(_same, runtime) for runtime in opened))
    assert clock.now - begin <= BUDGET_SECONDS + 0.1


def test_a_hopeless_candidate_soon_gives_way() -> None:
    clock = Clock()
    quick, slow = TimedRuntime(clock, 0.003), TimedRuntime(clock, 0.050)
    assert measured(clock, lambda: quick, lambda: slow) == pytest.approx([0.003, 0.050])
    assert len(slow.crops) == 1 + MIN_RUNS


def test_one_slow_run_is_no_lack_of_hope() -> None:
    clock = Clock()
    quick, disturbed = TimedRuntime(clock, 0.003), TimedRuntime(clock, 0.5, 0.5, 0.002)
    assert measured(clock, lambda: quick, lambda: disturbed) == pytest.approx([0.003, 0.002])


def test_one_candidate_is_open_at_a_time() -> None:
    clock = Clock()
    opened: list[TimedRuntime] = []

    def candidate() -> TimedRuntime:
        assert all(runtime.closed for runtime in opened)
        opened.append(TimedRuntime(clock, 0.004))
        return opened[-1]

    measured(clock, *[candidate] * 3)
    assert len(opened) == 3
    assert all(runtime.closed for runtime in opened)


@pytest.mark.parametrize(
    ("error", "of_the_net"),
    [(RuntimeUnavailableError("is not there"), False), (ModelError("is no net"), True)],
)
def test_one_that_refuses_says_why_and_the_next_is_measured(
    error: CameraAppError, *, of_the_net: bool
) -> None:
    clock = Clock()

    def refuse() -> Runtime:
        raise error

    first, second = try_each([refuse, lambda: TimedRuntime(clock, 0.01)], GREY, clock=clock)
    assert first == Trial(None, str(error), of_the_net)
    assert second.seconds == pytest.approx(0.01)


def test_one_that_hangs_is_given_up(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ncnn.py").write_text("import threading; threading.Event().wait()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    candidates = [Candidate("ncnn", 1), Candidate("ncnn-float16", 1), Candidate("ncnn", 2)]
    trials = try_out(bundle, candidates, limit_seconds=1)
    assert trials == {
        candidates[0]: Trial(None, "ncnn does not work here: it hangs for 1 s"),
    }


def test_one_that_crashes_takes_nobody_along(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ncnn.py").write_text("import os; print('{}', flush=True); os.abort()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    trials = try_out(bundle, [Candidate("ncnn", 1), Candidate("litert", 1), Candidate("ncnn", 2)])
    assert [candidate.library for candidate in trials] == ["ncnn", "litert"]
    crashed, well = trials.values()
    assert "ends its process with SIGABRT" in crashed.refusal
    assert well.seconds is not None


def test_a_process_that_has_threads_is_not_forked(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fork() -> int:
        raise AssertionError("forked")

    monkeypatch.setattr(os, "fork", fork)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        (trial,) = try_out(bundle, [Candidate("ncnn", 1)]).values()
    finally:
        done.set()
        thread.join()
    assert trial.seconds is not None
