"""The program as a process of its own, played by one that says what it is told to."""

import subprocess
import sys
from typing import Any

import pytest

from camera_app.bench import start
from camera_app.errors import CameraAppError, RuntimeUnavailableError

LABEL = "print('12:00:00  cat', flush=True)"
MUCH = "print('x' * 300_000, file={}, flush=True)"


def play(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let these lines stand for the program."""
    script = "; ".join(["import sys", *lines])
    popen = subprocess.Popen

    def instead(words: list[str], **options: Any) -> "subprocess.Popen[str]":
        return popen([sys.executable, "-c", script] if "-m" in words else words, **options)

    monkeypatch.setattr(subprocess, "Popen", instead)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "lines",
    [
        (MUCH.format("sys.stderr"), LABEL),
        (LABEL, MUCH.format("sys.stderr")),
        (LABEL, MUCH.format("sys.stdout")),
    ],
)
def test_a_program_that_says_much_is_not_waited_for_in_vain(
    monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...]
) -> None:
    play(monkeypatch, *lines)
    measured, _ = start.measure_start([], ["json"], 1)
    assert measured.first_label_seconds > 0


def test_memory_is_what_is_held_while_it_runs_and_not_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = "held = bytearray(b'x' * 90_000_000)"
    play(monkeypatch, held, LABEL, "import time", "time.sleep(1)", "del held", "time.sleep(0.1)")

    _, memory = start.measure_start([], ["json"], 1)

    assert memory.resident_mb is not None
    assert memory.peak_mb is not None
    assert 90 < memory.resident_mb <= memory.peak_mb


def test_why_there_is_no_label_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    play(monkeypatch, "print('a warning', file=sys.stderr)", "sys.exit('camera_app: no')")
    with pytest.raises(CameraAppError, match=r"gave no label: camera_app: no$"):
        start.measure_start([], ["json"], 1)


def test_what_cannot_be_imported_is_said() -> None:
    with pytest.raises(RuntimeUnavailableError, match="No module named 'no_such'"):
        start.measure_start([], ["no_such"], 1)
