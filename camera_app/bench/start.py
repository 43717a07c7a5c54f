"""The program from outside, as a process of its own: time to the first label, and memory."""

import contextlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from camera_app.bench.memory import Memory, memory_of
from camera_app.errors import CameraAppError, RuntimeUnavailableError
from camera_app.folders import python_environment

POLL_SECONDS = 0.02
"""Between two looks at the memory of the process."""

_LABEL = re.compile(r"\d\d:\d\d:\d\d  \S")
"""How the terminal prints a label; it prints the first one at once."""


@dataclass(frozen=True)
class Start:
    """What starting costs; seconds from asking the system for the process."""

    first_label_seconds: float
    imports_seconds: float


def measure_start(
    options: Sequence[str],
    modules: Sequence[str],
    times: int,
    *,
    before_each: Callable[[], object] = lambda: None,
) -> tuple[Start, Memory]:
    """Run the program ``times`` over, in turn with a Python that only imports ``modules``.

    Args:
        options: of ``python -m camera_app``; it must label frames headless and end by itself.
        modules: what no faster program could do without.
        times: runs whose median is taken.
        before_each: called before each run of the program.

    Returns:
        The times, and the memory of the last run: what it held at most, and most of the time from
        its first label on.

    Raises:
        CameraAppError: the program or the imports fail; says what they printed.
    """
    labels, imports, memory = [], [], Memory(None, None)
    for _ in range(times):
        imports.append(_import(modules))
        before_each()
        seconds, memory = _run(options)
        labels.append(seconds)
    return Start(statistics.median(labels), statistics.median(imports)), memory


def _import(modules: Sequence[str]) -> float:
    start = time.perf_counter()
    words = ("-c", f"import {', '.join(modules)}; print(flush=True)")
    with _errors() as errors, _python(*words, errors=errors) as process:
        line = process.stdout.readline() if process.stdout else ""
        seconds = time.perf_counter() - start
        process.communicate()
        said = _last_line(errors)
    if not line:
        raise RuntimeUnavailableError(f"cannot import {', '.join(modules)}: {said}")
    return seconds


def _run(options: Sequence[str]) -> tuple[float, Memory]:
    """Seconds to the first label, and what the process held from there on."""
    seconds = None
    residents: list[float] = []
    peak = None
    start = time.perf_counter()
    words = ("-m", "camera_app", *options)
    with _errors() as errors, _python(*words, errors=errors) as process:
        for line in process.stdout or ():
            if _LABEL.match(line):
                seconds = time.perf_counter() - start
                break
        while process.poll() is None:
            seen = memory_of(process.pid)
            if seen.resident_mb is not None:
                residents.append(seen.resident_mb)
                peak = seen.peak_mb
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=POLL_SECONDS)  # a pipe that is full holds the program
        said = _last_line(errors)
    if seconds is None:
        raise CameraAppError(f"the program gave no label: {said or 'it said nothing'}")
    # The median, since in the end it lets go of much before it is gone.
    return seconds, Memory(statistics.median(residents) if residents else None, peak)


def _errors() -> IO[str]:
    """Where a process complains: a file takes more than a pipe that nobody reads meanwhile."""
    return tempfile.TemporaryFile("w+", errors="replace")


def _last_line(errors: IO[str]) -> str:
    """Where the reason stands, below what was only a warning."""
    errors.seek(0)
    return errors.read().strip().rpartition("\n")[2]


def _python(*arguments: str, errors: IO[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-P", *arguments],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        errors="replace",
        env=python_environment(),
    )
