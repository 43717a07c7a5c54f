"""Which runtime, and how many threads: measured on the machine, not guessed.

Which is best differs by board: on one x86-64 core LiteRT ran FastNet 5 times as fast as
tflite-runtime and more threads made the latter slower; on a Cortex-A53 tflite-runtime takes fewer
instructions than LiteRT, and ncnn a third of those.
"""

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from camera_app.inference.bundle import Bundle
from camera_app.inference.runtimes import Runtime, available_runtimes, open_runtime

AUTO: Literal["auto"] = "auto"

BUDGET_SECONDS = 0.4
"""What all measurements together may take, where a picture takes less than 10 ms."""

MIN_RUNS, MAX_RUNS = 3, 30
"""Runs a median is taken of: three survive one interruption, thirty settle it."""

MAX_THREADS = 4
"""More are not tried: FastNet's layers are too small to keep five cores busy."""

HOPELESS = 2.0
"""A candidate whose warm-up takes so many times the best median is not measured further."""

WORTH_A_THREAD = 0.9
"""More threads must cut the time to this share: idle cores are the camera's and the window's."""


def choose_runtime(
    bundle: Bundle,
    runtime: str = AUTO,
    threads: int | Literal["auto"] = AUTO,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Runtime, str]:
    """Open the bundle's net on the best runtime there is.

    Args:
        bundle: the model.
        runtime: ``"litert"``, ``"tflite-runtime"``, ``"ncnn"``, ``"ncnn-float16"``, or ``"auto"``
            for the fastest of those that work here.
        threads: a number, or ``"auto"`` for the fastest of 1, 2 and up to 4, as the machine has
            cores; more only where they save a tenth of the time.
        clock: seconds, for the measurement.

    Returns:
        The opened runtime, and one sentence that says what was chosen and what was measured.

    Raises:
        RuntimeUnavailableError: the runtime asked for, or any, does not work on this machine.
        ModelError: no runtime can run the net, or it is not what the bundle says.
    """
    libraries = available_runtimes(bundle) if runtime == AUTO else (runtime,)
    counts = (threads,) if isinstance(threads, int) else _thread_counts()
    wanted = [(library, count) for count in counts for library in libraries]
    candidates = [partial(open_runtime, library, bundle, count) for library, count in wanted]
    if len(candidates) == 1:
        return candidates[0](), f"runs on {_named(*wanted[0])}"
    grey = np.full((bundle.input_size, bundle.input_size, 3), 128, np.uint8)
    seconds = measure(candidates, grey, clock=clock)
    chosen = pick([count for _, count in wanted], seconds)
    rest = [i for i in sorted(range(len(wanted)), key=seconds.__getitem__) if i != chosen]
    others = ", ".join(f"{_named(*wanted[i])} {seconds[i] * 1e3:.1f} ms" for i in rest)
    return candidates[chosen](), (
        f"runs on {_named(*wanted[chosen])}, measured at {seconds[chosen] * 1e3:.1f} ms "
        f"a picture ({others})"
    )


def measure(
    candidates: Sequence[Callable[[], Runtime]],
    crop: NDArray[np.uint8],
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> list[float]:
    """Seconds that one run takes, for each candidate: the median of a few.

    They are opened, measured and closed one after the other: each holds the net in a form of its
    own, up to 30 MB, and idle threads of one would still be spinning in the way of the next.

    Args:
        candidates: each opens a runtime.
        crop: (S, S, 3) uint8; which picture it is makes no difference to a dense net.
        clock: seconds.
    """
    medians: list[float] = []
    for candidate in candidates:
        with contextlib.closing(candidate()) as opened:
            runs = _time_runs(opened, crop, BUDGET_SECONDS / len(candidates), medians, clock)
        medians.append(statistics.median(runs))
    return medians


def pick(threads: Sequence[int], seconds: Sequence[float]) -> int:
    """Position of the fastest candidate, or of one with fewer threads that is nearly as fast.

    Args:
        threads: that each candidate uses.
        seconds: that each takes.
    """
    limit = min(seconds) / WORTH_A_THREAD
    good = [i for i in range(len(seconds)) if seconds[i] <= limit]
    return min(good, key=lambda i: (threads[i], seconds[i]))


def _time_runs(
    candidate: Runtime,
    crop: NDArray[np.uint8],
    budget: float,
    medians: Sequence[float],
    clock: Callable[[], float],
) -> list[float]:
    """Seconds of every run that counts; of the warm-up alone if that was hopeless."""
    begin = clock()
    candidate.run(crop)
    now = clock()
    if medians and now - begin > HOPELESS * min(medians):
        return [now - begin]
    runs: list[float] = []
    while len(runs) < MIN_RUNS or (len(runs) < MAX_RUNS and now - begin < budget):
        start = clock()
        candidate.run(crop)
        now = clock()
        runs.append(now - start)
    return runs


def _thread_counts() -> tuple[int, ...]:
    # The cores this process may use: containers and taskset leave it fewer than there are.
    on_linux = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if on_linux else os.cpu_count() or 1
    return tuple(sorted({1, min(2, cores), min(MAX_THREADS, cores)}))


def _named(library: str, threads: int) -> str:
    return f"{library} with {threads} thread{'s' if threads > 1 else ''}"
