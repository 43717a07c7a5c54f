"""What conversion leaves in a folder, and how it is asked to: a process for each file."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import models

Precision = Literal["int8", "float"]
PRECISIONS: tuple[Precision, ...] = ("int8", "float")

ROOT = Path(models.__file__).parents[1]
"""Where ``python -m models...`` finds this package."""


@dataclass(frozen=True)
class Converted:
    """One architecture as files.

    Attributes:
        parameters: that training changes; None where it could not be built.
        multiply_adds: of one picture; None likewise.
        files: .tflite by precision, those that could be made.
        failures: a sentence for each that could not.
    """

    parameters: int | None
    multiply_adds: int | None
    files: Mapping[Precision, Path]
    failures: tuple[str, ...]


def net_file(folder: Path, name: str, precision: Precision) -> Path:
    """Where the net lies."""
    return folder / f"{name}.{precision}.tflite"


def facts_file(folder: Path, name: str, precision: Precision) -> Path:
    """Where the counts and the failure, if there was one, lie."""
    return folder / f"{name}.{precision}.json"


def run_module(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``python -m module``, quietly and with TensorFlow behind Keras."""
    quiet = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        check=False,
    )


def converted(name: str, folder: Path, precisions: Sequence[Precision] = PRECISIONS) -> Converted:
    """Have an architecture converted into ``folder``; never raises for what the converter does."""
    parameters = multiply_adds = None
    files: dict[Precision, Path] = {}
    failures = []
    for precision in precisions:
        process = run_module("models.compare.convert", name, precision, str(folder.absolute()))
        if process.returncode != 0:
            failures.append(f"its {precision} conversion {ending(process)}")
            continue
        facts = json.loads(facts_file(folder, name, precision).read_text())
        parameters, multiply_adds = facts["parameters"], facts["multiply_adds"]
        if facts["failure"] is None:
            files[precision] = net_file(folder, name, precision)
        else:
            failures.append(facts["failure"])
    return Converted(parameters, multiply_adds, files, tuple(failures))


def ending(process: subprocess.CompletedProcess[str]) -> str:
    """How a process failed: "was killed by signal 9", or "failed (…)" with its last words."""
    if process.returncode < 0:
        return f"was killed by signal {-process.returncode}"
    words = process.stderr.strip().splitlines()
    return f"failed ({words[-1] if words else f'exit status {process.returncode}'})"
