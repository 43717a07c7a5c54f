"""Training goes on where it stopped, bit for bit, and refuses what does not fit."""

import csv
import dataclasses
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.errors import TrainingError
from models.augment import augment
from models.data import LabelledPictures
from models.recipes import RECIPES, Recipe
from models.run_folder import RunFolder, RunSettings
from models.train import Trainer, main

from .conftest import NAMES

MakePictures = Callable[..., LabelledPictures]


pytestmark = pytest.mark.usefixtures("tiny_recipe")


@pytest.fixture(autouse=True)
def own_signal_handlers() -> Iterator[None]:
    """The command line installs one for SIGTERM; a shell's background job ignores SIGINT."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def settings(**changes: Any) -> RunSettings:
    asked: dict[str, Any] = {
        "dataset": "cifar10",
        "recipe": "tiny",
        "epochs": 2,
        "width": 0.125,
        "seed": 0,
        "held_out": True,
        "mixed": False,
    }
    return RunSettings(**{**asked, **changes})


def make_learning(names: Sequence[str] = "abcdefghij") -> LabelledPictures:
    noise = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), np.uint8)
    return LabelledPictures(noise, np.arange(40) % len(names), tuple(names))


def command(data: Path, run: Path, *more: str) -> list[str]:
    options = ["--recipe", "tiny", "--width", "0.125", "--all", "--float32"]
    return [*options, "--data", str(data), "--run", str(run), *more]


def checkpoint(run: Path) -> dict[str, NDArray[Any]]:
    with np.load(run / "checkpoint.npz") as file:
        return {name: file[name] for name in file.files}


def assert_identical(one: dict[str, NDArray[Any]], other: dict[str, NDArray[Any]]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert np.array_equal(array, other[name]), name


def test_a_run_learns_and_writes_its_folder(make_pictures: MakePictures, tmp_path: Path) -> None:
    held_out = make_pictures(50, seed=1)
    trainer = Trainer(settings(epochs=12), make_pictures(200), held_out, tmp_path / "run")
    before = trainer.accuracy(held_out, 16)

    trainer.run()
    scores = trainer.finish()

    # Chance is 0.1. How much more sixty steps bring depends on how the processor rounds.
    assert trainer.accuracy(held_out, 16) > before + 0.15
    assert json.loads((tmp_path / "run/scores.json").read_text()) == scores
    with (tmp_path / "run/curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == [str(epoch) for epoch in range(1, 13)]
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    with np.load(tmp_path / "run/weights.npz") as weights:
        assert weights["conv1/kernel"].dtype == np.float16
    assert (tmp_path / "run/curve.png").read_bytes().startswith(b"\x89PNG")
    assert not list((tmp_path / "run").glob("*partial*"))


def test_half_precision_arithmetic_trains_too(make_pictures: MakePictures, tmp_path: Path) -> None:
    trainer = Trainer(settings(epochs=1, mixed=True), make_pictures(40), None, tmp_path / "run")

    trainer.run()

    assert all(np.isfinite(array).all() for array in checkpoint(tmp_path / "run").values())


def test_stopped_and_resumed_is_as_if_never_stopped(
    small_cifar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(command(small_cifar, tmp_path / "whole")) == 0
    calls = 0

    def stop_twice(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls in (3, 8):
            signal.raise_signal(signal.SIGINT if calls == 3 else signal.SIGTERM)
        return augment(*arguments)

    monkeypatch.setattr("models.batches.augment", stop_twice)
    stopped = command(small_cifar, tmp_path / "stopped")
    assert main(stopped) == 130
    assert 0 < int(checkpoint(tmp_path / "stopped")["step"]) < 10
    assert main(stopped) == 130
    assert main(stopped) == 0

    assert_identical(checkpoint(tmp_path / "whole"), checkpoint(tmp_path / "stopped"))


def test_stopped_within_a_step_is_as_if_never_stopped(
    small_cifar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(command(small_cifar, tmp_path / "whole")) == 0
    train, calls = keras.Model.train_on_batch, 0

    def stop_before_it_counts(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        learnt = train(*arguments)
        if calls in (3, 8):
            signal.raise_signal(signal.SIGINT if calls == 3 else signal.SIGTERM)
        return learnt

    monkeypatch.setattr(keras.Model, "train_on_batch", stop_before_it_counts)
    stopped = command(small_cifar, tmp_path / "stopped")
    assert main(stopped) == 130
    assert int(checkpoint(tmp_path / "stopped")["step"]) == 3
    assert main(stopped) == 130
    assert main(stopped) == 0

    assert_identical(checkpoint(tmp_path / "whole"), checkpoint(tmp_path / "stopped"))


def test_a_loss_that_is_no_number_ends_the_run_and_leaves_the_checkpoint_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer(settings(), make_learning(), None, tmp_path / "run")
    trainer.save_checkpoint()
    before = checkpoint(tmp_path / "run")
    monkeypatch.setattr(Recipe, "learning_rate_at", lambda *_: float("inf"))

    with pytest.raises(TrainingError, match=r"loss of step 2 of .*run is no finite number.*--seed"):
        trainer.run()

    assert_identical(checkpoint(tmp_path / "run"), before)


def test_outliers_take_a_share_of_each_batch_with_no_answer_right(
    make_pictures: MakePictures,
    tmp_path: Path,
    tiny_recipe: Recipe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = dataclasses.replace(tiny_recipe, outlier_share=0.25, outliers_from=0.5)
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    outliers = np.full((3, 32, 32, 3), 255, np.uint8)
    trainer = Trainer(settings(), make_pictures(40), None, tmp_path, outliers)
    shown: list[NDArray[Any]] = []
    train = trainer.model.train_on_batch

    def watch(pictures: NDArray[Any], targets: NDArray[Any]) -> Any:
        shown.append(targets)
        return train(pictures, targets)

    monkeypatch.setattr(trainer.model, "train_on_batch", watch)

    trainer.run()

    first, second = shown
    assert first.shape == second.shape == (40, 10)
    assert (first.max(axis=1) == 1).all()
    assert (second[:30].max(axis=1) == 1).all()
    assert np.allclose(second[30:], 0.1)


def test_seeds_decide(make_pictures: MakePictures, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        Trainer(settings(seed=seed, epochs=1), make_pictures(40), None, tmp_path / name).run()

    assert_identical(checkpoint(tmp_path / "a"), checkpoint(tmp_path / "b"))
    assert not np.array_equal(checkpoint(tmp_path / "a")["v0"], checkpoint(tmp_path / "c")["v0"])


def make_bundle(folder: Path, weights: Path, made_by: str, labels: Sequence[str] = NAMES) -> Path:
    folder.mkdir()
    (folder / "weights.npz").write_bytes(weights.read_bytes())
    (folder / "model.yaml").write_text(f"made_by: {made_by}\nlabels: [{', '.join(labels)}]\n")
    return folder


def test_a_run_starts_from_a_bundle_and_goes_on_without_it(
    small_cifar: Path, tmp_path: Path
) -> None:
    assert main(command(small_cifar, tmp_path / "first")) == 0
    bundle = make_bundle(tmp_path / "bundle", tmp_path / "first/weights.npz", "first --all")
    second = command(small_cifar, tmp_path / "second", "--from", str(bundle), "--epochs", "1")
    with np.load(bundle / "weights.npz") as file:
        weights = {name: file[name] for name in file.files}

    options = settings(held_out=False, epochs=1, start=str(bundle))
    started = Trainer(options, make_learning(NAMES), None, tmp_path / "looked-at")
    assert started.step == 0
    for variable in started.model.weights:
        assert np.array_equal(np.asarray(variable.numpy()), weights[variable.path])

    assert main(second) == 0
    assert json.loads((tmp_path / "second/run.json").read_text())["start_made_by"] == "first --all"
    # Its own bundle takes the place of the one that it started from.
    made_by = "first --all && second --all"
    (bundle / "model.yaml").write_text(f"made_by: {made_by}\nlabels: [{', '.join(NAMES)}]\n")
    (bundle / "weights.npz").unlink()
    assert main(second) == 0


def test_a_run_on_other_classes_takes_all_but_the_classifier(
    small_cifar: Path, tmp_path: Path
) -> None:
    assert main(command(small_cifar, tmp_path / "first")) == 0
    bundle = make_bundle(tmp_path / "bundle", tmp_path / "first/weights.npz", "first --all")
    options = settings(dataset="other", start=str(bundle))

    started = Trainer(options, make_learning("vwxyz"), None, tmp_path / "started")

    fresh = Trainer(settings(dataset="other"), make_learning("vwxyz"), None, tmp_path / "fresh")
    with np.load(bundle / "weights.npz") as file:
        for one, other in zip(started.model.weights, fresh.model.weights, strict=True):
            expected = other.numpy() if one.path.startswith("logits/") else file[one.path]
            assert np.array_equal(one.numpy(), expected)


def test_frozen_convolutions_keep_their_weights_also_when_resumed(
    tmp_path: Path, tiny_recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "tiny", dataclasses.replace(tiny_recipe, frozen=4))
    trainer = Trainer(settings(), make_learning(), None, tmp_path)
    before = {variable.path: variable.numpy() for variable in trainer.model.weights}

    trainer.run()

    resumed = Trainer(settings(), make_learning(), None, tmp_path)
    assert resumed.step == 2
    kept = {
        variable.path.partition("/")[0]
        for variable in resumed.model.weights
        if np.array_equal(variable.numpy(), before[variable.path])
    }
    assert kept == {f"conv{n}" for n in range(1, 5)} | {f"unit{n}_norm" for n in range(2, 5)}


def test_fail_start_of_another_width(small_cifar: Path, tmp_path: Path) -> None:
    assert main(command(small_cifar, tmp_path / "first")) == 0
    bundle = make_bundle(tmp_path / "bundle", tmp_path / "first/weights.npz", "first")

    for names in (NAMES, "vwxyz"):
        with pytest.raises(TrainingError, match="another architecture"):
            Trainer(
                settings(width=0.25, start=str(bundle)),
                make_learning(names),
                None,
                tmp_path / str(len(names)),
            )


def test_fail_start_that_says_its_width(small_cifar: Path, tmp_path: Path) -> None:
    assert main(command(small_cifar, tmp_path / "first")) == 0
    bundle = make_bundle(tmp_path / "bundle", tmp_path / "first/weights.npz", "first")
    with (bundle / "model.yaml").open("a") as file:
        file.write("width: 0.125\n")
    start = str(bundle)

    said = r"bundle holds .* this run is of 0\.25; pass --width 0\.125"
    with pytest.raises(TrainingError, match=said):
        Trainer(settings(width=0.25, start=start), make_learning(NAMES), None, tmp_path / "run")

    Trainer(settings(start=start), make_learning(NAMES), None, tmp_path / "run")


def test_a_start_that_fails_leaves_the_folder_to_the_corrected_command(tmp_path: Path) -> None:
    Trainer(settings(), make_learning(NAMES), None, tmp_path / "first").finish()
    bundle = make_bundle(tmp_path / "bundle", tmp_path / "first/weights.npz", "first")
    wrong = settings(width=0.25, start=str(bundle))

    with pytest.raises(TrainingError, match="another architecture"):
        Trainer(wrong, make_learning(NAMES), None, tmp_path / "run")

    assert not (tmp_path / "run").exists()
    Trainer(settings(start=str(bundle)), make_learning(NAMES), None, tmp_path / "run")


def test_fail_start_that_has_seen_the_held_out_pictures(
    small_cifar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weights.npz").touch()
    bundle = make_bundle(tmp_path / "bundle", tmp_path / "weights.npz", "train --all --run x")
    options = command(small_cifar, tmp_path / "run", "--from", str(bundle))
    options.remove("--all")

    assert main(options) == 2

    assert "has learnt from the held-out pictures" in capsys.readouterr().err


def test_fail_start_that_is_not_there_before_the_data_is_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--from", str(tmp_path / "nowhere"), "--data", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert f"cannot read {tmp_path / 'nowhere/model.yaml'}" in error
    assert "name a bundle's folder, such as models/fastnet-cifar10" in error


def test_fail_checkpoint_of_another_architecture(
    make_pictures: MakePictures, tmp_path: Path
) -> None:
    for name, width in (("narrow", 0.125), ("wide", 0.25)):
        Trainer(settings(width=width), make_pictures(40), None, tmp_path / name).save_checkpoint()
    narrow, wide = (tmp_path / name / "checkpoint.npz" for name in ("narrow", "wide"))
    narrow.replace(wide)

    with pytest.raises(TrainingError, match="another architecture"):
        Trainer(settings(width=0.25), make_pictures(40), None, wide.parent)


def test_fail_folder_in_which_another_training_is_at_work(
    small_cifar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, run = settings(held_out=False), tmp_path / "run"

    with RunFolder(run, asked).locked():
        assert main(command(small_cifar, run)) == 1

    error = capsys.readouterr().err.splitlines()[-1]
    assert f"another training (process {os.getpid()}) is at work in {run}" in error
    assert not (run / "checkpoint.npz").exists()


def test_fail_folder_that_cannot_be_made(
    small_cifar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")

    assert main(command(small_cifar, tmp_path / "file" / "run")) == 1

    error = capsys.readouterr().err
    assert "cannot use" in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--epochs", "-1", "must be positive"),
        ("--epochs", "0", "must be positive"),
        *(("--width", value, "must be positive") for value in ("0", "-1", "nan", "inf", "1e9")),
        ("--seed", "-1", "must be a number from 0 to 4294967295"),
        ("--seed", "5000000000", "must be a number from 0 to 4294967295"),
    ],
)
def test_fail_usage(
    small_cifar: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    option: str,
    value: str,
    said: str,
) -> None:
    assert main(command(small_cifar, tmp_path / "run", f"{option}={value}")) == 2

    error = capsys.readouterr().err
    assert f"{option} {said}" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_fail_frozen_with_nothing_to_start_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--recipe", "transfer", "--run", str(tmp_path / "run")]) == 2

    assert "--from BUNDLE" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_fail_missing_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command(tmp_path / "nowhere", tmp_path / "run")) == 1

    assert "holds neither" in capsys.readouterr().err


def test_paper_recipe_standardizes_with_the_training_pictures(
    tiny_recipe: Recipe, make_pictures: MakePictures, tmp_path: Path
) -> None:
    learning = make_pictures(40)

    trainer = Trainer(settings(recipe="paper"), learning, None, tmp_path)

    assert tiny_recipe.scale == "camera"
    assert np.allclose(trainer.mean, learning.pictures.mean((0, 1, 2)), atol=1e-3)
    assert np.allclose(trainer.scale, learning.pictures.std((0, 1, 2)), atol=1e-3)


def test_a_pupil_learns_from_a_teachers_run(
    small_cifar100: Path,
    tmp_path: Path,
    tiny_recipe: Recipe,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pupil = dataclasses.replace(tiny_recipe, teacher_share=0.9, teacher_temperature=3.0)
    monkeypatch.setitem(RECIPES, "pupil", pupil)
    teacher, run = tmp_path / "teacher", tmp_path / "run"
    by_it = ["--recipe", "pupil", "--teacher", str(teacher), "--workers", "1", "--epochs", "1"]

    assert main(command(small_cifar100, run, *by_it)) == 1
    assert f"{teacher} holds no run" in capsys.readouterr().err
    assert main(command(small_cifar100, teacher)) == 0
    assert main(command(small_cifar100, run, *by_it)) == 0

    asked = json.loads((run / "run.json").read_text())
    assert asked["teacher"] == str(teacher)
    assert asked["teacher_made_by"].endswith("--all --float32 --run runs/teacher")
    assert (run / "weights.npz").is_file()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--recipe", "distilled"], "name its run with --teacher RUN"),
        (["--teacher", "runs/x"], "recipe tiny has no use for a teacher"),
        (["--workers", "-1"], "--workers must not be negative"),
        (["--recipe", "teacher"], "recipe teacher trains a net of one width; leave --width out"),
    ],
)
def test_fail_usage_of_teachers_and_workers(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(tmp_path, tmp_path / "run", *options)) == 2

    assert said in capsys.readouterr().err
