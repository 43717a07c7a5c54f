"""The net rests while its picture stays as it was, and only then."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.frame import Frame
from camera_app.inference.bundle import Bundle
from camera_app.inference.classifier import Classifier
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.runtimes import available_runtimes, open_runtime
from camera_app.inference.still import StillRuntime

Pixels = NDArray[np.uint8]

THRESHOLD = 3.0
IDLE_SHARE = 1 / 5
"""The most processor time that a still picture may take of what a moving one takes."""


def scene(size: int = 32) -> Pixels:
    ramp = np.linspace(40, 200, size)
    return np.stack([np.add.outer(ramp, ramp) / 2] * 3, axis=2).astype(np.uint8)


def noisy(picture: Pixels, sigma: float, seed: int) -> Pixels:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def make() -> tuple[FakeRuntime, StillRuntime]:
    runtime = FakeRuntime([(1, 0), (0, 1)])
    return runtime, StillRuntime(runtime, THRESHOLD)


def test_the_same_picture_is_answered_as_before() -> None:
    runtime, still = make()
    first = still.run(scene())
    first[:] = 7  # whoever got the answer may do with it what he likes
    for _ in range(5):
        np.testing.assert_array_equal(still.run(scene()), (1, 0))
    assert len(runtime.crops) == 1
    assert still.skipped == 5


def test_noise_is_nothing_new() -> None:
    """One level in a pixel of 32x32 is fifteen in one of the 480x480 it is made of: a dark room."""
    runtime, still = make()
    for seed in range(200):
        still.run(noisy(scene(), 1.0, seed))
    assert len(runtime.crops) == 1


def test_even_in_wild_noise_the_net_mostly_rests() -> None:
    runtime, still = make()
    for seed in range(200):
        still.run(noisy(scene(), 2.0, seed))
    assert len(runtime.crops) < 10


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: picture[8:12, 8:12].__iadd__(np.uint8(10)),  # something small
        lambda picture: picture[:, :, 2].__iadd__(np.uint8(4)),  # its colour alone
        lambda picture: picture.__isub__(np.uint8(4)),  # a cloud
    ],
)
def test_a_change_is_seen(change: Callable[[Pixels], object]) -> None:
    runtime, still = make()
    still.run(scene())
    changed = scene()
    change(changed)
    np.testing.assert_array_equal(still.run(changed), (0, 1))
    np.testing.assert_array_equal(still.run(changed), (0, 1))
    assert len(runtime.crops) == 2


def test_dusk_is_seen_however_slow_it_is() -> None:
    runtime, still = make()
    for step in range(20):
        still.run((scene() - np.uint8(step)).astype(np.uint8))
    assert len(runtime.crops) == 5, "at every fourth level"


def test_a_threshold_of_none_lets_only_equal_pictures_pass() -> None:
    runtime = FakeRuntime([(1, 0)])
    still = StillRuntime(runtime, 0.0)
    still.run(scene())
    still.run(scene())
    still.run(noisy(scene(), 0.5, 1))
    assert len(runtime.crops) == 2


@pytest.mark.parametrize("size", [1, 5, 8, 30, 96])
def test_any_size_of_net(size: int) -> None:
    runtime, still = make()
    still.run(scene(size))
    still.run(scene(size))
    still.run(np.invert(scene(size)))
    assert len(runtime.crops) == 2


def test_it_passes_for_the_runtime() -> None:
    runtime, still = make()
    assert (still.name, still.threads) == (runtime.name, runtime.threads)
    still.close()
    assert runtime.closed


def test_a_still_scene_takes_a_fifth_of_the_processor(bundle: Bundle) -> None:
    runtime = open_runtime(available_runtimes(bundle)[0], bundle, threads=1)
    frames = [Frame(noisy(scene(480), 4.0, seed), seed, 0.0) for seed in range(8)]

    def seconds(classifier: Classifier) -> float:
        """Of processor time, which a busy machine does not stretch as it does time on the wall."""
        classifier.classify(frames[0])
        start = time.process_time()
        for number in range(80):
            classifier.classify(frames[number % 8])
        return time.process_time() - start

    active = seconds(Classifier(bundle, runtime))
    idle = seconds(Classifier(bundle, StillRuntime(runtime, THRESHOLD)))
    assert idle <= active * IDLE_SHARE
    runtime.close()
