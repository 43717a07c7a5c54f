"""A bundle gets its net for ncnn, and nothing else of it changes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from camera_app.errors import ModelError
from camera_app.inference.bundle import load_bundle
from camera_app.inference.runtimes import open_runtime
from models.data import LabelledPictures
from models.evaluate import runtime_logits
from models.ncnn_files import folded_net, main

MakePictures = Callable[..., LabelledPictures]
FILES = ("model.ncnn.param", "model.ncnn.bin")


@pytest.fixture
def bundle(tmp_path: Path, export_random: Callable[[Path], Path]) -> Path:
    """A bundle with random weights that has no files for ncnn."""
    folder = export_random(tmp_path)
    description = yaml.safe_load((folder / "model.yaml").read_text())
    del description["ncnn"]
    (folder / "model.yaml").write_text(yaml.safe_dump(description, sort_keys=False))
    for name in FILES:
        (folder / name).unlink()
    return folder


def test_only_what_is_for_ncnn_is_added(
    bundle: Path,
    small_cifar: Path,
    make_pictures: MakePictures,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    learning, held_out = make_pictures(60), make_pictures(40, seed=1)
    monkeypatch.setattr("models.ncnn_files.split_held_out", lambda _data: (learning, held_out))
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    old = yaml.safe_load(before["model.yaml"])

    assert main([str(bundle), "--data", str(small_cifar)]) == 0

    after = {path.name: path.read_bytes() for path in bundle.iterdir()}
    assert after.keys() == before.keys() | set(FILES)
    assert after["model.tflite"] == before["model.tflite"]
    assert after["weights.npz"] == before["weights.npz"]
    new = yaml.safe_load(after["model.yaml"])
    assert {**new, "scores": None, "ncnn": None} == {**old, "scores": None, "ncnn": None}
    assert new["scores"]["ncnn_same_answer_as_tflite"] > 0.8
    assert "top1 held out ncnn" in capsys.readouterr().out
    loaded = load_bundle(bundle)
    tflite, ncnn = (
        runtime_logits(open_runtime(name, loaded, 1), held_out.pictures)
        for name in ("litert", "ncnn")
    )
    assert np.sqrt(np.mean((tflite - ncnn) ** 2)) < 0.3 * (tflite - tflite.mean(0)).std()

    # A second time, in place of what is there.
    assert main([str(bundle), "--data", str(small_cifar)]) == 0
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == after


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"form": "paper"}, "not of the camera form"), ({"width": "wide"}, "does not say what net")],
)
def test_fail_other_nets(bundle: Path, changes: dict[str, str], words: str) -> None:
    description = yaml.safe_load((bundle / "model.yaml").read_text())
    with pytest.raises(ModelError, match=words):
        folded_net(bundle, description | changes)


def test_fail_bundle_of_other_classes(
    bundle: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description = yaml.safe_load((bundle / "model.yaml").read_text())
    description["labels"].reverse()
    (bundle / "model.yaml").write_text(yaml.safe_dump(description, sort_keys=False))
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}

    assert main([str(bundle), "--data", str(small_cifar)]) == 1

    assert "they are not the 10 of this dataset" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before
