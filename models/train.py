"""Train a FastNet: ``python -m models.train --dataset cifar10 --recipe camera``.

A run is a folder. It holds run.json (what was asked), curve.csv (one line an epoch),
checkpoint.npz (to go on from; written after every epoch and on Ctrl-C) and, at the end,
weights.npz (float16, what export reads) and scores.json. The same command in the same folder
continues where the last one stopped.
"""

import argparse
import csv
import dataclasses
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from camera_app.errors import CameraAppError, TrainingError, UsageError
from models.augment import augment, resize_batch
from models.bundle import WEIGHTS_FILE, read_description
from models.data import ARCHIVES, LabelledPictures, load_dataset, split_held_out
from models.fastnet import INPUT_SIZE, build_fastnet
from models.recipes import RECIPES, Recipe
from models.weights import load_weights, save_weights

CHECKPOINT_MINUTES = 5.0
"""How much work a power cut may cost, within an epoch."""

CURVE_PICTURES = 1_000
"""Held-out pictures that each point of the curve is measured on; the final score takes all."""


@dataclasses.dataclass(frozen=True)
class RunSettings:
    """What identifies a run; a checkpoint made with other settings is refused."""

    dataset: str
    recipe: str
    epochs: int
    width: float
    seed: int
    held_out: bool
    mixed: bool
    start: str = ""
    """Bundle that the weights come from; empty: random ones."""
    start_made_by: str = ""
    """The commands that made it."""


