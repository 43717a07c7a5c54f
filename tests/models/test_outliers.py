"""Outliers are of other things, half of whose kinds are never shown."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_app.errors import DatasetError
from models.data import LabelledPictures
from models.outliers import draw_outliers, load_outliers, of_kinds

MakePictures = Callable[..., LabelledPictures]

NAMES = ("apple", "bus", "pickup_truck", "streetcar", "wolf", "worm")


def test_every_second_kind_that_does_not_overlap_is_shown(make_pictures: MakePictures) -> None:
    data = LabelledPictures(make_pictures(7).pictures, np.array([0, 1, 2, 3, 4, 5, 0]), NAMES)

    shown, unseen = of_kinds("cifar100", data, "shown"), of_kinds("cifar100", data, "unseen")

    assert shown.labels.tolist() == [0, 5, 0]
    assert unseen.labels.tolist() == [4]
    assert np.array_equal(unseen.pictures, data.pictures[[4]])


def test_only_shown_kinds_of_the_other_dataset_are_loaded(small_cifar100: Path) -> None:
    assert load_outliers("cifar10", small_cifar100).shape == (8, 32, 32, 3)
    assert load_outliers("cifar100", small_cifar100).shape == (80, 32, 32, 3)


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
