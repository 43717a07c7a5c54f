"""Outliers are of other things, half of whose kinds are never shown."""

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_app.errors import DatasetError
from models.data import LabelledPictures, load_dataset, split_held_out
from models.outliers import draw_outliers, load_outliers, of_kinds

MakePictures = Callable[..., LabelledPictures]

NAMES = ("apple", "bus", "pickup_truck", "streetcar", "wolf", "worm")


def test_every_second_kind_that_does_not_overlap_is_shown(make_pictures: MakePictures) -> None:
    data = LabelledPictures(make_pictures(7).pictures, np.array([0, 1, 2, 3, 4, 5, 0]), NAMES)

    shown, unseen = of_kinds("cifar100", data, "shown"), of_kinds("cifar100", data, "unseen")

    assert shown.labels.tolist() == [0, 5, 0]
    assert unseen.labels.tolist() == [4]
    assert np.array_equal(unseen.pictures, data.pictures[[4]])


@pytest.mark.parametrize(
    ("dataset", "other", "shown"),
    [("cifar10", "cifar100", 2 * (4 - 2)), ("cifar100", "cifar10", 4 * (20 - 1))],
)
def test_what_is_loaded_is_shown_kinds_that_the_other_dataset_does_not_hold_out(
    dataset: str, other: str, shown: int, small_cifar100: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The small archives hold fewer pictures than are held out of the whole ones.
    split = functools.partial(split_held_out, held_out=10)
    monkeypatch.setattr("models.outliers.split_held_out", split)
    learning, held_out = split(load_dataset(other, "train", small_cifar100))

    loaded = load_outliers(dataset, small_cifar100)

    assert loaded.shape == (shown, 32, 32, 3)
    assert np.array_equal(loaded, of_kinds(other, learning, "shown").pictures)
    kept_back = {picture.tobytes() for picture in held_out.pictures}
    assert not kept_back & {picture.tobytes() for picture in loaded}


def test_fail_no_other_dataset(small_cifar: Path) -> None:
    with pytest.raises(DatasetError, match="cifar-100-python"):
        load_outliers("cifar10", small_cifar)


@settings(max_examples=25, deadline=None)
@given(count=st.integers(0, 20), side=st.sampled_from([8, 32, 33]), seed=st.integers(0, 2**32 - 1))
def test_the_generator_decides_all(count: int, side: int, seed: int) -> None:
    photographs = np.random.default_rng(seed).integers(0, 256, (5, side, side, 3), np.uint8)
    before = photographs.copy()

    first = draw_outliers(photographs, count, np.random.default_rng(seed))
    second = draw_outliers(photographs, count, np.random.default_rng(seed))

    assert first.shape == (count, side, side, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert np.array_equal(photographs, before)


def test_a_quarter_is_made_and_the_rest_are_photographs() -> None:
    photographs = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), np.uint8)

    drawn = draw_outliers(photographs, 40, np.random.default_rng(1))

    found = (drawn[:, None] == photographs[None]).all(axis=(2, 3, 4)).any(axis=1)
    assert not found[:10].any()
    assert found[10:].all()
