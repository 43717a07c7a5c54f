"""The machine that is looked at: its files, its programs, and who asks.

Everything that a check learns it learns through here, so that tests can show it any machine.
"""

import grp
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from camera_app.folders import python_environment

PATIENCE_SECONDS = 60.0
"""For a program to answer: importing picamera2 on the smallest board takes ten."""


@dataclass(frozen=True)
class Answer:
    """What a program said.

    Attributes:
        status: its exit status; negative for the signal that killed it.
        output: what it printed, on both streams, without space around it.
    """

    status: int
    output: str

    @property
    def last_line(self) -> str:
        """Where an error usually stands; empty if nothing was printed."""
        return self.output.rpartition("\n")[2]


def run_program(words: Sequence[str]) -> Answer | None:
    """Run a program to its end; None if there is no such program, or it does not come to one."""
    try:
        done = subprocess.run(
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**python_environment(), "LC_ALL": "C"},
            timeout=PATIENCE_SECONDS,
            check=False,
            text=True,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Answer(done.returncode, done.stdout.strip())


def groups_of_this_process() -> frozenset[str]:
    """Names of the groups whose rights this process has."""
    names = set()
    for number in {os.getegid(), *os.getgroups()}:
        try:
            names.add(grp.getgrgid(number).gr_name)
        except KeyError:  # a group without a name
            continue
    return frozenset(names)


def free_bytes(path: Path) -> int | None:
    """What is free for everybody where ``path`` lies, or would lie."""
    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


@dataclass(frozen=True)
class Machine:
    """What the checks look at.

    Attributes:
        root: of its files.
        environment: variables of whoever asks.
        is_root: whether root asks.
        groups: whose rights the asker has.
        python: the interpreter that runs the program.
        run: runs a program; see :func:`run_program`.
        free: says how much is free; see :func:`free_bytes`.
    """

    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    is_root: bool = field(default_factory=lambda: os.geteuid() == 0)
    groups: frozenset[str] = field(default_factory=groups_of_this_process)
    python: str = sys.executable
    run: Callable[[Sequence[str]], Answer | None] = run_program
    free: Callable[[Path], int | None] = free_bytes

    def read(self, path: str) -> str | None:
        """A file's text without space around it; None if it cannot be read."""
        try:
            return (self.root / path).read_text("utf-8", "replace").strip().strip("\0")
        except OSError:
            return None

    @property
    def board(self) -> str | None:
        """The board's model, e.g. ``Raspberry Pi 5 Model B Rev 1.0``; None on a PC."""
        return self.read("proc/device-tree/model")
