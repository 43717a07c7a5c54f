"""A peer's process, seen from the one that gives it its turns."""

import contextlib
import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import IO, Any, cast

from camera_app.errors import ModelError
from models.compare.files import ROOT, ending
from models.peers.work import Work

PATIENCE_SECONDS = 600
"""Without an answer for so long, a peer hangs."""


def start(name: str, work: Work) -> "Process":
    """The process of the peer called ``name`` in the registry."""
    arguments = (name, str(work.folder.absolute()), work.model, str(work.frames))
    return Process([sys.executable, "-m", "models.peers.child", *arguments])


class Process:
    """A process that answers in lines of JSON.

    Args:
        command: to start it with.
        patience: seconds to wait for an answer.
    """

    def __init__(self, command: Sequence[str], patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed with the process
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        # Popen's types leave open whether there are pipes.
        self._requests = cast(IO[str], self._process.stdin)
        self._answers = cast(IO[str], self._process.stdout)

    def ask(self) -> None:
        """Let it run a block; a process that has ended is found out by :meth:`answer`."""
        with contextlib.suppress(BrokenPipeError):
            self._requests.write("\n")
            self._requests.flush()

    def answer(self) -> dict[str, Any]:
        """Its next line.

        Raises:
            ModelError: it says why there is none, or it has ended, or hangs; says so in words.
        """
        if not select.select([self._answers], [], [], self._patience)[0]:
            raise ModelError(f"gave no answer for {self._patience:g} s")
        line = self._answers.readline()
        if not line:
            raise ModelError(self._how_it_ended())
        answer: dict[str, Any] = json.loads(line)
        if "failure" in answer:
            raise ModelError(answer["failure"])
        return answer

    def close(self) -> None:
        """End it; may be called twice."""
        self._process.kill()
        self._process.wait()
        for file in (self._requests, self._answers, self._errors):
            with contextlib.suppress(BrokenPipeError):  # what was not sent any more
                file.close()

    def _how_it_ended(self) -> str:
        status = self._process.wait()
        self._errors.seek(0)
        words = self._errors.read()
        return f"its process {ending(subprocess.CompletedProcess([], status, '', words))}"
