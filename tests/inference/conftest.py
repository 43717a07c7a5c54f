"""The shipped bundle, and copies of it that a test may damage."""

import errno
import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.preprocess import crop_resize
from camera_app.sources.scenes import SCENES

Describe = Callable[..., Path]
"""Of the fixture :func:`describe`."""


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return load_bundle("fastnet-cifar10")


@pytest.fixture
def copied(bundle: Bundle, tmp_path: Path) -> Path:
    """A folder with a copy of the shipped bundle."""
    folder = tmp_path / "copied"
    folder.mkdir()
    for file in bundle.folder.glob("model.*"):
        shutil.copyfile(file, folder / file.name)
    return folder


@pytest.fixture
def describe(copied: Path) -> Describe:
    """Changes keys of the copy's model.yaml; a value of None takes the key out."""

    def change(**keys: Any) -> Path:
        file = copied / "model.yaml"
        description = yaml.safe_load(file.read_text()) | keys
        description = {key: value for key, value in description.items() if value is not None}
        file.write_text(yaml.safe_dump(description))
        return copied

    return change


@pytest.fixture
def replace_net(describe: Describe) -> Callable[[bytes], Path]:
    """Puts another net into the copy, with the checksums to match."""

    def replace(net: bytes) -> Path:
        sha256, crc32 = hashlib.sha256(net).hexdigest(), f"{zlib.crc32(net):08x}"
        folder = describe(sha256=sha256, crc32=crc32)
        (folder / "model.tflite").write_bytes(net)
        return folder

    return replace


@pytest.fixture
def no_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no place for temporary files, as on a card that is full or read-only."""

    def full(*_: object, **__: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "_get_default_tempdir", full)
    monkeypatch.setattr(tempfile, "tempdir", None)


def demo_pictures() -> list[NDArray[np.uint8]]:
    """The demo's scenes (32, 32, 3): what the shipped net is sure of."""
    return [crop_resize(scene.draw(160, 120, 1.0), 32) for scene in SCENES]


def refusal(folder: str | Path) -> str:
    """The sentence with which a bundle is refused."""
    with pytest.raises(ModelError) as error:
        load_bundle(folder)
    message = str(error.value)
    assert "\n" not in message
    return message


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test alone remembers."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "camera-app"
