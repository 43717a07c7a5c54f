"""The net rests while its picture stays as it was, and only then."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.frame import Frame
from camera_app.inference.bundle import Bundle
from camera_app.inference.classifier import Classifier
from camera_app.inference.runtimes import open_runtime
from camera_app.inference.still import StillScene
from tests.end_to_end import RUNTIME

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


def test_the_first_picture_is_new_and_the_same_again_is_not() -> None:
    still = StillScene(THRESHOLD)
    assert not still.holds(scene())
    assert all(still.holds(scene()) for _ in range(5))


def test_noise_is_nothing_new() -> None:
    """One level in a pixel of 32x32 is fifteen in one of the 480x480 it is made of: a dark room."""
    still = StillScene(THRESHOLD)
    assert [still.holds(noisy(scene(), 1.0, seed)) for seed in range(200)].count(False) == 1


def test_even_in_wild_noise_the_net_mostly_rests() -> None:
    still = StillScene(THRESHOLD)
    assert [still.holds(noisy(scene(), 2.0, seed)) for seed in range(200)].count(False) < 10


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: picture[8:12, 8:12].__iadd__(np.uint8(10)),  # something small
        lambda picture: picture[:, :, 2].__iadd__(np.uint8(4)),  # its colour alone
        lambda picture: picture.__isub__(np.uint8(4)),  # a cloud
    ],
)
def test_a_change_is_seen_once(change: Callable[[Pixels], object]) -> None:
    still = StillScene(THRESHOLD)
    still.holds(scene())
    changed = scene()
    change(changed)
    assert not still.holds(changed)
    assert still.holds(changed)


def test_dusk_is_seen_however_slow_it_is() -> None:
    still = StillScene(THRESHOLD)
    held = [still.holds((scene() - np.uint8(step)).astype(np.uint8)) for step in range(20)]
    assert held.count(False) == 5, "at every fourth level"


def test_a_threshold_of_none_lets_only_equal_pictures_pass() -> None:
    still = StillScene(0.0)
    still.holds(scene())
    assert still.holds(scene())
    assert not still.holds(noisy(scene(), 0.5, 1))


@pytest.mark.parametrize("size", [1, 5, 8, 30, 96, 129, 256, 481, 1080])
def test_any_size_of_picture(size: int) -> None:
    still = StillScene(THRESHOLD)
    assert not still.holds(scene(size))
    assert still.holds(scene(size))
    assert not still.holds(np.invert(scene(size)))


@pytest.mark.parametrize("size", [240, 481, 720, 1080])
@pytest.mark.parametrize("place", [(0.0, 0.0), (0.97, 0.0), (0.0, 0.97), (0.97, 0.97), (0.4, 0.6)])
def test_what_the_net_would_see_is_seen_at_any_size(size: int, place: tuple[float, float]) -> None:
    """One pixel of the net's 32x32 that turns white: in the middle, and at every edge."""
    still = StillScene(THRESHOLD)
    before = (scene(size) // 2).astype(np.uint8)
    still.holds(before)
    top, left = (round(share * size) for share in place)
    after = before.copy()
    after[top : top + size // 32, left : left + size // 32] = 255
    assert not still.holds(after)


def test_another_size_is_another_picture() -> None:
    still = StillScene(THRESHOLD)
    for size in (4, 6, 4):
        assert not still.holds(scene(size))


def test_a_still_scene_takes_a_fifth_of_the_processor(bundle: Bundle) -> None:
    runtime = open_runtime(RUNTIME, bundle, threads=1)
    frames = [Frame(noisy(scene(480), 4.0, seed), seed, 0.0) for seed in range(8)]

    def seconds(classifier: Classifier) -> float:
        """Of processor time, which a busy machine does not stretch as it does time on the wall."""
        classifier.classify(frames[0])
        start = time.process_time()
        for number in range(80):
            classifier.classify(frames[number % 8])
        return time.process_time() - start

    active = seconds(Classifier(bundle, runtime))
    idle = seconds(Classifier(bundle, runtime, still=StillScene(THRESHOLD)))
    assert idle <= active * IDLE_SHARE
    runtime.close()


def test_the_noise_of_a_dark_room_is_nothing_new_in_a_whole_picture() -> None:
    still = StillScene(THRESHOLD)
    assert [still.holds(noisy(scene(480), 15.0, seed)) for seed in range(20)].count(False) == 1
