"""Train a FastNet: ``python -m models.train --dataset cifar10 --recipe camera``.

A run is a folder (see :mod:`models.run_folder`), with a checkpoint after an epoch, every few
minutes and on Ctrl-C. The same command in the same folder continues where the last one
stopped.
"""

import contextlib
import math
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from camera_app.arguments import Parser
from camera_app.errors import INTERRUPTED, TrainingError, UsageError
from models.augment import resize_batch
from models.batches import Batch, BatchMaker, make_batches
from models.bundle import WEIGHTS_FILE, read_description
from models.command import command
from models.data import ARCHIVES, LabelledPictures, load_dataset, split_held_out
from models.fastnet import CLASSIFIER, INPUT_SIZE, freeze
from models.outliers import load_outliers
from models.pixels import pixel_scaling, scale_pictures
from models.recipes import RECIPES, Recipe
from models.run_folder import WIDEST, Epoch, RunFolder, RunSettings, has_checkpoint
from models.teacher import Teacher, check_teacher
from models.weights import load_weights, save_weights

CHECKPOINT_MINUTES = 5.0
"""How much work a power cut may cost, within an epoch."""

CHECKPOINT_SECONDS = 30.0
"""How old a checkpoint is at least when the end of an epoch replaces it, and a look is taken at
held-out pictures: both take about as long as an epoch does on a GPU."""

CURVE_PICTURES = 1_000
"""Held-out pictures that each point of the curve is measured on; the final score takes all."""

LARGEST_SEED = 2**32 - 1
"""NumPy's old generator, which Keras seeds too, takes no larger one."""


class Trainer:
    """One run: model, optimizer, place in the schedule, and the folder they are kept in.

    Args:
        settings: what to train.
        learning: pictures to learn from.
        held_out: pictures to report on, never learnt from; None when all are learnt from.
        folder: where the run is kept; created if need be, continued if it holds a checkpoint.
        outliers: pictures of other things, for a recipe that shows some.
        workers: processes that make the batches beside the training; 0: it makes them itself.

    Raises:
        TrainingError: the folder cannot be written, or holds another run, or the weights to start
            from, or the teacher's, are missing or do not fit.
    """

    def __init__(
        self,
        settings: RunSettings,
        learning: LabelledPictures,
        held_out: LabelledPictures | None,
        folder: Path,
        outliers: NDArray[np.uint8] | None = None,
        workers: int = 0,
    ) -> None:
        self.settings = settings
        self.recipe: Recipe = RECIPES[settings.recipe]
        self.held_out = held_out
        self.batches = BatchMaker(
            self.recipe, learning, outliers, seed=settings.seed, epochs=settings.epochs
        )
        self.workers = workers
        self.step = 0
        self.steps_per_epoch = self.batches.steps_per_epoch
        self._last_saved = time.monotonic()
        self.mean, self.scale = pixel_scaling(self.recipe, learning.pictures)
        keras.utils.set_random_seed(settings.seed)
        keras.config.set_dtype_policy("mixed_bfloat16" if settings.mixed else "float32")
        self.model = self.recipe.make_network(len(learning.names), settings.width)
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
        self.teacher = (
            Teacher(Path(settings.teacher), len(learning.names)) if settings.teacher else None
        )
        self.folder = RunFolder(folder, settings)
        if self.folder.has_checkpoint:
            self._load_checkpoint()

    @property
    def total_steps(self) -> int:
        """Steps in the whole run."""
        return self.steps_per_epoch * self.settings.epochs

    def run(self) -> None:
        """Train to the end of the budget, from wherever the checkpoint stands.

        Raises:
            TrainingError: a loss is no finite number, and nothing is learnt any more; the
                checkpoint is of a step before it.
        """
        batches = make_batches(self.batches, self.step, self.total_steps, self.workers)
        means: list[tuple[float, float]] = []
        with (
            contextlib.closing(batches),
            tqdm(total=self.total_steps, initial=self.step, unit="step", smoothing=0.02) as bar,
        ):
            for batch in batches:
                with _whole():
                    learnt = self._learn(batch)
                    if not math.isfinite(learnt[0]):
                        raise self._diverged()
                    means.append(learnt)
                    self.step += 1
                epoch, place = divmod(self.step, self.steps_per_epoch)
                loss, accuracy = np.mean(means, axis=0)
                shown = {"loss": f"{loss:.3f}", "acc": f"{accuracy:.3f}"}
                bar.set_postfix(epoch=epoch + (place > 0), **shown, refresh=False)
                bar.update()
                if place == 0:
                    self._end_epoch(epoch, float(loss), float(accuracy))
                    means.clear()
                elif time.monotonic() - self._last_saved > CHECKPOINT_MINUTES * 60:
                    self.save_checkpoint()

    def _diverged(self) -> TrainingError:
        return TrainingError(
            f"the loss of step {self.step + 1} of {self.folder.path} is no finite number: the "
            "training diverged; train into another folder, with another --seed or with --float32"
        )

    def accuracy(self, data: LabelledPictures, size: int = INPUT_SIZE) -> float:
        """Share of pictures, shown at ``size`` pixels, whose largest logit is their label's."""
        pictures = scale_pictures(resize_batch(data.pictures, size), self.mean, self.scale)
        logits = self.model.predict(pictures, batch_size=250, verbose=0)
        return float((np.asarray(logits).argmax(1) == data.labels).mean())

    def save_checkpoint(self) -> None:
        """Write everything needed to go on."""
        arrays = [np.asarray(keras.ops.convert_to_numpy(v)) for v in self._variables()]
        self.folder.save_checkpoint(self.step, arrays)
        self._last_saved = time.monotonic()

    def finish(self) -> dict[str, float]:
        """Write the weights and scores of a finished run, and return the scores."""
        scores = {}
        if self.held_out is not None:
            scores["held_out_accuracy"] = self.accuracy(self.held_out)
        self.folder.write(WEIGHTS_FILE, lambda file: save_weights(self.model, file, np.float16))
        self.folder.save_scores(scores)
        return scores

    def _learn(self, batch: Batch) -> tuple[float, float]:
        """Take one step; the batch's loss and the share of it that was right."""
        progress = self.step / self.total_steps
        self.optimizer.learning_rate.assign(self.recipe.learning_rate_at(progress))
        # A tensor once for both nets: to a GPU the way is long.
        pictures = keras.ops.convert_to_tensor(
            scale_pictures(batch.pictures, self.mean, self.scale)
        )
        targets = batch.targets
        if self.teacher is not None:
            targets = self.teacher.targets(batch, pictures, self.recipe)
        # Without the reset Keras would hand out running means over all steps so far.
        self.model.reset_metrics()
        loss, accuracy = self.model.train_on_batch(pictures, targets)
        return float(loss), float(accuracy)

    def _end_epoch(self, epoch: int, loss: float, accuracy: float) -> None:
        size = self.recipe.size_in(epoch - 1, self.settings.epochs)
        last = epoch == self.settings.epochs
        due = last or time.monotonic() - self._last_saved > CHECKPOINT_SECONDS
        held_out = None
        if due and self.held_out is not None:
            some = self.held_out.take(np.arange(min(CURVE_PICTURES, len(self.held_out))))
            held_out = self.accuracy(some, size)
        self.folder.add_epoch(Epoch(epoch, size, loss, accuracy, held_out))
        shown = "" if held_out is None else f", held out {held_out:.2%}"
        tqdm.write(f"epoch {epoch}: {size} px, loss {loss:.3f}, training {accuracy:.2%}{shown}")
        if due:
            self.folder.draw_curve()
            self.save_checkpoint()

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


