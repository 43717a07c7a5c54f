"""A training run's folder: what was asked, the checkpoint, the curve, the weights and the scores.

==================  =============================================================
``run.json``        what was asked; a run is continued by asking for the same
``checkpoint.npz``  every variable and the step, to go on from
``curve.csv``       a line an epoch; ``curve.png`` draws it
``weights.npz``     at the end: the weights in float16, which export reads
``scores.json``     at the end: what they reach on the held-out pictures
``lock``            held by the training that writes here, whose process id it holds
==================  =============================================================

Everything is written in one move, so that a full disk or a power cut leaves the last good file.
"""

import contextlib
import csv
import dataclasses
import json
import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from camera_app.errors import TrainingError
from camera_app.file_lock import claim
from models.recipes import RECIPES
from models.whole_file import write_whole

CHECKPOINT_FILE = "checkpoint.npz"
LOCK_FILE = "lock"

WIDEST = 8.0
"""Largest factor on the filters: a hundred million weights. More is a slip of the finger."""

CURVE_COLUMNS = ("epoch", "size", "loss", "accuracy", "held_out_accuracy")


@dataclasses.dataclass(frozen=True)
class RunSettings:
    """What identifies a run; a checkpoint made with other settings is refused.

    Attributes:
        dataset: name of the dataset.
        recipe: name of the recipe.
        epochs: the budget.
        width: factor on the network's filters.
        seed: of weights, order and augmentation.
        held_out: whether pictures are held out of training.
        mixed: whether arithmetic is in bfloat16.
        start: bundle that the weights come from; empty: they are random.
        start_made_by: the commands that made that bundle.
        teacher: run whose net is the teacher; empty: there is none.
        teacher_made_by: the commands that made that run.
    """

    dataset: str
    recipe: str
    epochs: int
    width: float
    seed: int
    held_out: bool
    mixed: bool
    start: str = ""
    # Not compared: the run's own bundle may meanwhile have taken the place of the one it is from.
    start_made_by: str = dataclasses.field(default="", compare=False)
    teacher: str = ""
    teacher_made_by: str = dataclasses.field(default="", compare=False)


@dataclasses.dataclass(frozen=True)
class Epoch:
    """A point of the curve: the epoch (from 1), its pictures' side in pixels, and how it went."""

    epoch: int
    size: int
    loss: float
    accuracy: float
    held_out_accuracy: float | None


class RunFolder:
    """The folder of one run, made if need be.

    Args:
        path: where it is.
        settings: what is asked of the run.

    Raises:
        TrainingError: it cannot be written, or holds another run.
    """

    def __init__(self, path: Path, settings: RunSettings) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            is_new = not (path / "run.json").exists()
        except OSError as error:
            raise TrainingError(f"cannot use {path} for a run: {error}") from error
        if is_new:
            self._write_json("run.json", dataclasses.asdict(settings))
        elif read_settings(path) != settings:
            raise TrainingError(
                f"{path} holds another run; choose another folder with --run, "
                "or repeat that run's options to go on with it"
            )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other trainings out of the folder; it is free again when the process ends.

        Raises:
            TrainingError: another training is at work in it, or it cannot be written.
        """
        path = self.path / LOCK_FILE
        try:
            lock = path.open("a+", encoding="ascii", errors="replace")
        except OSError as error:
            raise TrainingError(f"cannot write {path}: {error.strerror}") from error
        with lock:
            if not claim(lock):
                lock.seek(0)
                process = lock.read().strip()
                raise TrainingError(
                    f"another training{f' (process {process})' if process else ''} is at work in "
                    f"{self.path}; let it finish, or choose another folder with --run"
                )
            with contextlib.suppress(OSError):  # it says who, and keeps nobody out
                lock.truncate(0)
                lock.write(f"{os.getpid()}\n")
                lock.flush()
            yield

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is something to go on from."""
        return has_checkpoint(self.path)

    def save_checkpoint(self, step: int, variables: Iterable[NDArray[Any]]) -> None:
        """Keep everything needed to go on after ``step`` steps; the last one survives a failure.

        Raises:
            TrainingError: it cannot be written.
        """
        arrays: dict[str, Any] = {f"v{i}": array for i, array in enumerate(variables)}
        self.write(CHECKPOINT_FILE, lambda file: np.savez(file, step=np.int64(step), **arrays))

    def load_checkpoint(self) -> tuple[int, list[NDArray[Any]]]:
        """The step and the variables that :meth:`save_checkpoint` kept.

        Raises:
            TrainingError: there is no checkpoint, or it is damaged.
        """
        path = self.path / CHECKPOINT_FILE
        try:
            with np.load(path) as saved:
                arrays = [saved[f"v{i}"] for i in range(len(saved.files) - 1)]
                return int(saved["step"]), arrays
        except Exception as error:  # zipfile, numpy and the disk each raise their own kinds
            raise TrainingError(f"{path} is damaged ({error}); delete it to start over") from error

    def add_epoch(self, epoch: Epoch) -> None:
        """Add a point to the curve, in the place of one that a broken-off run left.

        Raises:
            TrainingError: it cannot be written.
        """
        rows = [row for row in self._read_curve() if int(row["epoch"]) < epoch.epoch]
        values = [epoch.epoch, epoch.size, f"{epoch.loss:.4f}", f"{epoch.accuracy:.4f}"]
        values.append("" if epoch.held_out_accuracy is None else f"{epoch.held_out_accuracy:.4f}")
        rows.append(dict(zip(CURVE_COLUMNS, map(str, values), strict=True)))
        lines = [CURVE_COLUMNS, *(tuple(row.values()) for row in rows)]
        text = "".join(",".join(line) + "\n" for line in lines)
        self.write("curve.csv", lambda file: file.write(text.encode()))

    def draw_curve(self) -> None:
        """Draw the curve as it stands.

        Raises:
            TrainingError: it cannot be written, or read.
        """
        rows = self._read_curve()
        self.write("curve.png", lambda file: _draw(rows).savefig(file, format="png", dpi=120))

    def save_scores(self, scores: Mapping[str, float]) -> None:
        """Keep the scores of a finished run.

        Raises:
            TrainingError: they cannot be written.
        """
        self._write_json("scores.json", scores)

    def write(self, name: str, fill: Callable[[BinaryIO], object]) -> None:
        """Let ``fill`` write a file, which then takes the place of the one called ``name``.

        Raises:
            TrainingError: it cannot be written; what was there is kept.
        """
        try:
            write_whole(self.path / name, fill)
        except OSError as error:
            raise TrainingError(
                f"cannot write {self.path / name}: {error.strerror or error}; "
                "the last good one is kept, and the same command goes on from the last checkpoint"
            ) from error

    def _write_json(self, name: str, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, indent=2) + "\n"
        self.write(name, lambda file: file.write(text.encode()))

    def _read_curve(self) -> list[dict[str, str]]:
        try:
            with (self.path / "curve.csv").open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise TrainingError(f"cannot read {self.path}/curve.csv: {error}") from error
        return [row for row in rows if _is_point(row)]


