"""Runtimes tried on a net, each as often as it takes to know its speed, in a process of its own.

A library that has been loaded stays in memory: three of them take 20 MB more than the one that is
used. And one that does not fit the machine crashes or hangs; here it takes nobody along.
"""

import contextlib
import json
import logging
import math
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from camera_app.arrays import NDArray
from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.folders import python_environment
from camera_app.inference.bundle import Bundle
from camera_app.inference.libraries import MODULES, TRIAL_SECONDS, leave_no_core
from camera_app.inference.proof import open_proven
from camera_app.inference.runtimes import Candidate, Runtime

logger = logging.getLogger(__name__)

BUDGET_SECONDS = 1.0
"""What all measurements together may take, where a picture takes less than 20 ms: it is spent once,
and what is found stands for long."""

MIN_RUNS, MAX_RUNS = 3, 30
"""Runs of each candidate: among three one is undisturbed, thirty settle it."""

QUICK_SHARE = 0.25
"""A candidate's time is the slowest of so many of its quickest runs. Boards are busy when they
start, which only ever adds to a time, and what is found then is remembered: with another program
on all cores LiteRT's medians were 14.7 and 28.8 ms, and this 2.6."""

HOPELESS = 2.0
"""A candidate whose first runs all take so many times the best time is not measured further."""


class Trial(NamedTuple):
    """How a candidate did.

    Attributes:
        seconds: that a picture takes; None if the candidate does not work.
        refusal: why it does not, in a sentence.
        refuses_net: whether it is the net that it does not run, and not the machine.
    """

    seconds: float | None
    refusal: str = ""
    refuses_net: bool = False


def try_out(
    bundle: Bundle, candidates: Sequence[Candidate], *, limit_seconds: int = TRIAL_SECONDS
) -> dict[Candidate, Trial]:
    """How each candidate does, found out in a child process.

    A library that ends the child, or does not come to an end there, does not work; the others are
    tried in another.

    Args:
        bundle: the model.
        candidates: in the order in which they are tried; an earlier one that is quick saves time.
        limit_seconds: a candidate that takes longer hangs.

    Returns:
        A trial of each; only one of a library that ended the child.

    Raises:
        RuntimeUnavailableError: the system starts no further process.
    """
    trials: dict[Candidate, Trial] = {}
    left = list(candidates)
    while left:
        found, status = _in_child(bundle, left, limit_seconds)
        trials.update(zip(left, found, strict=False))
        left = left[len(found) :]
        if left:
            dead = left[0]
            end = f"hangs for {limit_seconds} s" if status == -signal.SIGALRM else _ended(status)
            trials[dead] = Trial(None, f"{dead.library} does not work here: it {end}")
            left = [candidate for candidate in left if not _shares_the_end(candidate, dead, status)]
    for candidate, trial in trials.items():
        if trial.seconds is None:
            logger.debug("%s: %s", candidate.library, trial.refusal)
    return trials


def try_each(
    openers: Sequence[Callable[[], Runtime]],
    crop: NDArray[np.uint8],
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[Trial]:
    """How each candidate does, in this process.

    They are opened, measured and closed one after the other: each holds the net in a form of its
    own, up to 30 MB, and idle threads of one would still be spinning in the way of the next.

    Args:
        openers: each opens a candidate.
        crop: (S, S, 3) uint8; which picture it is makes no difference to a dense net.
        clock: seconds.
    """
    best: float | None = None
    for candidate in openers:
        try:
            with contextlib.closing(candidate()) as opened:
                seconds = _time(opened, crop, BUDGET_SECONDS / len(openers), best, clock)
        except (RuntimeUnavailableError, ModelError) as error:
            yield Trial(None, str(error), isinstance(error, ModelError))
        else:
            best = min(seconds, best or seconds)
            yield Trial(seconds)


def _time(
    opened: Runtime,
    crop: NDArray[np.uint8],
    budget: float,
    best: float | None,
    clock: Callable[[], float],
) -> float:
    """Seconds of a quick run among a few; only of the fewest, if those show no hope."""
    begin = clock()
    opened.run(crop)
    runs: list[float] = []
    while len(runs) < MIN_RUNS or (len(runs) < MAX_RUNS and clock() - begin < budget):
        start = clock()
        opened.run(crop)
        runs.append(clock() - start)
        if len(runs) == MIN_RUNS and best is not None and min(runs) > HOPELESS * best:
            break
    return sorted(runs)[math.ceil(QUICK_SHARE * len(runs)) - 1]


def _in_child(
    bundle: Bundle, candidates: Sequence[Candidate], limit_seconds: int
) -> tuple[list[Trial], int]:
    """What the child found until it ended, and its exit status.

    It is no fork: a program that runs has threads, and in a copy that lacks them a lock which one
    of them held is never let go.
    """
    # Plain tuples: in the child, where this module is the main one, a Candidate is another class.
    asked = (bundle, [tuple(candidate) for candidate in candidates], limit_seconds)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__],
            input=pickle.dumps(asked),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=python_environment(),
            check=False,
        )
    except OSError as error:
        raise RuntimeUnavailableError(
            f"no process can be started to try the runtimes in ({error.strerror}); "
            "set model.runtime to litert and model.threads to 1"
        ) from error
    # The last line may have been cut short.
    lines = done.stdout.decode(errors="replace").split("\n")[:-1]
    return [Trial(**json.loads(line)) for line in lines], done.returncode


def _shares_the_end(candidate: Candidate, dead: Candidate, status: int) -> bool:
    """Whether a candidate is not worth another try where ``dead`` came to no good end.

    A module that hangs does so for whatever it is asked; but ncnn's float16 may be the one thing
    of it that a processor lacks.
    """
    if status == -signal.SIGALRM:
        return MODULES[candidate.library] == MODULES[dead.library]
    return candidate.library == dead.library


def _ended(status: int) -> str:
    return f"ends its process with {signal.Signals(-status).name if status < 0 else 'an error'}"


def _main() -> None:
    """The child: what to try comes on standard input, what is found goes out line by line."""
    bundle, candidates, limit_seconds = pickle.load(sys.stdin.buffer)  # noqa: S301  the parent's
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a library that prints must not get in between
    leave_no_core()
    # The system ends a process that hangs, also in native code.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    grey = np.full((bundle.input_size, bundle.input_size, 3), 128, np.uint8)

    def opener(library: str, threads: int) -> Callable[[], Runtime]:
        def open_in_time() -> Runtime:
            signal.alarm(limit_seconds)
            return open_proven(library, bundle, threads)

        return open_in_time

    for trial in try_each([opener(*candidate) for candidate in candidates], grey):
        print(json.dumps(trial._asdict()), file=answers, flush=True)
    os._exit(0)  # what libraries do when they are unloaded is no concern of anybody's


if __name__ == "__main__":
    _main()
