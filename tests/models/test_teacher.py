"""A pupil learns what a teacher says of the pictures that it sees, and the labels of them."""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pytest

from camera_app.errors import TrainingError, UsageError
from models.batches import Batch
from models.calibrate import probabilities
from models.recipes import RECIPES, Recipe
from models.run_folder import RunSettings
from models.teacher import Teacher, check_teacher
from models.weights import save_weights

PUPIL = dataclasses.replace(RECIPES["distilled"], teacher_share=0.75, teacher_temperature=2.0)


@pytest.fixture
def small_teacher(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """The teacher's recipe, with a net of ten layers."""
    monkeypatch.setattr("models.recipes.TEACHER_DEPTH", 10)
    monkeypatch.setattr("models.recipes.TEACHER_WIDEN", 1)
    return RECIPES["teacher"]


def make_run(folder: Path, network: keras.Model | None = None, **changes: object) -> Path:
    folder.mkdir()
    settings = RunSettings("cifar10", "teacher", 60, 1.0, 0, held_out=True, mixed=True)
    asked = {**dataclasses.asdict(settings), **changes}
    (folder / "run.json").write_text(json.dumps(asked))
    if network is not None:
        save_weights(network, folder / "weights.npz", np.float16)
    return folder


def make_batch(known: int = 6, count: int = 8) -> Batch:
    pictures = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), np.uint8)
    return Batch(pictures, np.eye(10, dtype=np.float32)[np.arange(count) % 10], known)


def test_answers_are_softened_and_mixed_with_the_labels(
    small_teacher: Recipe, tmp_path: Path
) -> None:
    network = small_teacher.make_network(10, 1.0)
    # Another net in between: the layers' names must not depend on how many there were before.
    small_teacher.make_network(10, 1.0)
    run = make_run(tmp_path / "run", network)
    batch = make_batch()
    pictures = (batch.pictures - np.float32(128)) / np.float32(64)

    targets = Teacher(run, 10).targets(batch, pictures, PUPIL)

    answers = probabilities(np.asarray(network.predict_on_batch(pictures)), 2.0)
    assert np.allclose(targets[:6], 0.75 * answers[:6] + 0.25 * batch.targets[:6], atol=2e-3)
    assert np.array_equal(targets[6:], batch.targets[6:])
    assert targets.dtype == np.float32


def test_commands_that_made_it(tmp_path: Path) -> None:
    run = make_run(tmp_path / "large")

    made_by = check_teacher(run, PUPIL, "cifar10", learns_from_all=False)

    assert made_by.endswith("--recipe teacher --epochs 60 --width 1 --seed 0 --run runs/large")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dataset": "cifar100"}, "pass --dataset cifar100, or another teacher"),
        ({"held_out": False}, "add --all, or pass another teacher"),
        ({"recipe": "paper"}, r"of another scale \(recipe paper\)"),
    ],
)
def test_fail_a_teacher_of_no_use(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        check_teacher(
            make_run(tmp_path / "run", **changes), PUPIL, "cifar10", learns_from_all=False
        )


def test_a_pupil_that_learns_from_all_may_have_one_that_did(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", held_out=False)

    assert " --all " in check_teacher(run, PUPIL, "cifar10", learns_from_all=True)


def test_fail_a_teacher_that_has_not_finished(small_teacher: Recipe, tmp_path: Path) -> None:
    assert small_teacher.form == "wide_resnet"
    with pytest.raises(TrainingError, match="the teacher's training is not finished"):
        Teacher(make_run(tmp_path / "run"), 10)


def test_fail_no_teacher(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="holds no run"):
        check_teacher(tmp_path, PUPIL, "cifar10", learns_from_all=False)
