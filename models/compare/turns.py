"""Nets timed in turn, so that whatever slows the machine down for a while slows all of them."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tqdm import tqdm

QUIET = 0.1
"""Spread of a net's rounds above which something else kept the machine busy."""

RUNS_A_TURN = 3
"""Timed runs of a net before it is the next one's turn; their median counts."""


@dataclass(frozen=True)
class Timing:
    """How long one picture takes.

    Attributes:
        ms: milliseconds, the median of all rounds.
        ratio: to the reference of the same round, the median of all rounds; what a slow minute
            does to both of them cancels out.
        spread: how far the middle half of the rounds reaches, as a share of the median; about
            0.01 on a quiet machine.
    """

    ms: float
    ratio: float
    spread: float


def time_in_turn(
    runs: Mapping[str, Callable[[], None]],
    reference: str,
    rounds: int,
    *,
    clock: Callable[[], float] = time.perf_counter,
    description: str = "timing",
) -> dict[str, Timing]:
    """Time each of ``runs`` once a round.

    Args:
        runs: by name; a call is one picture.
        reference: name of the one that the others are compared with.
        rounds: how many.
        clock: seconds.
        description: in front of the progress bar.

    Returns:
        By the same names.
    """
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    with tqdm(total=rounds * len(runs), desc=description, unit="net", leave=False) as bar:
        for _ in range(rounds):
            for name, run in runs.items():
                seconds[name].append(_turn(run, clock))
                bar.update()
    return timings(seconds, reference)


def timings(seconds: Mapping[str, Sequence[float]], reference: str) -> dict[str, Timing]:
    """What the rounds amount to.

    Args:
        seconds: of each round, by name; all have had as many.
        reference: name of the one that the others are compared with.

    Returns:
        By the same names.
    """
    return {
        name: Timing(
            statistics.median(times) * 1e3,
            statistics.median(a / b for a, b in zip(times, seconds[reference], strict=True)),
            _spread(times),
        )
        for name, times in seconds.items()
    }


def steadiness(name: str, spread: float) -> list[str]:
    """Sentences on how far the rounds of ``name`` can be trusted, for a heading."""
    told = [f"The middle half of {name}'s rounds spans {spread:.0%} of their median."]
    if spread > QUIET:
        told.append("The machine was busy: measure again when it is quiet.")
    return told


def _spread(times: Sequence[float]) -> float:
    if len(times) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    return (high - low) / middle


def _turn(run: Callable[[], None], clock: Callable[[], float]) -> float:
    """Seconds of one run, in the state a camera keeps a net in: its weights in the caches."""
    # The first is not timed: it fetches the weights, and the threads of the net before this one,
    # which spin for a moment when they have nothing to do, fall asleep meanwhile.
    run()
    times = []
    for _ in range(RUNS_A_TURN):
        start = clock()
        run()
        times.append(clock() - start)
    return statistics.median(times)
