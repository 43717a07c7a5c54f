"""A machine made of files in a folder and programs that answer as they are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from camera_app.doctor.machine import Answer, Machine

PYTHON = "/usr/bin/python3"
SYSTEMCTL = "systemctl show camera-app"
PROBE = f"{PYTHON} -m camera_app.doctor.probe"


@dataclass
class Board:
    """What :class:`Machine` is made of.

    Attributes:
        root: where its files are.
        answers: of programs, by how their command begins.
        asked: every command, in order.
    """

    root: Path
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    free: int | None = 5_000_000_000
    groups: frozenset[str] = frozenset({"pi", "video"})
    is_root: bool = False
    python: str = PYTHON
    environment: Mapping[str, str] = field(default_factory=lambda: {"USER": "pi"})

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def answer(self, words: Sequence[str]) -> Answer | None:
        command = " ".join(words)
        self.asked.append(command)
        matching = [said for begin, said in self.answers.items() if command.startswith(begin)]
        return matching[0] if matching else None

    @property
    def machine(self) -> Machine:
        return Machine(
            root=self.root,
            environment=self.environment,
            is_root=self.is_root,
            groups=self.groups,
            python=self.python,
            run=self.answer,
            free=lambda _path: self.free,
        )


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)