@contextlib.contextmanager
def _whole() -> Iterator[None]:
    """Put off what asks the training to stop until the block is done.

    Half a step, or one that is not counted, would be kept in the checkpoint, and the run that goes
    on from there would be another than the unbroken one.
    """
    asked: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: asked.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if asked:
        signal.raise_signal(asked[0])


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
    parser = Parser("python -m models.train", description="Train a FastNet.")
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
    parser.add_argument(
        "--teacher", type=Path, metavar="RUN", help="finished run whose answers are to be learnt"
    )
    parser.add_argument("--run", type=Path, help="folder of this run (runs/DATASET-RECIPE-SEED)")
    parser.add_argument(
        "--all", action="store_true", help="learn from the held-out 5,000 pictures too"
    )
    parser.add_argument("--float32", action="store_true", help="no bfloat16 arithmetic")
    parser.add_argument(
        "--workers", type=int, default=0, help="processes that make the batches, for a GPU (0)"
    )
    options = parser.parse_args(arguments)
    recipe = RECIPES[options.recipe]
    epochs = recipe.epochs if options.epochs is None else options.epochs
    if epochs < 1:
        raise UsageError("--epochs must be positive")
    if not 0 < options.width <= WIDEST:  # nan is not
        raise UsageError(f"--width must be positive, and {WIDEST:g} at most")
    if not 0 <= options.seed <= LARGEST_SEED:
        raise UsageError(f"--seed must be a number from 0 to {LARGEST_SEED}")
    if recipe.form == "wide_resnet" and options.width != 1:
        raise UsageError(f"recipe {options.recipe} trains a net of one width; leave --width out")
    if options.workers < 0:
        raise UsageError("--workers must not be negative")
    if recipe.teacher_share and not options.teacher:
        raise UsageError(
            f"recipe {options.recipe} learns from a larger net; train one with --recipe teacher, "
            "and name its run with --teacher RUN"
        )
    if options.teacher and not recipe.teacher_share:
        raise UsageError(f"recipe {options.recipe} has no use for a teacher; leave --teacher out")
    if recipe.frozen and not options.start:
        raise UsageError(
            f"recipe {options.recipe} keeps the first convolutions of a net that has learnt; "
            "name it with --from BUNDLE"
        )
    if options.start:
        read_description(options.start)  # what is not there is said before anything is downloaded
    teacher_made_by = ""
    if options.teacher:  # likewise
        teacher_made_by = check_teacher(
            options.teacher, recipe, options.dataset, learns_from_all=options.all
        )
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
        teacher=str(options.teacher or ""),
        teacher_made_by=teacher_made_by,
    )
    name = f"{options.dataset}-{options.recipe}-{options.seed}"
    outliers = None
    if recipe.outlier_share:
        outliers = load_outliers(options.dataset, options.data)
    run = options.run or Path("runs") / name
    trainer = Trainer(settings, learning, kept_back, run, outliers, options.workers)
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
