"""Which runtime, and how many threads: measured on the machine, not guessed.

Which is best differs by board: on one x86-64 core LiteRT ran FastNet 5 times as fast as
tflite-runtime and more threads made the latter slower; on a Cortex-A53 tflite-runtime takes fewer
instructions than LiteRT, and ncnn a third of those.
"""

import logging
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from camera_app.errors import CameraAppError, ModelError, RuntimeUnavailableError
from camera_app.inference.bundle import Bundle
from camera_app.inference.first_run import FirstRun
from camera_app.inference.libraries import MODULES, VERIFYING
from camera_app.inference.proof import known_pictures, open_proven
from camera_app.inference.remembered import Remembered
from camera_app.inference.runtimes import Candidate, OpenedRuntime, Runtime, open_runtime

if TYPE_CHECKING:
    from camera_app.inference.trials import Trial

logger = logging.getLogger(__name__)

AUTO: Literal["auto"] = "auto"

MAX_THREADS = 4
"""More are not tried: FastNet's layers are too small to keep five cores busy."""

ANOTHER_RUNTIME = "another runtime is used: %s"

WORTH_A_THREAD = 0.9
"""More threads must cut the time to this share: idle cores are the camera's and the window's."""


def choose_runtime(
    bundle: Bundle, runtime: str = AUTO, threads: int | Literal["auto"] = AUTO
) -> tuple[Runtime, str]:
    """Open the bundle's net on the best runtime there is.

    This process loads no library but that of the runtime which it opens: what works here and how
    fast it is was measured by another process, or before.

    Args:
        bundle: the model.
        runtime: ``"litert"``, ``"tflite-runtime"``, ``"ncnn"``, ``"ncnn-float16"``, or ``"auto"``
            for the fastest of those that work here.
        threads: a number, or ``"auto"`` for the fastest of 1, 2 and up to 4, as the machine has
            cores; more only where they save a tenth of the time.

    Returns:
        The opened runtime, and one sentence that says what was chosen and what was measured.

    Raises:
        RuntimeUnavailableError: the runtime asked for, or any, does not work on this machine.
        ModelError: no runtime can run the net, or it is not what the bundle says, or answers
            nonsense.
    """
    libraries = tuple(MODULES) if runtime == AUTO else (runtime,)
    cores = usable_cores()
    counts = (threads,) if isinstance(threads, int) else _thread_counts(cores)
    candidates = [Candidate(library, count) for count in counts for library in libraries]
    remembered = Remembered(bundle, candidates, cores)
    seconds, when = remembered.recall(), "measured before"
    if seconds is None and len(candidates) == 1 and runtime in VERIFYING:
        (only,) = candidates  # nothing to compare, and what it is given cannot do it any harm
        proven = open_proven(only.library, bundle, only.threads)
        remembered.keep({only: _seconds_of_a_run(proven, bundle)})
        return proven, f"runs on {_named(only)}"
    if seconds is None:
        from camera_app.inference.trials import try_out  # here: most starts measure nothing

        seconds, when = _working(try_out(bundle, candidates)), "measured"
        remembered.keep(seconds)
    with remembered.forgotten_meanwhile():
        chosen, untried = _open_best(bundle, seconds)
    opened = FirstRun(untried, remembered)
    if len(candidates) == 1:
        return opened, f"runs on {_named(chosen)}"
    others = ", ".join(
        f"{_named(other)} {seconds[other] * 1e3:.1f} ms"
        for other in sorted(seconds, key=seconds.__getitem__)
        if other != chosen
    )
    return opened, (
        f"runs on {_named(chosen)}, {when} at {seconds[chosen] * 1e3:.1f} ms a picture"
        + (f" ({others})" if others else "")
    )


def pick(seconds: Mapping[Candidate, float]) -> Candidate:
    """The fastest candidate, or one with fewer threads that is nearly as fast.

    Args:
        seconds: that each takes for a picture; at least one.
    """
    limit = min(seconds.values()) / WORTH_A_THREAD
    good = [candidate for candidate in seconds if seconds[candidate] <= limit]
    return min(good, key=lambda candidate: (candidate.threads, seconds[candidate]))


def _seconds_of_a_run(runtime: Runtime, bundle: Bundle) -> float:
    picture = known_pictures(bundle.input_size)[0]
    began = time.perf_counter()
    runtime.run(picture)
    return time.perf_counter() - began


def _working(trials: "Mapping[Candidate, Trial]") -> dict[Candidate, float]:
    """Seconds of the candidates that work; tells of a net that others refuse.

    Raises:
        RuntimeUnavailableError: none works on this machine; says why for each.
        ModelError: a runtime works, and none takes the net.
    """
    seconds = {
        candidate: trial.seconds for candidate, trial in trials.items() if trial.seconds is not None
    }
    refused = dict.fromkeys(trial.refusal for trial in trials.values() if trial.refuses_net)
    if seconds:
        for refusal in refused:
            logger.warning(ANOTHER_RUNTIME, refusal)
        return seconds
    for refusal in refused:
        raise ModelError(refusal)
    raise RuntimeUnavailableError(
        "; ".join(dict.fromkeys(trial.refusal for trial in trials.values()))
    )


def _open_best(
    bundle: Bundle, seconds: Mapping[Candidate, float]
) -> tuple[Candidate, OpenedRuntime]:
    """The best candidate that opens: in a process with TensorFlow in it, not all do."""
    left = dict(seconds)
    while True:
        chosen = pick(left)
        try:
            return chosen, open_runtime(chosen.library, bundle, chosen.threads, tried=True)
        except CameraAppError as error:
            # It would say the same with another number of threads.
            left = {other: left[other] for other in left if other.library != chosen.library}
            if not left:
                raise
            level = logging.WARNING if isinstance(error, ModelError) else logging.DEBUG
            logger.log(level, ANOTHER_RUNTIME, error)


def usable_cores() -> int:
    """Cores that this process may use: containers and taskset leave it fewer than there are."""
    on_linux = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if on_linux else os.cpu_count() or 1


def _thread_counts(cores: int) -> tuple[int, ...]:
    return tuple(sorted({1, min(2, cores), min(MAX_THREADS, cores)}))


def _named(candidate: Candidate) -> str:
    library, threads = candidate
    return f"{library} with {threads} thread{'s' if threads > 1 else ''}"