def pixel_scaling(
    recipe: Recipe, pictures: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and scale, (3,) each, with which a recipe standardizes pixels it learns from."""
    if recipe.scale == "camera":
        return np.full(3, 128, np.float32), np.full(3, 64, np.float32)
    mean = pictures.mean((0, 1, 2), dtype=np.float64)
    deviation = pictures.std((0, 1, 2), dtype=np.float64)
    return mean.astype(np.float32), deviation.astype(np.float32)


def scale_pictures(pictures: NDArray[np.uint8], mean: Any, scale: Any) -> NDArray[np.float32]:
    """(p - mean) / scale, float32."""
    return ((pictures - np.float32(mean)) / np.float32(scale)).astype(np.float32)


class Trainer:
    """One run: model, optimizer, place in the schedule, and the folder they are kept in.

    Args:
        settings: what to train.
        learning: pictures to learn from.
        held_out: pictures to report on, never learnt from; None when all are learnt from.
        folder: where the run is kept; created if need be, continued if it holds a checkpoint.

    Raises:
        TrainingError: the folder cannot be written, or holds another run's checkpoint.
    """

    def __init__(
        self,
        settings: RunSettings,
        learning: LabelledPictures,
        held_out: LabelledPictures | None,
        folder: Path,
    ) -> None:
        self.settings = settings
        self.recipe: Recipe = RECIPES[settings.recipe]
        self.learning = learning
        self.held_out = held_out
        self.folder = folder
        self.step = 0
        self.steps_per_epoch = len(learning) // self.recipe.batch_size
        self.mean, self.scale = pixel_scaling(self.recipe, learning.pictures)
        keras.utils.set_random_seed(settings.seed)
        keras.config.set_dtype_policy("mixed_bfloat16" if settings.mixed else "float32")
        self.model = build_fastnet(
            len(learning.names), self.recipe.form, settings.width, input_size=None
        )
        self.optimizer = self.recipe.make_optimizer()
        self.optimizer.build(self.model.trainable_variables)
        self.model.compile(
            optimizer=self.optimizer,
            loss=keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=self.recipe.label_smoothing
            ),
            metrics=["accuracy"],
        )
        if settings.start:
            load_weights(self.model, Path(settings.start) / WEIGHTS_FILE)
        self._open_folder()

    @property
    def total_steps(self) -> int:
        """Steps in the whole run."""
        return self.steps_per_epoch * self.settings.epochs

    def run(self) -> None:
        """Train to the end of the budget, from wherever the checkpoint stands."""
        last_saved = time.monotonic()
        with tqdm(total=self.total_steps, initial=self.step, unit="step", smoothing=0.02) as bar:
            while self.step < self.total_steps:
                epoch = self.step // self.steps_per_epoch
                means: list[tuple[float, float]] = []
                for pictures, targets in self._batches(epoch):
                    self.optimizer.learning_rate.assign(
                        self.recipe.learning_rate_at(self.step / self.total_steps)
                    )
                    # Without the reset Keras would hand out running means over all steps so far.
                    self.model.reset_metrics()
                    means.append(self.model.train_on_batch(pictures, targets))
                    self.step += 1
                    loss, accuracy = np.mean(means, axis=0)
                    bar.update()
                    bar.set_postfix(epoch=epoch + 1, loss=f"{loss:.3f}", acc=f"{accuracy:.3f}")
                    if time.monotonic() - last_saved > CHECKPOINT_MINUTES * 60:
                        self.save_checkpoint()
                        last_saved = time.monotonic()
                self._end_epoch(epoch + 1, float(loss), float(accuracy))
                last_saved = time.monotonic()

    def accuracy(self, data: LabelledPictures, size: int = INPUT_SIZE) -> float:
        """Share of pictures, shown at ``size`` pixels, whose largest logit is their label's."""
        pictures = scale_pictures(resize_batch(data.pictures, size), self.mean, self.scale)
        logits = self.model.predict(pictures, batch_size=250, verbose=0)
        return float((np.asarray(logits).argmax(1) == data.labels).mean())

    def save_checkpoint(self) -> None:
        """Write everything needed to go on, in one move: the last good one survives a failure."""
        variables = [*self.model.variables, *self.optimizer.variables]
        arrays = {
            f"v{i}": np.asarray(keras.ops.convert_to_numpy(v)) for i, v in enumerate(variables)
        }
        partial = self.folder / "checkpoint.partial.npz"
        try:
            with partial.open("wb") as file:
                np.savez(file, step=np.int64(self.step), **arrays)  # type: ignore[arg-type]
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.folder / "checkpoint.npz")
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise TrainingError(
                f"cannot write a checkpoint to {self.folder}: {error.strerror}; "
                "the last good one is kept, and the same command goes on from it"
            ) from error

    def finish(self) -> dict[str, float]:
        """Write the weights and scores of a finished run, and return the scores."""
        scores = {}
        if self.held_out is not None:
            scores["held_out_accuracy"] = self.accuracy(self.held_out)
        save_weights(self.model, self.folder / WEIGHTS_FILE, np.float16)
        (self.folder / "scores.json").write_text(json.dumps(scores, indent=2) + "\n")
        return scores

    def _batches(self, epoch: int) -> Iterator[tuple[Any, Any]]:
        """What is left of an epoch; the same pictures whether or not it was interrupted."""
        size = self.recipe.size_in(epoch, self.settings.epochs)
        order = np.random.default_rng((self.settings.seed, epoch)).permutation(len(self.learning))
        eye = np.eye(len(self.learning.names), dtype=np.float32)
        for step in range(self.step % self.steps_per_epoch, self.steps_per_epoch):
            rows = order[step * self.recipe.batch_size : (step + 1) * self.recipe.batch_size]
            rng = np.random.default_rng((self.settings.seed, epoch, step))
            pictures = augment(self.learning.pictures[rows], self.recipe.augmentation, rng)
            pictures = resize_batch(pictures, size)
            yield scale_pictures(pictures, self.mean, self.scale), eye[self.learning.labels[rows]]

    def _end_epoch(self, epoch: int, loss: float, accuracy: float) -> None:
        size = self.recipe.size_in(epoch - 1, self.settings.epochs)
        held_out = None
        if self.held_out is not None:
            some = self.held_out.take(np.arange(min(CURVE_PICTURES, len(self.held_out))))
            held_out = self.accuracy(some, size)
        row = [epoch, size, f"{loss:.4f}", f"{accuracy:.4f}"]
        row.append("" if held_out is None else f"{held_out:.4f}")
        path = self.folder / "curve.csv"
        fresh = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.writer(file)
            if fresh:
                writer.writerow(["epoch", "size", "loss", "accuracy", "held_out_accuracy"])
            writer.writerow(row)
        self.save_checkpoint()
        shown = "" if held_out is None else f", held out {held_out:.2%}"
        tqdm.write(f"epoch {epoch}: {size} px, loss {loss:.3f}, training {accuracy:.2%}{shown}")

    def _open_folder(self) -> None:
        asked = dataclasses.asdict(self.settings)
        note = self.folder / "run.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if note.exists() and json.loads(note.read_text()) != asked:
                raise TrainingError(
                    f"{self.folder} holds another run; choose another folder with --run, "
                    "or repeat that run's options to go on with it"
                )
            note.write_text(json.dumps(asked, indent=2) + "\n")
        except (OSError, json.JSONDecodeError) as error:
            raise TrainingError(f"cannot use {self.folder} for a run: {error}") from error
        if (self.folder / "checkpoint.npz").exists():
            self._load_checkpoint(self.folder / "checkpoint.npz")

    def _load_checkpoint(self, path: Path) -> None:
        variables = [*self.model.variables, *self.optimizer.variables]
        try:
            with np.load(path) as saved:
                arrays = [saved[f"v{i}"] for i in range(len(saved.files) - 1)]
                step = int(saved["step"])
        except Exception as error:  # zipfile, numpy and the disk each raise their own kinds
            raise TrainingError(f"{path} is damaged ({error}); delete it to start over") from error
        if [array.shape for array in arrays] != [tuple(v.shape) for v in variables]:
            raise TrainingError(f"{path} belongs to another architecture; choose another --run")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        self.step = step


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser("python -m models.train", description="Train a FastNet.")
    parser.add_argument("--dataset", choices=ARCHIVES, default="cifar10")
    parser.add_argument("--recipe", choices=RECIPES, default="camera")
    parser.add_argument("--epochs", type=int, help="budget; the schedule is scaled to it")
    parser.add_argument("--width", type=float, default=1.0, help="factor on the filters (1.0)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, help="folder with the official archive")
    parser.add_argument(
        "--from", dest="start", type=Path, metavar="BUNDLE", help="start from a bundle's weights"
    )
    parser.add_argument("--run", type=Path, help="folder of this run (runs/DATASET-RECIPE-SEED)")
    parser.add_argument(
        "--all", action="store_true", help="learn from the held-out 5,000 pictures too"
    )
    parser.add_argument("--float32", action="store_true", help="no bfloat16 arithmetic")
    options = parser.parse_args(arguments)
    epochs = options.epochs or RECIPES[options.recipe].epochs
    try:
        if epochs < 1 or options.width <= 0:
            raise UsageError("--epochs and --width must be positive")
        learning = load_dataset(options.dataset, "train", options.data)
        kept_back: LabelledPictures | None = None
        if not options.all:
            learning, kept_back = split_held_out(learning)
        settings = RunSettings(
            dataset=options.dataset,
            recipe=options.recipe,
            epochs=epochs,
            width=options.width,
            seed=options.seed,
            held_out=not options.all,
            mixed=not options.float32,
            start=str(options.start or ""),
            start_made_by=(
                str(read_description(options.start).get("made_by", "")) if options.start else ""
            ),
        )
        name = f"{options.dataset}-{options.recipe}-{options.seed}"
        trainer = Trainer(settings, learning, kept_back, options.run or Path("runs") / name)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            trainer.run()
        except KeyboardInterrupt:
            trainer.save_checkpoint()
            print(f"\nstopped at step {trainer.step}; the same command goes on from there")
            return 130
        scores = trainer.finish()
        shown = ", ".join(f"{key.replace('_', ' ')} {value:.2%}" for key, value in scores.items())
        print(f"{trainer.folder}/weights.npz: {shown or 'done'}")
        return 0
    except CameraAppError as error:
        print(f"models.train: {error}", file=sys.stderr)
        return error.exit_status


if __name__ == "__main__":
    sys.exit(main())
