"""The batches of a training run: which pictures, how they are changed, what is true of them.

The seed and the step decide everything, so that a run sees the same whether or not it was
interrupted, and whichever process makes the batches.
"""

import contextlib
import functools
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_app.errors import TrainingError
from models.augment import augment, resize_batch
from models.cutmix import cutmix
from models.data import LabelledPictures
from models.outliers import draw_outliers
from models.recipes import Recipe

AHEAD = 3
"""Batches that each helping process may be ahead of the training."""


@dataclass(frozen=True)
class Batch:
    """Pictures of one step.

    Attributes:
        pictures: (N, S, S, 3) uint8 RGB.
        targets: (N, classes) float32, the probability of each class.
        known: how many of them, from the first on, are of the classes; the others are outliers.
    """

    pictures: NDArray[np.uint8]
    targets: NDArray[np.float32]
    known: int


@dataclass(frozen=True)
class BatchMaker:
    """Makes the batch of any step of a run.

    Attributes:
        recipe: what is done to pictures.
        learning: pictures to learn from.
        outliers: pictures of other things, for a recipe that shows some.
        seed: of the run.
        epochs: budget of the run.
    """

    recipe: Recipe
    learning: LabelledPictures
    outliers: NDArray[np.uint8] | None
    seed: int
    epochs: int

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches that the pictures give."""
        return len(self.learning) // self.recipe.batch_size

    def make(self, step: int) -> Batch:
        """The batch of ``step``, counted from 0 at the start of the run."""
        epoch, step = divmod(step, self.steps_per_epoch)
        rng = np.random.default_rng((self.seed, epoch, step))
        outliers = 0
        if self.outliers is not None:
            outliers = self.recipe.outliers_in(epoch, self.epochs)
        # Outliers take the place of pictures, which other epochs show: a step costs the same.
        known = self.recipe.batch_size - outliers
        first = step * self.recipe.batch_size
        rows = _order(self.seed, epoch, len(self.learning))[first : first + known]
        pictures = self.learning.pictures[rows]
        targets = np.eye(len(self.learning.names), dtype=np.float32)[self.learning.labels[rows]]
        if outliers and self.outliers is not None:
            others = draw_outliers(self.outliers, outliers, rng)
            pictures = np.concatenate([pictures, others])
            nothing = np.full((outliers, targets.shape[1]), 1 / targets.shape[1], np.float32)
            targets = np.concatenate([targets, nothing])
        pictures = augment(pictures, self.recipe.augmentation, rng)
        if self.recipe.cutmix_share:
            pictures[:known], targets[:known] = cutmix(
                pictures[:known], targets[:known], self.recipe.cutmix_share, rng
            )
        size = self.recipe.size_in(epoch, self.epochs)
        return Batch(resize_batch(pictures, size), targets, known)


def make_batches(
    maker: BatchMaker, first: int, last: int, workers: int = 0
) -> Generator[Batch, None, None]:
    """The batches of the steps from ``first`` to before ``last``, in order.

    Args:
        maker: makes them.
        first: step.
        last: step before which to end.
        workers: processes that make them beside the training; 0: they are made when asked for.

    Raises:
        TrainingError: such a process was killed.
    """
    if not workers:
        yield from map(maker.make, range(first, last))
        return
    with os.fdopen(os.memfd_create("maker"), "wb") as file:
        pickle.dump(maker, file)
        file.flush()
        yield from _with_help(Path(f"/proc/{os.getpid()}/fd/{file.fileno()}"), first, last, workers)


def _with_help(maker: Path, first: int, last: int, workers: int) -> Generator[Batch, None, None]:
    # Not forked: the training's process has threads by now, whose locks a copy would inherit. The
    # maker is in a file: one that is killed while it starts would let whoever hands it more than a
    # pipe holds wait for ever.
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(maker,)
    )
    try:
        waiting: deque[Future[Batch]] = deque()
        for step in range(first, last):
            with _without_ctrl_c():  # submit starts the processes, one after another
                waiting.append(pool.submit(_make, step))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise TrainingError(
            "a process that makes the batches was killed, which memory that runs out does; pass "
            "fewer --workers, and the same command goes on from the last checkpoint"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Let processes that are started meanwhile be deaf to Ctrl-C, from their first import on.

    It reaches every process of a terminal; the training, which hears it afterwards, ends those that
    help it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@functools.lru_cache(maxsize=1)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, epoch)).permutation(count)


_makers: list[BatchMaker] = []
"""Of a helping process: its run's."""


def _begin(maker: Path) -> None:
    threading.Thread(target=_end_with_the_training, daemon=True).start()
    # Handing a picture of 32x32 to threads takes longer than changing it.
    cv2.setNumThreads(1)
    _makers.append(pickle.loads(maker.read_bytes()))  # noqa: S301 (the training's own)


def _end_with_the_training() -> None:
    # One that was killed tells nobody, and the queue that is waited at stays open: each process
    # that helps holds both of its ends.
    training = multiprocessing.parent_process()
    if training is not None:
        training.join()
        os._exit(1)


def _make(step: int) -> Batch:
    return _makers[0].make(step)
