"""The seed and the step decide a batch, whoever makes it."""

import contextlib
import dataclasses
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from camera_app.errors import TrainingError
from models.batches import Batch, BatchMaker, make_batches
from models.data import LabelledPictures
from models.recipes import RECIPES

MakePictures = Callable[..., LabelledPictures]


@pytest.fixture
def maker(make_pictures: MakePictures) -> BatchMaker:
    recipe = dataclasses.replace(
        RECIPES["distilled"], batch_size=16, outliers_from=0.5, sizes=((0.0, 16), (0.5, 32))
    )
    outliers = np.random.default_rng(1).integers(0, 256, (5, 32, 32, 3), np.uint8)
    return BatchMaker(recipe, make_pictures(40), outliers, seed=3, epochs=2)


def assert_same(one: Batch, other: Batch) -> None:
    assert one.known == other.known
    assert np.array_equal(one.pictures, other.pictures)
    assert np.array_equal(one.targets, other.targets)


def test_an_epoch_shows_no_picture_twice(make_pictures: MakePictures) -> None:
    recipe = dataclasses.replace(RECIPES["clean"], batch_size=10)
    learning = dataclasses.replace(make_pictures(40), labels=np.arange(40), names=("a",) * 40)
    maker = BatchMaker(recipe, learning, None, seed=0, epochs=2)

    epochs = [
        np.concatenate([maker.make(4 * epoch + step).targets.argmax(1) for step in range(4)])
        for epoch in range(2)
    ]

    assert [sorted(epoch) for epoch in epochs] == [list(range(40))] * 2
    assert not np.array_equal(*epochs)


def test_outliers_come_last_and_are_not_mixed(maker: BatchMaker) -> None:
    early, late = maker.make(0), maker.make(maker.steps_per_epoch)

    assert (early.known, early.pictures.shape) == (16, (16, 16, 16, 3))
    assert (late.known, late.pictures.shape) == (14, (16, 32, 32, 3))
    assert np.allclose(late.targets[14:], 0.1)
    assert np.allclose(late.targets.sum(1), 1)
    assert not np.allclose(late.targets[:14], 0.1, atol=0.05)


def test_helping_processes_make_the_same_batches_in_order(maker: BatchMaker) -> None:
    with_help = list(make_batches(maker, 1, 4, workers=2))

    assert len(with_help) == 3
    for one, other in zip(with_help, make_batches(maker, 1, 4), strict=True):
        assert_same(one, other)


def test_fail_a_helping_process_that_was_killed(maker: BatchMaker) -> None:
    batches = make_batches(maker, 0, 1_000, workers=1)
    next(batches)

    for process in multiprocessing.active_children():
        os.kill(process.pid or 0, signal.SIGKILL)
    with pytest.raises(TrainingError, match=r"was killed.* fewer --workers"):
        list(batches)


def test_ctrl_c_does_not_reach_a_helping_process_that_still_imports(maker: BatchMaker) -> None:
    done = threading.Event()

    def interrupt_it() -> None:
        while not done.wait(0.1):
            signal_helpers(signal.SIGINT)

    # A shell's background job ignores it, and so does what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupter = threading.Thread(target=interrupt_it)
    interrupter.start()
    try:
        assert len(list(make_batches(maker, 0, 3, workers=1))) == 3
    finally:
        done.set()
        interrupter.join()
        signal.signal(signal.SIGINT, before)


def test_fail_a_helping_process_that_was_killed_while_it_started(maker: BatchMaker) -> None:
    many = dataclasses.replace(maker, outliers=np.zeros((999, 32, 32, 3), np.uint8))

    done = threading.Event()

    def kill_it() -> None:
        while not done.wait(0.01):
            signal_helpers(signal.SIGKILL)

    killer = threading.Thread(target=kill_it)
    killer.start()
    with pytest.raises(TrainingError, match=r"was killed.* fewer --workers"):
        list(make_batches(many, 0, 3, workers=1))
    done.set()
    killer.join()


def test_helping_processes_end_with_a_training_that_was_killed(
    maker: BatchMaker, tmp_path: Path
) -> None:
    (tmp_path / "maker").write_bytes(pickle.dumps(maker))
    training = (
        "import multiprocessing, pickle, sys, time\n"
        "from models.batches import make_batches\n"
        "batches = make_batches(pickle.load(open(sys.argv[1], 'rb')), 0, 1_000, workers=1)\n"
        "next(batches)\n"
        "print(multiprocessing.active_children()[0].pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", training, tmp_path / "maker"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        helper = int(process.stdout.readline())
        process.kill()

    deadline = time.monotonic() + 20
    while is_running(helper) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(helper)


def is_running(process: int) -> bool:
    try:
        # "pid (name) state …": who adopts it need not have asked how it ended.
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def signal_helpers(number: int) -> int:
    """Send a signal to what this process has spawned, also while it starts; how many there are."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and b"spawn_main" in (process / "cmdline").read_bytes():
                os.kill(int(process.name), number)
                found += 1
    return found
