"""Whoever starts a tool here without its packages is told how to come by them, on Debian too."""

import os
import signal
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_missing_packages_are_one_sentence_with_an_environment_for_them() -> None:
    # -S leaves out what is installed, as on a machine that has only the system's Python.
    run = subprocess.run(
        [sys.executable, "-S", "-m", "models.photographs"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert run.stderr.startswith("models: keras, matplotlib, tensorflow, tqdm not installed; ")
    assert run.stderr.count("\n") == 1
    readme = (REPOSITORY / "models/README.md").read_text("utf-8")
    for step in ("python3 -m venv .venv-train", ".venv-train/bin/pip install '.[train,torch]'"):
        assert step in run.stderr
        assert f"    {step}\n" in readme


def train_with(folder: Path, keras: str) -> "subprocess.CompletedProcess[str]":
    """Start training where importing keras is to run the line ``keras``."""
    (folder / "keras.py").write_text(f"{keras}\n")
    return subprocess.run(
        [sys.executable, "-m", "models.train"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_ctrl_c_while_packages_are_imported_is_no_traceback(tmp_path: Path) -> None:
    run = train_with(tmp_path, "raise KeyboardInterrupt")

    assert run.returncode == -signal.SIGINT
    assert "Traceback" not in run.stderr


def test_any_other_error_while_packages_are_imported_is_told(tmp_path: Path) -> None:
    run = train_with(tmp_path, "raise ImportError('no such symbol')")

    assert run.returncode == 1
    assert "no such symbol" in run.stderr
