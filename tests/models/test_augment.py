"""What training does to pictures is decided by its generator alone, and only what was asked."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.augment import Augmentation, augment, resize_batch
from models.recipes import RECIPES

NOTHING = Augmentation(flip=False, shift=0)


@pytest.fixture
def pictures() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), np.uint8)


def test_nothing_asked_changes_nothing(pictures: NDArray[np.uint8]) -> None:
    assert np.array_equal(augment(pictures, NOTHING, np.random.default_rng(1)), pictures)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    how=st.builds(
        Augmentation,
        flip=st.booleans(),
        shift=st.floats(0, 8),
        rotation=st.floats(0, 30),
        cutout=st.integers(0, 16),
        camera_share=st.floats(0, 1),
    ),
)
def test_same_generator_same_pictures(seed: int, how: Augmentation) -> None:
    pictures = np.random.default_rng(seed).integers(0, 256, (3, 32, 32, 3), np.uint8)
    before = pictures.copy()

    first = augment(pictures, how, np.random.default_rng(seed))
    second = augment(pictures, how, np.random.default_rng(seed))

    assert first.dtype == np.uint8
    assert first.shape == pictures.shape
    assert np.array_equal(first, second)
    assert np.array_equal(pictures, before)


@pytest.mark.parametrize("recipe", RECIPES)
def test_another_generator_other_pictures(recipe: str, pictures: NDArray[np.uint8]) -> None:
    how = RECIPES[recipe].augmentation

    first = augment(pictures, how, np.random.default_rng(1))

    assert not np.array_equal(first, augment(pictures, how, np.random.default_rng(2)))


def test_flip_mirrors_half_of_them_and_does_nothing_else(pictures: NDArray[np.uint8]) -> None:
    many = np.repeat(pictures, 20, axis=0)

    out = augment(many, dataclasses.replace(NOTHING, flip=True), np.random.default_rng(3))

    mirrored = np.array([np.array_equal(a, b[:, ::-1]) for a, b in zip(out, many, strict=True)])
    same = np.array([np.array_equal(a, b) for a, b in zip(out, many, strict=True)])
    assert (mirrored | same).all()
    assert 0.4 < mirrored.mean() < 0.6


def test_shift_moves_by_whole_pixels(pictures: NDArray[np.uint8]) -> None:
    out = augment(pictures, dataclasses.replace(NOTHING, shift=3), np.random.default_rng(4))

    for changed, original in zip(out, pictures, strict=True):
        offsets = [(dy, dx) for dy in range(-3, 4) for dx in range(-3, 4)]
        inner = changed[8:24, 8:24]
        assert any(
            np.array_equal(inner, original[8 - dy : 24 - dy, 8 - dx : 24 - dx])
            for dy, dx in offsets
        )


def test_cutout_hides_at_most_its_square(pictures: NDArray[np.uint8]) -> None:
    out = augment(pictures, dataclasses.replace(NOTHING, cutout=8), np.random.default_rng(5))

    hidden = (out != pictures).any(axis=3)
    assert hidden.any(axis=(1, 2)).all()
    assert (hidden.sum(axis=(1, 2)) <= 64).all()
    assert (out[hidden] == 128).all()


def test_camera_share_is_the_share_that_changes() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (300, 32, 32, 3), np.uint8)

    how = dataclasses.replace(NOTHING, camera_share=0.2)
    changed = (augment(pictures, how, np.random.default_rng(6)) != pictures).any(axis=(1, 2, 3))

    assert 0.12 < changed.mean() < 0.28


def test_resize_keeps_the_mean_and_the_full_size(pictures: NDArray[np.uint8]) -> None:
    small = resize_batch(pictures, 16)

    assert small.shape == (12, 16, 16, 3)
    assert small.dtype == np.uint8
    assert abs(small.mean() - pictures.mean()) < 0.5
    assert resize_batch(pictures, 32) is pictures