def _is_point(row: Mapping[str, str]) -> bool:
    """Whether a row of a curve.csv is one that :meth:`RunFolder.add_epoch` wrote."""
    if tuple(row) != CURVE_COLUMNS or not row["epoch"].isdecimal():
        return False
    try:
        for name in CURVE_COLUMNS[2:]:
            float(row[name] or "nan")
    except (TypeError, ValueError):
        return False
    return True


def has_checkpoint(folder: Path) -> bool:
    """Whether a run can go on in ``folder``, which need not be there.

    Raises:
        TrainingError: it cannot be looked into.
    """
    try:
        return (folder / CHECKPOINT_FILE).exists()
    except OSError as error:  # a name too long, a locked folder
        raise TrainingError(f"cannot use {folder} for a run: {error}") from error


def read_settings(folder: Path) -> RunSettings:
    """What a run folder was asked to train.

    Raises:
        TrainingError: there is no run in ``folder``, or not one of this program's, or one by a
            recipe that it no longer has.
    """
    note = folder / "run.json"
    try:
        settings = RunSettings(**json.loads(note.read_text(encoding="utf-8")))
        _check_types(settings)
    except FileNotFoundError:
        raise TrainingError(
            f"{folder} holds no run (no run.json); `python -m models.train` makes one"
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise TrainingError(f"{note} does not describe a run: {error}") from error
    # A list of names: what a damaged note names need not be hashable.
    if settings.recipe not in list(RECIPES):
        raise TrainingError(
            f"{note} names the recipe {settings.recipe!r}, which is not in models/recipes.py; "
            f"train again, into another folder, by one of {', '.join(RECIPES)}"
        )
    return settings


def training_commands(run: Path, settings: RunSettings) -> str:
    """What to type to make a run again, wherever the data lies."""
    train = (
        f"python -m models.train --dataset {settings.dataset} --recipe {settings.recipe} "
        f"--epochs {settings.epochs} --width {settings.width:g} --seed {settings.seed}"
    )
    train += "" if settings.held_out else " --all"
    train += "" if settings.mixed else " --float32"
    train += f" --from {shlex.quote(settings.start)}" if settings.start else ""
    train += f" --teacher {shlex.quote(settings.teacher)}" if settings.teacher else ""
    before = [made_by for made_by in (settings.start_made_by, settings.teacher_made_by) if made_by]
    return " && ".join([*before, f"{train} --run {folder_in_commands(run)}"])


def folder_in_commands(run: Path) -> str:
    """A run's folder as commands name it, for a shell."""
    return shlex.quote(f"runs/{run.absolute().name}")


def _check_types(settings: RunSettings) -> None:
    """Refuse values that no run has: what a damaged or edited run.json says is believed later on.

    Raises:
        ValueError: a value is of another kind than it should be, or no net is so wide.
    """
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        # In JSON a width of 1 may be whole; in Python True is 1.
        kinds = (int, float) if field.type is float else (field.type,)
        if type(value) not in kinds:
            raise ValueError(f"{field.name} is {value!r}")
    if not 0 < settings.width <= WIDEST:
        raise ValueError(f"width is {settings.width!r}")


def _draw(rows: list[dict[str, str]]) -> Figure:
    """Loss, and accuracy in training and on held-out pictures, over the epochs."""
    epochs = [int(row["epoch"]) for row in rows]
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot(xlabel="epoch", ylabel="accuracy, %", title="training")
    for column, name in (("accuracy", "in training"), ("held_out_accuracy", "held out")):
        points = [
            (e, 100 * float(r[column])) for e, r in zip(epochs, rows, strict=True) if r[column]
        ]
        if points:
            axes.plot(*zip(*points, strict=True), marker=".", label=name)
    loss = axes.twinx()
    loss.set_ylabel("loss")
    losses = [float(row["loss"]) for row in rows]
    loss.plot(epochs, losses, color="grey", linestyle="--", label="loss")
    axes.legend(handles=[*axes.lines, *loss.lines], loc="center right")
    return figure
