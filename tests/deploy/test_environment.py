"""The dependencies that pyproject.toml declares: only what runs together, and it does run."""

import importlib.metadata
import itertools
import platform
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from camera_app.inference.bundle import load_bundle
from camera_app.inference.libraries import MODULES, PACKAGES
from camera_app.inference.runtimes import open_runtime

PROJECT: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = ("x86_64", "aarch64", "armv7l")


def declared(python: str, machine: str) -> dict[str, Requirement]:
    """What `pip install .` asks for on a Linux machine, by name."""
    environment = {
        "python_version": python,
        "platform_machine": machine,
        "sys_platform": "linux",
        "extra": "",
    }
    everything = map(Requirement, PROJECT["dependencies"])
    return {
        requirement.name: requirement
        for requirement in everything
        if requirement.marker is None or requirement.marker.evaluate(environment)
    }


@pytest.mark.parametrize(("python", "machine"), list(itertools.product(PYTHONS, MACHINES)))
def test_only_what_runs_together_is_declared(python: str, machine: str) -> None:
    wanted = declared(python, machine)
    numpy_1, numpy_2 = (wanted["numpy"].specifier.contains(v) for v in ("1.26.4", "2.2.6"))
    assert numpy_1 != numpy_2, "either kind of numpy, so what is compiled for one is safe"
    # tflite-runtime 2.14.0 dies in Interpreter() under numpy 2 and has no wheel after 3.11.
    assert ("tflite-runtime" in wanted) == numpy_1
    # Raspberry Pi OS 12 and 13: apt's picamera2 is compiled for this numpy.
    assert {"3.11": "1.24.2", "3.13": "2.2.4"}.get(python, "2.2.6") in wanted["numpy"].specifier
    if "opencv-python" in wanted:
        # opencv/opencv#27166: 4.11 flattens BGR3 frames.
        assert "4.11.0.86" not in wanted["opencv-python"].specifier


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("python", PYTHONS)
def test_every_64_bit_machine_gets_opencv_and_a_runtime(python: str, machine: str) -> None:
    assert {"opencv-python", "ai-edge-litert"} <= declared(python, machine).keys()


def test_32_bit_arm_is_asked_for_nothing_without_a_wheel() -> None:
    assert declared("3.11", "armv7l").keys() == {"ncnn", "numpy", "pyyaml", "tflite-runtime"}


@pytest.mark.parametrize(("python", "machine"), list(itertools.product(PYTHONS, MACHINES)))
def test_every_machine_gets_a_runtime(python: str, machine: str) -> None:
    # The only one for a 32-bit Trixie.
    assert "ncnn" in declared(python, machine)


def test_what_is_installed_is_what_is_declared() -> None:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    for requirement in declared(python, platform.machine()).values():
        installed = importlib.metadata.version(requirement.name)
        assert Version(installed) in requirement.specifier, f"{requirement}, not {installed}"


@pytest.mark.parametrize("library", sorted(MODULES.keys() - {"ncnn-float16"}))
def test_every_runtime_installed_runs_the_shipped_net(library: str) -> None:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    if PACKAGES[library] not in declared(python, platform.machine()):
        with pytest.raises(importlib.metadata.PackageNotFoundError):
            importlib.metadata.version(PACKAGES[library])
        return
    bundle = load_bundle("fastnet-cifar10")
    runtime = open_runtime(library, bundle, 1)
    logits = runtime.run(np.full((bundle.input_size, bundle.input_size, 3), 127, np.uint8))
    assert logits.shape == (len(bundle.labels),)
    assert np.isfinite(logits).all()
    assert logits.std() > 0
    runtime.close()
