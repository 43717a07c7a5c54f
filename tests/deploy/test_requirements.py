"""deploy/requirements.py: the project's dependencies as this interpreter can have them."""

import importlib.machinery
import importlib.util
import platform
import struct
import sys
from types import ModuleType
from typing import Any

import pytest

from .conftest import REPOSITORY

PROJECT: dict[str, Any] = {
    "name": "camera-app",
    "dependencies": ["numpy>=2", "opencv-python==4.10.0.84; platform_machine != 'armv7l'"],
    "optional-dependencies": {"train": ["keras>=3"], "test": ["camera-app[train]", "pytest"]},
}


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "requirements_script", REPOSITORY / "deploy/requirements.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def become_32_bit_arm(monkeypatch: pytest.MonkeyPatch, machine: str) -> None:
    monkeypatch.setattr(struct, "calcsize", {"P": 4}.__getitem__)
    monkeypatch.setattr(platform, "machine", lambda: machine)


def test_an_extra_brings_what_it_names(script: ModuleType) -> None:
    assert script.requirements(PROJECT, []) == PROJECT["dependencies"]
    lines = script.requirements(PROJECT, ["test"])
    assert lines == ["numpy>=2", PROJECT["dependencies"][1], "keras>=3", "pytest"]


# Raspberry Pi OS in 32 bits runs on a 64-bit kernel, where the machine is called aarch64.
@pytest.mark.parametrize("machine", ["armv7l", "aarch64"])
def test_32_bit_arm_has_opencv_from_apt(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, machine: str
) -> None:
    become_32_bit_arm(monkeypatch, machine)
    assert script.needs_system_packages()
    assert not script.has_wheel(PROJECT["dependencies"][1])
    assert script.has_wheel("tflite-runtime==2.14.0; python_version < '3.12'")
    assert script.has_wheel("ncnn>=1.0; sys_platform == 'linux'")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_64_bit_machines_have_every_wheel(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, machine: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert script.has_wheel(PROJECT["dependencies"][1])


@pytest.mark.parametrize("installed", [True, False])
def test_system_packages_are_seen_where_picamera2_is(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    spec = importlib.machinery.ModuleSpec("picamera2", None) if installed else None
    monkeypatch.setattr(importlib.util, "find_spec", {"picamera2": spec}.__getitem__)
    assert script.needs_system_packages() == installed


def test_the_first_line_describes_the_interpreter(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["requirements.py"])
    script.main()
    header = capsys.readouterr().out.splitlines()[0]
    become_32_bit_arm(monkeypatch, "armv7l")
    script.main()
    on_arm = capsys.readouterr().out.splitlines()[0]
    assert header.startswith("# /")
    assert ", {}.{}, ".format(*sys.version_info) in header
    assert "32-bit ARM" not in header
    assert on_arm.endswith(", with system packages, 32-bit ARM")


def test_an_update_within_the_same_python_is_the_same_interpreter(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["requirements.py"])
    lines = []
    for version, info, built in [
        ("3.13.5", (3, 13, 5, "final", 0), "Jun 25 2025"),
        ("3.13.9", (3, 13, 9, "final", 0), "Nov  1 2025"),
        ("3.14.0", (3, 14, 0, "final", 0), "Nov  1 2025"),
    ]:
        monkeypatch.setattr("sys.version_info", info)
        monkeypatch.setattr("sys.version", f"{version} (main, {built}, 10:00:00) [GCC 14.2.0]")
        script.main()
        lines.append(capsys.readouterr().out.splitlines()[0])
    assert lines[0] == lines[1] != lines[2]
