"""The wheel: everything the program needs travels in it, and nothing else."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import camera_app

from .conftest import REPOSITORY

PROGRAM = """
from pathlib import Path
import camera_app
from camera_app.config import Config, load_config
from camera_app.inference.bundle import load_bundle

home = Path(camera_app.__file__).parent
assert (home / "config.yaml").is_file()
assert load_config() == Config()
bundle = load_bundle(load_config().model.bundle)
assert bundle.folder.is_relative_to(home)
print(home)
"""


def python(*arguments: str, cwd: Path, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    python(
        *("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"),
        *("--wheel-dir", str(folder), str(REPOSITORY)),
        cwd=folder,
    )
    return next(folder.glob("*.whl"))


def test_version_is_the_packages_own(wheel: Path) -> None:
    assert wheel.name == f"camera_app-{camera_app.__version__}-py3-none-any.whl"


def test_model_and_configuration_travel_and_training_stays(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packed = {name for name in names if not name.endswith(".py") and ".dist-info/" not in name}
    assert {
        "camera_app/config.yaml",
        "camera_app/bundles/fastnet-cifar10/model.tflite",
        "camera_app/bundles/fastnet-cifar10/model.yaml",
        "camera_app/bundles/fastnet-cifar10/model.ncnn.param",
        "camera_app/bundles/fastnet-cifar10/model.ncnn.bin",
    } <= packed
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"camera_app"}
    assert not [name for name in names if name.endswith("weights.npz")]


def test_installed_it_runs_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    python(
        *("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)),
        str(wheel),
        cwd=elsewhere,
    )
    version = python("-m", "camera_app", "--version", cwd=elsewhere, PYTHONPATH=str(site))
    assert camera_app.__version__ in version
    home = python("-c", PROGRAM, cwd=elsewhere, PYTHONPATH=str(site))
    assert Path(home.strip()) == site / "camera_app"
    assert (site / "bin/camera-app").is_file()
