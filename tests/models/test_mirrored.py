"""A bundle is fitted to being shown pictures both ways, and nothing else of it changes."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from camera_app.inference.bundle import load_bundle
from models.calibrate import fit_calibration
from models.data import LabelledPictures
from models.mirrored import both_looks, main

MakePictures = Callable[..., LabelledPictures]


@pytest.fixture
def bundle(tmp_path: Path, export_random: Callable[[Path], Path]) -> Path:
    """A bundle with random weights."""
    return export_random(tmp_path)


def test_an_exported_bundle_is_fitted_to_both_looks(
    bundle: Path, make_pictures: MakePictures
) -> None:
    held_out = make_pictures(60, seed=1)
    temperature, unknown_below = fit_calibration(
        both_looks(bundle, held_out.pictures), held_out.labels
    )
    mirrored = load_bundle(bundle).mirrored
    assert mirrored is not None
    assert mirrored.temperature == pytest.approx(temperature, abs=1e-4)
    assert mirrored.unknown_below == pytest.approx(unknown_below, abs=1e-4)
    assert "top1_held_out_mirrored" in load_bundle(bundle).scores


def test_which_way_a_picture_faces_makes_no_difference(
    bundle: Path, make_pictures: MakePictures
) -> None:
    pictures = make_pictures(5).pictures
    np.testing.assert_array_equal(
        both_looks(bundle, pictures), both_looks(bundle, pictures[:, :, ::-1])
    )


@pytest.fixture
def held_out(make_pictures: MakePictures, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few pictures in the place of those that the archive holds out."""
    few = make_pictures(60, seed=1)
    monkeypatch.setattr("models.mirrored.split_held_out", lambda _data: (few, few))


@pytest.mark.usefixtures("held_out")
def test_a_bundle_made_before_is_given_the_same(
    bundle: Path,
    small_cifar: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    exported = yaml.safe_load((bundle / "model.yaml").read_text("utf-8"))
    before = {key: value for key, value in exported.items() if key != "mirrored"}
    (bundle / "model.yaml").write_text(yaml.safe_dump(before, sort_keys=False))

    bare = (bundle / "model.yaml").read_bytes()

    assert main([str(bundle), "--data", str(small_cifar)]) == 0

    assert (bundle / "model.yaml").read_bytes() == bare
    printed = capsys.readouterr().out
    for said in ("temperature: ", "unknown below: ", "top1 held out mirrored: ", "--write"):
        assert said in printed

    assert main([str(bundle), "--data", str(small_cifar), "--write"]) == 0

    after = yaml.safe_load((bundle / "model.yaml").read_text("utf-8"))
    assert after == exported
    assert list(after) == list(exported)
    assert printed.splitlines()[:-1] == capsys.readouterr().out.splitlines()[:-1]


@pytest.mark.usefixtures("held_out")
def test_what_cannot_be_recorded_is_printed_all_the_same(
    bundle: Path,
    small_cifar: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (bundle / "model.yaml.partial").mkdir()

    assert main([str(bundle), "--data", str(small_cifar), "--write"]) == 1

    captured = capsys.readouterr()
    assert "temperature: " in captured.out
    assert "recorded in" not in captured.out
    assert "cannot write" in captured.err


def test_fail_bundle_of_other_classes(
    bundle: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    description = yaml.safe_load((bundle / "model.yaml").read_text("utf-8"))
    description["labels"].reverse()
    (bundle / "model.yaml").write_text(yaml.safe_dump(description, sort_keys=False))
    before = (bundle / "model.yaml").read_bytes()

    assert main([str(bundle), "--data", str(small_cifar), "--write"]) == 1

    assert "they are not the 10 of this dataset" in capsys.readouterr().err
    assert (bundle / "model.yaml").read_bytes() == before
