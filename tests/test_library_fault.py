"""Where an environment is the program's own, the way out of damage is to have it made anew."""

import sys
from pathlib import Path

import pytest

from camera_app.library_fault import library_fault


def test_damage_in_an_environment_that_was_made_for_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "a venv"))
    error = SyntaxError("source code cannot contain null bytes")
    assert "pip install --force-reinstall" in str(library_fault(error, "NumPy"))
    (tmp_path / "a venv").mkdir()
    (tmp_path / "a venv/camera-app-ready").touch()
    assert str(library_fault(error, "NumPy")) == (
        "NumPy is damaged, or does not fit another (SyntaxError: source code cannot contain null "
        f"bytes); `rm '{tmp_path}/a venv/camera-app-ready'`, and `sh deploy/run.sh`, or `sudo sh "
        "deploy/install.sh` for the service, installs all anew"
    )
