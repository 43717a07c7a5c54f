"""Accuracy on corrupted pictures, against nets whose answers are known."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from models.corruptions import CORRUPTIONS, STRENGTHS
from models.data import LabelledPictures
from models.robustness import Robustness, measure_robustness

MakePictures = Callable[..., LabelledPictures]

BY_HAND = Robustness(
    pictures=4, clean=1.0, top1={"fog": (1.0, 0.5, 0.5, 0.5, 0.0), "jpeg": (1.0,) * 5}
)


def test_a_net_that_always_says_the_same_is_right_by_chance(make_pictures: MakePictures) -> None:
    seen = []

    def always_frog(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        seen.append(pictures)
        return np.tile(np.eye(10, dtype=np.float32)[6], (len(pictures), 1))

    found = measure_robustness(always_frog, make_pictures(20))

    assert found.pictures == 20
    assert found.clean == pytest.approx(0.1)
    assert found.mean == pytest.approx(0.1)
    assert list(found.top1) == list(CORRUPTIONS)
    assert all(len(shares) == len(STRENGTHS) for shares in found.top1.values())
    assert len(seen) == 1 + len(CORRUPTIONS) * len(STRENGTHS)


def test_a_net_that_goes_by_brightness_falls_for_brightness_alone() -> None:
    pictures = np.full((2, 32, 32, 3), 60, np.uint8)
    pictures[1] = 120
    data = LabelledPictures(pictures, np.array([0, 1]), ("dark", "light"))

    def by_brightness(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        mean = pictures.mean(axis=(1, 2, 3), dtype=np.float32)
        return np.stack([90 - mean, mean - 90], axis=1)

    found = measure_robustness(by_brightness, data)

    assert found.clean == 1
    assert found.top1["brightness"][0] == 1  # 60 + 13 is dark still
    assert found.top1["brightness"][-1] == 0.5  # 60 + 77 is not
    assert found.top1["gaussian_noise"] == found.top1["contrast"] == (1,) * 5


def test_means_by_hand() -> None:
    assert BY_HAND.means == {"fog": 0.5, "jpeg": 1.0}
    assert BY_HAND.mean == 0.75
    assert BY_HAND.summary() == {"top1_corruptions": 0.75, "corruption_pictures": 4}
    assert BY_HAND.as_json()["top1"]["fog"] == [1.0, 0.5, 0.5, 0.5, 0.0]


def test_text_says_what_it_is_and_what_it_is_not() -> None:
    text = BY_HAND.as_text()

    assert "corruptions made here (not CIFAR-10-C)" in text
    assert "first 4 pictures" in text
    assert "mean of all 75.00%" in text
    fog = next(line for line in text.splitlines() if line.strip().startswith("fog"))
    assert fog.split()[1:] == ["100.00%", "50.00%", "50.00%", "50.00%", "0.00%", "50.00%"]
