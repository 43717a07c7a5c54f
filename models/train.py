"""Train a FastNet: ``python -m models.train --dataset cifar10 --recipe camera``.

A run is a folder (see :mod:`models.run_folder`), with a checkpoint after every epoch, every few
minutes and on Ctrl-C. The same command in the same folder continues where the last one stopped.
"""

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from camera_app.errors import INTERRUPTED, TrainingError, UsageError
from models.augment import augment, resize_batch
from models.bundle import WEIGHTS_FILE, read_description
from models.command import command
from models.data import ARCHIVES, LabelledPictures, load_dataset, split_held_out
from models.fastnet import CLASSIFIER, INPUT_SIZE, build_fastnet, freeze
from models.outliers import draw_outliers, load_outliers
from models.recipes import RECIPES, Recipe
from models.run_folder import WIDEST, Epoch, RunFolder, RunSettings, has_checkpoint
from models.weights import load_weights, save_weights

CHECKPOINT_MINUTES = 5.0
"""How much work a power cut may cost, within an epoch."""

CURVE_PICTURES = 1_000
"""Held-out pictures that each point of the curve is measured on; the final score takes all."""

LARGEST_SEED = 2**32 - 1
"""NumPy's old generator, which Keras seeds too, takes no larger one."""


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
        outliers: pictures of other things, for a recipe that shows some.

    Raises:
        TrainingError: the folder cannot be written, or holds another run, or the weights to start
            from are missing or do not fit.
    """

    def __init__(
        self,
        settings: RunSettings,
        learning: LabelledPictures,
        held_out: LabelledPictures | None,
        folder: Path,
        outliers: NDArray[np.uint8] | None = None,
    ) -> None:
        self.settings = settings
        self.recipe: Recipe = RECIPES[settings.recipe]
        self.learning = learning
        self.held_out = held_out
        self.outliers = outliers
        self.step = 0
        self.steps_per_epoch = len(learning) // self.recipe.batch_size
        self.mean, self.scale = pixel_scaling(self.recipe, learning.pictures)
        keras.utils.set_random_seed(settings.seed)
        keras.config.set_dtype_policy("mixed_bfloat16" if settings.mixed else "float32")
        self.model = build_fastnet(
            len(learning.names), self.recipe.form, settings.width, input_size=None
        )
        freeze(self.model, self.recipe.frozen)
        self.optimizer = self.recipe.make_optimizer()
        self.optimizer.build(self.model.trainable_variables)
        self.model.compile(
            optimizer=self.optimizer,
            loss=keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=self.recipe.label_smoothing
            ),
            metrics=["accuracy"],
        )
        # Before the folder is marked as this run's: weights that do not fit leave it to another.
        if settings.start and not has_checkpoint(folder):
            # Another dataset's classifier is of no use; what is before it sees well already.
            start = Path(settings.start)
            _check_width(start, settings.width)
            same = _knows(start, learning.names)
            load_weights(self.model, start / WEIGHTS_FILE, all_but=None if same else CLASSIFIER)
        self.folder = RunFolder(folder, settings)
        if self.folder.has_checkpoint:
            self._load_checkpoint()

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
        """Write everything needed to go on."""
        arrays = [np.asarray(keras.ops.convert_to_numpy(v)) for v in self._variables()]
        self.folder.save_checkpoint(self.step, arrays)

    def finish(self) -> dict[str, float]:
        """Write the weights and scores of a finished run, and return the scores."""
        scores = {}
        if self.held_out is not None:
            scores["held_out_accuracy"] = self.accuracy(self.held_out)
        self.folder.write(WEIGHTS_FILE, lambda file: save_weights(self.model, file, np.float16))
        self.folder.save_scores(scores)
        return scores

    def _batches(self, epoch: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """What is left of an epoch; the same pictures whether or not it was interrupted.

        Yields:
            Pictures and outliers as the net takes them, (N, S, S, 3), and their targets (N, C).
        """
        size = self.recipe.size_in(epoch, self.settings.epochs)
        order = np.random.default_rng((self.settings.seed, epoch)).permutation(len(self.learning))
        eye = np.eye(len(self.learning.names), dtype=np.float32)
        outliers = 0
        if self.outliers is not None:
            outliers = self.recipe.outliers_in(epoch, self.settings.epochs)
        for step in range(self.step % self.steps_per_epoch, self.steps_per_epoch):
            # Outliers take the place of pictures, which other epochs show: a step costs the same.
            first = step * self.recipe.batch_size
            rows = order[first : first + self.recipe.batch_size - outliers]
            rng = np.random.default_rng((self.settings.seed, epoch, step))
            pictures, targets = self.learning.pictures[rows], eye[self.learning.labels[rows]]
            if outliers and self.outliers is not None:
                others = draw_outliers(self.outliers, outliers, rng)
                pictures = np.concatenate([pictures, others])
                nothing = np.full((outliers, len(eye)), 1 / len(eye), np.float32)
                targets = np.concatenate([targets, nothing])
            pictures = augment(pictures, self.recipe.augmentation, rng)
            pictures = resize_batch(pictures, size)
            yield scale_pictures(pictures, self.mean, self.scale), targets

    def _end_epoch(self, epoch: int, loss: float, accuracy: float) -> None:
        size = self.recipe.size_in(epoch - 1, self.settings.epochs)
        held_out = None
        if self.held_out is not None:
            some = self.held_out.take(np.arange(min(CURVE_PICTURES, len(self.held_out))))
            held_out = self.accuracy(some, size)
        self.folder.add_epoch(Epoch(epoch, size, loss, accuracy, held_out))
        self.save_checkpoint()
        shown = "" if held_out is None else f", held out {held_out:.2%}"
        tqdm.write(f"epoch {epoch}: {size} px, loss {loss:.3f}, training {accuracy:.2%}{shown}")

    def _load_checkpoint(self) -> None:
        step, arrays = self.folder.load_checkpoint()
        variables = self._variables()
        if [array.shape for array in arrays] != [tuple(v.shape) for v in variables]:
            raise TrainingError(
                f"the checkpoint in {self.folder.path} belongs to another architecture; "
                "choose another folder with --run"
            )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        self.step = step

    def _variables(self) -> list[keras.Variable]:
        return [*self.model.variables, *self.optimizer.variables]


def _check_width(bundle: Path, width: float) -> None:
    """Refuse a bundle that says it is of another width, with the option that takes it."""
    its = read_description(bundle).get("width", width)
    if its != width:
        raise TrainingError(
            f"{bundle} holds the weights of another architecture: it was made with --width {its}, "
            f"and this run is of {width:g}; pass --width {its}, or start from another bundle"
        )


def _knows(bundle: Path, names: Sequence[str]) -> bool:
    """Whether the classes of ``bundle`` are those of ``names``."""
    return bool(read_description(bundle).get("labels") == list(names))


def _made_by(bundle: Path, names: Sequence[str], learns_from_all: bool) -> str:
    """The commands that made ``bundle``, if a run on classes ``names`` may start from it."""
    made_by = str(read_description(bundle).get("made_by", ""))
    if " --all" in made_by and _knows(bundle, names) and not learns_from_all:
        raise UsageError(
            f"{bundle} has learnt from the held-out pictures, which could then judge nothing; "
            "add --all, or start from another bundle"
        )
    return made_by


@command("models.train")
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
        "--from",
        dest="start",
        type=Path,
        metavar="BUNDLE",
        help="start from a bundle's weights; of another dataset's, all but the classifier",
    )
    parser.add_argument("--run", type=Path, help="folder of this run (runs/DATASET-RECIPE-SEED)")
    parser.add_argument(
        "--all", action="store_true", help="learn from the held-out 5,000 pictures too"
    )
    parser.add_argument("--float32", action="store_true", help="no bfloat16 arithmetic")
    options = parser.parse_args(arguments)
    recipe = RECIPES[options.recipe]
    epochs = recipe.epochs if options.epochs is None else options.epochs
    if epochs < 1:
        raise UsageError("--epochs must be positive")
    if not 0 < options.width <= WIDEST:  # nan is not
        raise UsageError(f"--width must be positive, and {WIDEST:g} at most")
    if not 0 <= options.seed <= LARGEST_SEED:
        raise UsageError(f"--seed must be a number from 0 to {LARGEST_SEED}")
    if recipe.frozen and not options.start:
        raise UsageError(
            f"recipe {options.recipe} keeps the first convolutions of a net that has learnt; "
            "name it with --from BUNDLE"
        )
    if options.start:
        read_description(options.start)  # what is not there is said before anything is downloaded
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
        start_made_by=_made_by(options.start, learning.names, options.all) if options.start else "",
    )
    name = f"{options.dataset}-{options.recipe}-{options.seed}"
    outliers = None
    if recipe.outlier_share:
        outliers = load_outliers(options.dataset, options.data)
    run = options.run or Path("runs") / name
    trainer = Trainer(settings, learning, kept_back, run, outliers)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with trainer.folder.locked():
        try:
            trainer.run()
        except KeyboardInterrupt:
            trainer.save_checkpoint()
            print(f"\nstopped at step {trainer.step}; the same command goes on from there")
            return INTERRUPTED
        scores = trainer.finish()
    shown = ", ".join(f"{key.replace('_', ' ')} {value:.2%}" for key, value in scores.items())
    print(f"{trainer.folder.path / WEIGHTS_FILE}: {shown or 'done'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
