"""The benchmark on the real program; no test here asserts how long anything takes."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from camera_app.bench.clip import moving_pictures
from camera_app.cli import main
from tests.end_to_end import EMULATED, RUNTIME, write_video

QUICK = ["--set", f"model.runtime={RUNTIME}", "--set", "model.threads=1"]
"""Measures one candidate instead of choosing among all."""

SECONDS = 8 if EMULATED else 1
"""In front of a camera: enough for a few labels."""


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 pictures, 160x120."""
    path = tmp_path_factory.mktemp("bench") / "small.mp4"
    return write_video(path, list(moving_pictures(40, 160, 120)), fps=30.0)


Bench = Callable[..., Any]


@pytest.fixture
def bench(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Runs the benchmark without a display, and gives what it prints in JSON."""
    monkeypatch.delenv("DISPLAY", raising=False)

    def run(*words: object) -> Any:
        assert main(["bench", "--json", *map(str, words), *QUICK]) == 0
        report = json.loads(capsys.readouterr().out)
        assert all(math.isfinite(number) for number in numbers_in(report))
        return report

    return run


@pytest.fixture
def told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[str]]:
    """Runs the benchmark without a display, and gives the lines it prints for a person."""
    monkeypatch.delenv("DISPLAY", raising=False)

    def run(*words: object) -> list[str]:
        assert main(["bench", *map(str, words), *QUICK]) == 0
        return capsys.readouterr().out.splitlines()

    return run


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers_in(inner)]
    return [value] if isinstance(value, int | float) else []
