"""The choice of runtime and threads: forced, measured, and said in one sentence."""

import re
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from camera_app.errors import RuntimeUnavailableError
from camera_app.inference.bundle import Bundle
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.runtimes import available_runtimes
from camera_app.inference.selection import BUDGET_SECONDS, choose_runtime, measure, pick

GREY = np.full((32, 32, 3), 128, np.uint8)


class Clock:
    """Seconds that pass only when a timed runtime runs."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _same(runtime: FakeRuntime) -> FakeRuntime:
    return runtime


class TimedRuntime(FakeRuntime):
    """Takes a scripted time for each run, the last one over and over."""

    def __init__(self, clock: Clock, *seconds: float, threads: int = 1) -> None:
        super().__init__([[0.0]], threads)
        self._clock = clock
        self._seconds = seconds

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        self._clock.now += self._seconds[min(len(self.crops), len(self._seconds) - 1)]
        return super().run(crop)


def test_auto_says_what_it_measured(bundle: Bundle) -> None:
    runtime, sentence = choose_runtime(bundle)
    assert sentence.startswith(f"runs on {runtime.name} with {runtime.threads} thread")
    libraries = available_runtimes(bundle)
    assert len(re.findall(r"\d+\.\d ms", sentence)) >= len(libraries)
    assert all(library in sentence for library in libraries)
    assert runtime.run(GREY).shape == (len(bundle.labels),)


def test_what_is_asked_for_is_not_measured(bundle: Bundle) -> None:
    runtime, sentence = choose_runtime(bundle, "litert", 2)
    assert (runtime.name, runtime.threads) == ("litert", 2)
    assert sentence == "runs on litert with 2 threads"


def test_threads_alone_may_be_left_to_it(bundle: Bundle) -> None:
    assert choose_runtime(bundle, "litert", "auto")[0].name == "litert"


def test_runtime_alone_may_be_left_to_it(bundle: Bundle) -> None:
    assert choose_runtime(bundle, "auto", 1)[0].threads == 1


def test_no_such_runtime(bundle: Bundle) -> None:
    with pytest.raises(RuntimeUnavailableError, match="no runtime 'tpu'"):
        choose_runtime(bundle, "tpu", 1)


def test_the_median_is_measured_and_the_warm_up_left_out() -> None:
    clock = Clock()
    hiccup = TimedRuntime(clock, 5.0, 0.010, 0.500, 0.010)
    assert measure([lambda: hiccup], GREY, clock=clock) == pytest.approx([0.010])


def test_measuring_takes_a_fraction_of_a_second() -> None:
    clock = Clock()
    begin = clock.now
    opened = [TimedRuntime(clock, seconds) for seconds in (0.003, 0.005, 0.012)]
    measure([partial(_same, runtime) for runtime in opened], GREY, clock=clock)
    assert clock.now - begin <= BUDGET_SECONDS + 0.1


def test_a_hopeless_candidate_runs_once() -> None:
    clock = Clock()
    quick, slow = TimedRuntime(clock, 0.003), TimedRuntime(clock, 0.050)
    measured = measure([lambda: quick, lambda: slow], GREY, clock=clock)
    assert len(slow.crops) == 1
    assert measured[1] == pytest.approx(0.050)


def test_one_candidate_is_open_at_a_time() -> None:
    clock = Clock()
    opened: list[TimedRuntime] = []

    def candidate() -> TimedRuntime:
        assert all(runtime.closed for runtime in opened)
        opened.append(TimedRuntime(clock, 0.004))
        return opened[-1]

    measure([candidate] * 3, GREY, clock=clock)
    assert len(opened) == 3
    assert all(runtime.closed for runtime in opened)


def test_the_fastest_is_picked() -> None:
    assert pick((1, 1, 2), [0.012, 0.004, 0.003]) == 2


def test_a_thread_must_be_worth_it() -> None:
    assert pick((1, 2, 4), [0.0040, 0.0039, 0.0038]) == 0


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(1e-4, 1.0)), min_size=1))
def test_the_pick_is_nearly_the_fastest(measured: list[tuple[int, float]]) -> None:
    seconds = [time for _, time in measured]
    chosen = pick([threads for threads, _ in measured], seconds)
    assert seconds[chosen] * 0.89 <= min(seconds)
