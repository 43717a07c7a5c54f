"""Runs a proof step by step, over restarts of the board, and reports to the host.

A tree that is no running system has no port to the host: there the report is standard output, and
nothing is switched off.

A step is a function: its docstring is its title, what it returns is what was seen, and whatever
it raises makes it fail. The next one runs all the same. Outcomes are kept on the board's disk, so
that a proof goes on where it was before a restart.
"""

import contextlib
import json
import os
import subprocess
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

REPORT = Path("/dev/virtio-ports/board.report")
STATE = Path("/var/lib/board-proof")


@dataclass(frozen=True)
class Restart:
    """What a step returns that restarts the board: the proof goes on with the next one.

    Attributes:
        seen: as other steps return it.
        power_cut: at once, and what is still in memory is lost.
    """

    seen: str
    power_cut: bool = False

    def now(self) -> None:
        """Go down."""
        if self.power_cut:
            Path("/proc/sysrq-trigger").write_text("b")
        subprocess.run(["systemctl", "reboot"], check=True)
        time.sleep(600)


Step = Callable[[], str | Restart]
Seen = TypeVar("Seen")


class NotProvedError(Exception):
    """What was seen is not what was to be shown."""


def check(holds: object, seen: str) -> None:
    """Fail the step with ``seen``, unless it ``holds``."""
    if not holds:
        raise NotProvedError(seen)


def wait_for(look: Callable[[], Seen], seconds: float, what: str, every: float = 0.25) -> Seen:
    """What ``look``, called ``every`` so many seconds, gives once that is true.

    ``seconds`` is generous: an emulated board on a busy machine takes many times a real one's.
    """
    until = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > until:
            raise NotProvedError(f"{what}: not within {seconds:g} s; last seen: {found!r}")
        time.sleep(every)
    return found


def figure(name: str, value: str) -> None:
    """Keep a figure for the table at the end."""
    with (STATE / "figures").open("a") as file:
        file.write(f"{name}: {value}\n")


def tell(line: str) -> None:
    """Print a line on the host."""
    if not REPORT.exists():
        print(line, flush=True)
        return
    with REPORT.open("w") as report:
        report.write(f"{line}\n")


def prove_on_board(steps: Sequence[Step], after: Callable[[], None] = lambda: None) -> None:
    """Run what has not been run, sum up, and switch the board off.

    ``after`` is called behind each step that failed, to put things right for the next one.
    """
    wait_for(REPORT.exists, 60, "the port to the host")
    prove(steps, after)
    subprocess.run(["systemctl", "poweroff"], check=False)


def prove(steps: Sequence[Step], after: Callable[[], None] = lambda: None) -> None:
    """Run what has not been run, and sum up. Arguments: as of :func:`prove_on_board`."""
    STATE.mkdir(exist_ok=True)
    running, outcomes = STATE / "running", STATE / "outcomes"
    while (number := _count(outcomes)) < len(steps):
        step = steps[number]
        if running.exists() and running.read_text() == str(number):
            _keep(outcomes, step, 0.0, "the board went down in the middle of it", passed=False)
            continue
        running.write_text(str(number))
        os.sync()
        started = time.monotonic()
        try:
            seen, passed = step(), True
        except Exception as error:  # a step may fail in any way
            seen, passed = _words(error), False
        seconds = time.monotonic() - started
        if isinstance(seen, Restart):
            _keep(outcomes, step, seconds, seen.seen, passed=True)
            seen.now()
            continue
        _keep(outcomes, step, seconds, seen, passed=passed)
        if not passed:
            with contextlib.suppress(Exception):  # the next step shows what could not be put right
                after()
    _sum_up(outcomes)
    os.sync()


def _keep(outcomes: Path, step: Step, seconds: float, seen: str, *, passed: bool) -> None:
    title = " ".join((step.__doc__ or step.__name__).split()).rstrip(".")
    with outcomes.open("a") as file:
        file.write(json.dumps([title, round(seconds), passed]) + "\n")
        file.flush()
        os.fsync(file.fileno())
    tell(f"{'PASS' if passed else 'FAIL'}  {title} ({seconds:.0f} s): {' '.join(seen.split())}")


def _count(outcomes: Path) -> int:
    return len(outcomes.read_text().splitlines()) if outcomes.exists() else 0


def _words(error: Exception) -> str:
    if isinstance(error, NotProvedError):
        return str(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"


def _sum_up(outcomes: Path) -> None:
    rows = [json.loads(line) for line in outcomes.read_text().splitlines()]
    tell("")
    for title, seconds, passed in rows:
        tell(f"{'PASS' if passed else 'FAIL'} {seconds:5d} s  {title}")
    figures = STATE / "figures"
    if figures.exists():
        tell(f"\n{figures.read_text()}")
    failed = sum(not passed for *_, passed in rows)
    tell(f"{failed} of {len(rows)} steps failed." if failed else f"All {len(rows)} steps passed.")
