"""A bundle is measured through the device's own runtime, and the figures are right."""

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import yaml
from matplotlib.image import imread

from camera_app.errors import ModelError
from camera_app.inference.bundle import load_bundle
from camera_app.inference.fake import FakeRuntime
from models.data import LabelledPictures
from models.evaluate import evaluate, main, runtime_logits
from models.export import export
from models.weights import save_weights

MakePictures = Callable[..., LabelledPictures]


@pytest.fixture(scope="module")
def bundle(
    tmp_path_factory: pytest.TempPathFactory,
    random_network: Callable[..., keras.Model],
    make_pictures: MakePictures,
) -> Path:
    """A bundle with random weights."""
    run = tmp_path_factory.mktemp("run")
    asked = {"dataset": "cifar10", "recipe": "camera", "epochs": 1, "width": 0.125, "seed": 0}
    (run / "run.json").write_text(json.dumps({**asked, "held_out": True, "mixed": False}))
    save_weights(random_network("camera", 0.125), run / "weights.npz")
    export(run, run / "fastnet", make_pictures(60), make_pictures(60, seed=1))
    return run / "fastnet"


def command(bundle: Path, data: Path, *more: str) -> list[str]:
    return [str(bundle), "--data", str(data), *more]


def test_the_runtime_sees_each_picture_in_its_own_channel_order(
    make_pictures: MakePictures,
) -> None:
    pictures = make_pictures(3).pictures
    runtime = FakeRuntime([[0.0, 1.0]])

    logits = runtime_logits(runtime, pictures)

    assert logits.shape == (3, 2)
    # Runtimes take BGR, as cameras give it; the archives are RGB.
    assert np.array_equal(np.stack(runtime.crops), pictures[..., ::-1])


def test_json_agrees_with_itself_and_with_the_function(
    bundle: Path, small_cifar: Path, make_pictures: MakePictures, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(bundle, small_cifar, "--json")) == 0

    content = json.loads(capsys.readouterr().out)
    confusion = np.array(content["confusion"])
    assert content["pictures"] == confusion.sum() == 40
    assert content["top1"] == pytest.approx(np.trace(confusion) / 40, abs=1e-4)
    assert content["per_class"]["cat"] == pytest.approx(confusion[3, 3] / 4)
    scores, _ = evaluate(load_bundle(bundle), make_pictures(40, seed=5))
    assert np.array_equal(scores.confusion, confusion)


def test_text_names_every_class(
    bundle: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(bundle, small_cifar, "--limit", "7", "--runtime", "litert")) == 0

    text = capsys.readouterr().out
    assert "pictures  7" in text
    assert all(label in text for label in load_bundle(bundle).labels)


def test_report_is_a_picture_and_json(bundle: Path, small_cifar: Path, tmp_path: Path) -> None:
    assert main(command(bundle, small_cifar, "--report", str(tmp_path / "report"))) == 0

    picture = imread(tmp_path / "report" / "confusion.png")
    assert min(picture.shape[:2]) > 300
    assert np.ptp(picture) > 0.5
    assert json.loads((tmp_path / "report" / "scores.json").read_text())["pictures"] == 40


def test_only_write_changes_the_bundle(bundle: Path, small_cifar: Path) -> None:
    before = (bundle / "model.yaml").read_bytes()
    assert main(command(bundle, small_cifar)) == 0
    assert (bundle / "model.yaml").read_bytes() == before

    assert main(command(bundle, small_cifar, "--write")) == 0

    old = yaml.safe_load(before)
    new = yaml.safe_load((bundle / "model.yaml").read_text(encoding="utf-8"))
    assert old["scores"].items() <= new["scores"].items()
    assert new["scores"]["pictures_test"] == 40
    assert {**new, "scores": None} == {**old, "scores": None}


def test_fail_pictures_of_other_classes(bundle: Path, make_pictures: MakePictures) -> None:
    data = make_pictures(4)
    others = LabelledPictures(data.pictures, data.labels, tuple("abcdefghij"))

    with pytest.raises(ModelError, match="--dataset"):
        evaluate(load_bundle(bundle), others)


@pytest.mark.parametrize(
    "wrong", [["--limit", "0"], ["--threads", "0"], ["--write", "--limit", "5"]]
)
def test_fail_usage(
    wrong: list[str], bundle: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(bundle, small_cifar, *wrong)) == 2

    assert "--limit" in capsys.readouterr().err


def test_fail_missing_bundle(small_cifar: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(Path("no-such-model"), small_cifar)) == 1

    assert "no-such-model" in capsys.readouterr().err


def test_fail_report_that_cannot_be_written(
    bundle: Path, small_cifar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    assert main(command(bundle, small_cifar, "--report", str(tmp_path / "file"))) == 1

    assert "cannot write the report" in capsys.readouterr().err
