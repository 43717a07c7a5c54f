"""The program from outside, as a process of its own: time to the first label, and memory."""

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

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
    options: Sequence[str], modules: Sequence[str], times: int
) -> tuple[Start, Memory]:
    """Run the program ``times`` over, in turn with a Python that only imports ``modules``.

    Args:
        options: of ``python -m camera_app``; it must label frames headless and end by itself.
        modules: what no faster program could do without.
        times: runs whose median is taken.

    Returns:
        The times, and the memory of the last run as it was when last seen.

    Raises:
        CameraAppError: the program or the imports fail; says what they printed.
    """
    labels, imports, memory = [], [], Memory(None, None)
    for _ in range(times):
        imports.append(_import(modules))
        seconds, memory = _run(options)
        labels.append(seconds)
    return Start(statistics.median(labels), statistics.median(imports)), memory


def _import(modules: Sequence[str]) -> float:
    start = time.perf_counter()
    with _python("-c", f"import {', '.join(modules)}; print(flush=True)") as process:
        line = process.stdout.readline() if process.stdout else ""
        seconds = time.perf_counter() - start
        _, errors = process.communicate()
    if not line:
        raise RuntimeUnavailableError(f"cannot import {', '.join(modules)}: {errors.strip()}")
    return seconds


def _run(options: Sequence[str]) -> tuple[float, Memory]:
    """Seconds to the first label, and what the process held when it was last seen."""
    seconds = None
    memory = Memory(None, None)
    start = time.perf_counter()
    with _python("-m", "camera_app", *options) as process:
        for line in process.stdout or ():
            if _LABEL.match(line):
                seconds = time.perf_counter() - start
                break
        while process.poll() is None:
            seen = memory_of(process.pid)
            memory = seen if seen.peak_mb is not None else memory
            time.sleep(POLL_SECONDS)
        _, errors = process.communicate()
    if seconds is None:
        raise CameraAppError(f"the program gave no label: {errors.strip() or 'it said nothing'}")
    return seconds, memory


def _python(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=python_environment(),
    )
