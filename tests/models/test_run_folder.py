"""A run's folder keeps the last good file whatever happens, and refuses another run."""

import csv
import dataclasses
import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.errors import TrainingError
from models.run_folder import (
    Epoch,
    RunFolder,
    RunSettings,
    has_checkpoint,
    read_settings,
    training_commands,
)

SETTINGS = RunSettings("cifar10", "camera", 2, 1.0, 0, held_out=True, mixed=False)


def curve(folder: Path) -> list[dict[str, str]]:
    with (folder / "curve.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_what_was_asked_can_be_read_again(tmp_path: Path) -> None:
    asked = dataclasses.replace(SETTINGS, start="models/a", start_made_by="train a")
    RunFolder(tmp_path / "run", asked)

    read = read_settings(tmp_path / "run")

    assert (read, read.start_made_by) == (asked, "train a")


def test_fail_folder_of_another_run(tmp_path: Path) -> None:
    RunFolder(tmp_path, SETTINGS)

    with pytest.raises(TrainingError, match="another run"):
        RunFolder(tmp_path, dataclasses.replace(SETTINGS, seed=1))


def test_fail_folder_in_which_another_training_is_at_work(tmp_path: Path) -> None:
    mine, other = RunFolder(tmp_path, SETTINGS), RunFolder(tmp_path, SETTINGS)

    with (
        mine.locked(),
        pytest.raises(TrainingError, match=rf"another training \(process {os.getpid()}\) .*--run"),
        other.locked(),
    ):
        pass

    with other.locked():
        other.save_checkpoint(1, [np.zeros(3)])


def test_a_folder_that_cannot_be_locked_is_used_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)

    with RunFolder(tmp_path, SETTINGS).locked():
        pass


@pytest.mark.parametrize("content", ["", "[]", '{"dataset": 1}', "\x00"])
def test_fail_folder_whose_note_is_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)

    with pytest.raises(TrainingError, match="does not describe a run"):
        RunFolder(tmp_path, SETTINGS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("width", "0.5"),
        ("width", None),
        ("width", True),
        ("width", 0),
        ("width", 1e9),
        ("width", float("nan")),
        ("dataset", ["cifar10"]),
        ("held_out", "no"),
        ("seed", 1.5),
        ("start", 5),
    ],
)
def test_fail_note_of_values_that_no_run_has(tmp_path: Path, key: str, value: object) -> None:
    asked = dataclasses.asdict(SETTINGS) | {key: value}
    (tmp_path / "run.json").write_text(json.dumps(asked))

    with pytest.raises(TrainingError, match=rf"run\.json does not describe a run: {key} is "):
        read_settings(tmp_path)


def test_a_width_may_be_written_whole(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(dataclasses.asdict(SETTINGS) | {"width": 1}))

    assert read_settings(tmp_path) == SETTINGS


def test_fail_folder_that_cannot_be_looked_into() -> None:
    with pytest.raises(TrainingError, match=r"cannot use x+ for a run"):
        has_checkpoint(Path("x" * 300))


def test_a_curve_that_was_edited_keeps_its_other_points(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, SETTINGS)
    folder.add_epoch(Epoch(1, 32, 2.0, 0.1, None))
    with (tmp_path / "curve.csv").open("a") as file:
        file.write("2,32,much,0.5,0.5\n²,32,1,1,1\n")

    folder.add_epoch(Epoch(3, 32, 1.0, 0.3, 0.3))

    assert [row["epoch"] for row in curve(tmp_path)] == ["1", "3"]


def test_checkpoint_comes_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, SETTINGS)
    assert not folder.has_checkpoint

    folder.save_checkpoint(7, [np.arange(3.0), np.eye(2)])

    step, arrays = folder.load_checkpoint()
    assert folder.has_checkpoint
    assert step == 7
    assert [array.tolist() for array in arrays] == [[0, 1, 2], [[1, 0], [0, 1]]]


def test_fail_damaged_checkpoint(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, SETTINGS)
    folder.save_checkpoint(7, [np.arange(3000.0)])
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:1000])

    with pytest.raises(TrainingError, match="damaged"):
        folder.load_checkpoint()


def test_a_full_disk_keeps_every_last_good_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path, SETTINGS)
    folder.save_checkpoint(1, [np.zeros(3)])
    folder.add_epoch(Epoch(1, 32, 2.0, 0.1, 0.1))
    folder.save_scores({"a": 1.0})
    good = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    refusal = "No space left on device; the last good one is kept"
    with pytest.raises(TrainingError, match=refusal):
        folder.save_checkpoint(2, [np.ones(3)])
    with pytest.raises(TrainingError, match=refusal):
        folder.add_epoch(Epoch(2, 32, 1.0, 0.2, 0.2))
    with pytest.raises(TrainingError, match=refusal):
        folder.draw_curve()
    with pytest.raises(TrainingError, match=refusal):
        folder.save_scores({"a": 2.0})

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == good


def test_the_curve_is_drawn_with_and_without_held_out_pictures(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, SETTINGS)

    folder.add_epoch(Epoch(1, 16, 2.0, 0.1, None))
    folder.draw_curve()
    first = (tmp_path / "curve.png").read_bytes()
    folder.add_epoch(Epoch(2, 32, 1.0, 0.5, 0.4))
    folder.draw_curve()

    assert [row["held_out_accuracy"] for row in curve(tmp_path)] == ["", "0.4000"]
    assert first.startswith(b"\x89PNG")
    assert (tmp_path / "curve.png").read_bytes() != first


@given(numbers=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_an_epoch_done_again_takes_the_place_of_what_followed_it(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    path = tmp_path_factory.mktemp("run")
    folder = RunFolder(path, SETTINGS)

    for number in numbers:
        folder.add_epoch(Epoch(number, 32, 1.0, 0.5, None))

    written = [int(row["epoch"]) for row in curve(path)]
    assert written == sorted(set(written))
    assert written[-1] == numbers[-1]


def test_commands_name_all_that_a_run_came_from() -> None:
    by_a_teacher = dataclasses.replace(
        SETTINGS,
        start="models/a",
        start_made_by="train a",
        teacher="runs/large",
        teacher_made_by="train large",
    )

    commands = training_commands(Path("/elsewhere/b c"), by_a_teacher)

    own = "python -m models.train --dataset cifar10 --recipe camera --epochs 2 --width 1 --seed 0"
    own += " --float32 --from models/a --teacher runs/large --run 'runs/b c'"
    assert commands.split(" && ") == ["train a", "train large", own]
