"""A bundle is measured through the device's own runtime, and the figures are right."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from matplotlib.image import imread

from camera_app.errors import ModelError
from camera_app.inference.bundle import load_bundle
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.runtimes import open_runtime
from models.data import LabelledPictures
from models.evaluate import evaluate, find_unknown, main, runtime_logits
from models.rejection import MADE

MakePictures = Callable[..., LabelledPictures]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, export_random: Callable[[Path], Path]) -> Path:
    """A bundle with random weights."""
    return export_random(tmp_path_factory.mktemp("run"))


def command(bundle: Path, data: Path, *more: str) -> list[str]:
    # The tests' process has TensorFlow in it, beside which tflite-runtime crashes.
    return [str(bundle), "--data", str(data), "--runtime", "litert", *more]


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
    found = evaluate(load_bundle(bundle), make_pictures(40, seed=5), "litert")
    assert np.array_equal(found.scores.confusion, confusion)
    assert found.robustness is None
    assert not found.rejections


def test_text_names_every_class(
    bundle: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(bundle, small_cifar, "--limit", "7")) == 0

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


def test_scores_of_ncnn_have_names_of_their_own(bundle: Path, small_cifar: Path) -> None:
    assert main(command(bundle, small_cifar, "--write")) == 0
    old = load_bundle(bundle).scores

    assert main(command(bundle, small_cifar, "--runtime", "ncnn", "--write")) == 0

    new = load_bundle(bundle).scores
    assert old.items() <= new.items()
    assert "top1_test_ncnn" in new


def test_scores_of_both_looks_have_names_of_their_own(
    bundle: Path, small_cifar: Path, make_pictures: MakePictures
) -> None:
    assert main(command(bundle, small_cifar, "--write")) == 0
    old = load_bundle(bundle)

    assert main(command(bundle, small_cifar, "--mirrored", "--write")) == 0

    new = load_bundle(bundle).scores
    assert old.scores.items() <= new.items()
    assert 0 <= new["top1_test_mirrored"] <= 1
    # The same looks, one by one.
    data = make_pictures(40, seed=5)
    with contextlib.closing(open_runtime("litert", old, 1)) as opened:
        one, other = (
            runtime_logits(opened, pictures)
            for pictures in (data.pictures, data.pictures[:, :, ::-1])
        )
    right = ((one + other) / 2).argmax(axis=1) == data.labels
    assert new["top1_test_mirrored"] == pytest.approx(right.mean(), abs=1e-4)


def test_fail_a_bundle_that_is_not_fitted_to_mirrored_pictures(
    bundle: Path, make_pictures: MakePictures
) -> None:
    single = load_bundle(bundle)._replace(mirrored=None)
    with pytest.raises(ModelError, match=r"python -m models\.mirrored"):
        evaluate(single, make_pictures(4), "litert", mirrored=True)


def test_fail_pictures_of_other_classes(bundle: Path, make_pictures: MakePictures) -> None:
    data = make_pictures(4)
    others = LabelledPictures(data.pictures, data.labels, tuple("abcdefghij"))

    with pytest.raises(ModelError, match="--dataset"):
        evaluate(load_bundle(bundle), others)


def test_corruptions_in_every_form(
    bundle: Path, small_cifar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--corruptions", "--corruption-pictures", "8", "--write", "--json"]

    assert main(command(bundle, small_cifar, *options, "--report", str(tmp_path))) == 0

    content = json.loads(capsys.readouterr().out)
    assert content["corruptions"]["pictures"] == content["corruption_pictures"] == 8
    table = content["corruptions"]["top1"]
    assert np.array(list(table.values())).shape == (7, 5)
    assert content["top1_corruptions"] == pytest.approx(np.mean(list(table.values())), abs=1e-4)
    assert load_bundle(bundle).scores["top1_corruptions"] == content["top1_corruptions"]
    assert load_bundle(bundle).scores["corruption_pictures"] == 8
    assert min(imread(tmp_path / "corruptions.png").shape[:2]) > 300


def test_only_the_first_pictures_are_corrupted(
    bundle: Path, make_pictures: MakePictures, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_pictures(40, seed=5)

    found = evaluate(load_bundle(bundle), data, "litert", corruption_pictures=6)
    alone = evaluate(load_bundle(bundle), data.take(np.arange(6)), "litert", corruption_pictures=6)

    assert found.robustness == alone.robustness
    limited = command(bundle, small_cifar, "--limit", "6", "--corruptions")
    assert main(limited) == 0  # of 1,000 asked for by default six are left
    assert found.robustness is not None
    assert found.robustness.as_text() in capsys.readouterr().out


def test_unknown_pictures_in_every_form(
    bundle: Path, small_cifar100: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(bundle, small_cifar100, "--unknown", "--write", "--json")) == 0

    output = capsys.readouterr()
    content = json.loads(output.out)
    assert "without" not in output.err
    sets = content["unknown"]
    assert {name: one["pictures"] for name, one in sets.items()} == {
        "cifar100_unseen_test": 4,  # wolf; buses and pickup trucks are no unknown kinds
        "cifar100_shown_test": 8,  # apple and worm
        "uniform_noise": 1000,
        "gaussian_noise": 1000,
        "flat_colours": 1000,
    }
    stored = load_bundle(bundle).scores
    for measure in ("auroc", "fpr95", "turned_away"):
        name = f"{measure}_cifar100_unseen_test"
        assert stored[name] == content[name] == sets["cifar100_unseen_test"][measure]
        assert 0 <= stored[f"{measure}_noise"] <= 1


def test_without_cifar100_it_says_so_and_measures_noise(
    bundle: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(bundle, small_cifar, "--unknown", "--limit", "10")) == 0

    output = capsys.readouterr()
    said = [line for line in output.err.splitlines() if "without cifar100" in line]
    assert len(said) == 1
    assert "cifar-100-python" in said[0]
    assert "uniform noise        10" in output.out
    assert "cifar100" not in output.out
    threshold = output.out.splitlines()[-1]
    assert threshold.startswith("threshold ")
    assert "of gaussian noise" in threshold


def test_each_dataset_is_unknown_to_a_net_of_the_other(
    small_cifar100: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of_other = find_unknown("cifar100", small_cifar100, 32)

    assert tuple(of_other) == ("cifar10_unseen_test", "cifar10_shown_test", *MADE)
    # Of 40, a tenth each: automobiles and trucks overlap, of the other eight kinds half are shown.
    assert [len(of_other[name]) for name in tuple(of_other)[:2]] == [16, 16]
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--limit", "0"],
        ["--threads", "0"],
        ["--corruption-pictures", "0"],
        ["--write", "--limit", "5"],
    ],
)
def test_fail_usage(
    wrong: list[str], bundle: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(bundle, small_cifar, *wrong)) == 2

    assert "--limit" in capsys.readouterr().err


def test_fail_missing_bundle(small_cifar: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(Path("no-such-model"), small_cifar)) == 2

    assert "no-such-model" in capsys.readouterr().err


def test_fail_report_that_cannot_be_written(
    bundle: Path, small_cifar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    options = ["--write", "--report", str(tmp_path / "file")]
    assert main(command(bundle, small_cifar, *options)) == 1

    assert "cannot write the report" in capsys.readouterr().err
    assert "top1_test" in load_bundle(bundle).scores


def test_fail_bundle_for_pictures_of_another_size(
    bundle: Path, make_pictures: MakePictures
) -> None:
    larger = load_bundle(bundle)._replace(input_size=48)

    with pytest.raises(ModelError, match=r"takes pictures of 48 pixels a side, .* have 32"):
        evaluate(larger, make_pictures(2))
