"""Each corruption does what its name says, every time the same, and more at a higher strength."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.corruptions import CORRUPTIONS, STRENGTHS, corrupt

Pictures = NDArray[np.uint8]

every_corruption = pytest.mark.parametrize("corruption", CORRUPTIONS)


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    """Smooth patches of colour with grain on them, in the range of a photograph."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(20, 200, (8, 6, 6, 3), np.uint8)
    smooth = [cv2.resize(one, (32, 32), interpolation=cv2.INTER_CUBIC) for one in coarse]
    grain = rng.integers(0, 30, (8, 32, 32, 3), np.uint8)
    return np.clip(np.stack(smooth).astype(int) + grain, 0, 255).astype(np.uint8)


def as_floats(pictures: Pictures) -> NDArray[np.float64]:
    return pictures.astype(np.float64)


def distance(one: Pictures, other: Pictures) -> float:
    return float(np.abs(as_floats(one) - as_floats(other)).mean())


def roughness(pictures: Pictures) -> float:
    """Mean step from one pixel to the next."""
    return float(np.abs(np.diff(as_floats(pictures), axis=2)).mean())


@settings(max_examples=15, deadline=None)
@given(
    corruption=st.sampled_from(list(CORRUPTIONS)),
    strength=st.sampled_from(STRENGTHS),
    order=st.permutations(range(4)),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_picture_is_corrupted_the_same_in_any_company(
    corruption: str, strength: int, order: list[int], seed: int
) -> None:
    pictures = np.random.default_rng(seed).integers(0, 256, (4, 32, 32, 3), np.uint8)
    before = pictures.copy()

    whole = corrupt(pictures, corruption, strength, seed)
    shuffled = corrupt(pictures[order], corruption, strength, seed)
    alone = corrupt(pictures[2:3], corruption, strength, seed)

    assert whole.dtype == np.uint8
    assert whole.shape == pictures.shape
    assert np.array_equal(whole[order], shuffled)
    assert np.array_equal(whole[2:3], alone)
    assert np.array_equal(pictures, before)


@every_corruption
def test_a_higher_strength_changes_more(corruption: str, pictures: Pictures) -> None:
    changes = [distance(corrupt(pictures, corruption, level), pictures) for level in STRENGTHS]

    assert changes[0] > 0
    assert changes == sorted(changes)
    assert changes[-1] > 1.5 * changes[0] or corruption in ("jpeg", "pixelate")


@every_corruption
@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("strength", [1, 5])
def test_black_and_white_stay_in_range(corruption: str, value: int, strength: int) -> None:
    flat = np.full((1, 32, 32, 3), value, np.uint8)

    out = corrupt(flat, corruption, strength)

    # Had a byte overflowed, black would have turned white or the other way round.
    assert abs(as_floats(out).mean() - value) < 90


@pytest.mark.parametrize("corruption", ["gaussian_blur", "jpeg", "contrast", "pixelate"])
def test_one_colour_stays_that_colour(corruption: str) -> None:
    flat = np.full((1, 32, 32, 3), (200, 60, 30), np.uint8)

    assert np.abs(as_floats(corrupt(flat, corruption, 5)) - flat).max() <= 3


@pytest.mark.parametrize("corruption", ["gaussian_noise", "fog"])
def test_seeds_decide_what_is_drawn(corruption: str, pictures: Pictures) -> None:
    one = corrupt(pictures, corruption, 3, seed=1)

    assert np.array_equal(one, corrupt(pictures, corruption, 3, seed=1))
    assert not np.array_equal(one, corrupt(pictures, corruption, 3, seed=2))


def test_equal_looking_pictures_get_noise_of_their_own() -> None:
    flat = np.full((2, 32, 32, 3), 128, np.uint8)
    flat[1, 0, 0] = 129

    noise = as_floats(corrupt(flat, "gaussian_noise", 5)) - 128

    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.1


def test_noise_has_the_stated_deviation() -> None:
    grey = np.full((20, 32, 32, 3), 128, np.uint8)

    noise = as_floats(corrupt(grey, "gaussian_noise", 1)) - 128

    assert noise.std() == pytest.approx(0.04 * 255, rel=0.02)
    assert abs(noise.mean()) < 0.2


def test_blur_spreads_a_point_like_a_gaussian() -> None:
    point = np.zeros((1, 33, 33, 3), np.uint8)
    point[0, 16, 16] = 255

    row = as_floats(corrupt(point, "gaussian_blur", 5))[0, 16, :, 0]

    # A Gaussian of deviation 1 falls to exp(-1/2) one pixel off, and to exp(-2) two off.
    assert row[17] / row[16] == pytest.approx(np.exp(-0.5), abs=0.02)
    assert row[14] / row[16] == pytest.approx(np.exp(-2), abs=0.02)


def test_blur_and_fog_and_contrast_smooth_while_noise_roughens(pictures: Pictures) -> None:
    rough = {name: roughness(corrupt(pictures, name, 5)) for name in CORRUPTIONS}

    before = roughness(pictures)
    assert max(rough["gaussian_blur"], rough["fog"], rough["contrast"]) < before
    assert rough["gaussian_noise"] > before


def test_contrast_keeps_the_means_and_the_stated_share(pictures: Pictures) -> None:
    out = as_floats(corrupt(pictures, "contrast", 2))

    means = as_floats(pictures).mean(axis=(1, 2), keepdims=True)
    assert np.abs(out - (means + 0.5 * (pictures - means))).max() <= 0.51


def test_brightness_adds_to_the_value_and_keeps_hue_and_saturation(pictures: Pictures) -> None:
    out = corrupt(pictures, "brightness", 2)

    expected = np.minimum(pictures.max(axis=3) + 25.5, 255)
    assert np.abs(as_floats(out).max(axis=3) - expected).max() <= 0.51
    ratio = as_floats(pictures) / pictures.max(axis=3, keepdims=True)
    assert np.abs(as_floats(out) / out.max(axis=3, keepdims=True) - ratio).max() < 0.02


def test_brightness_turns_black_grey() -> None:
    black = np.zeros((1, 32, 32, 3), np.uint8)

    assert set(corrupt(black, "brightness", 4).ravel().tolist()) == {51}


def test_pixelate_leaves_as_many_colours_as_the_small_picture_has_pixels(
    pictures: Pictures,
) -> None:
    out = corrupt(pictures, "pixelate", 5)

    for picture in out:
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) <= int(32 * 0.65) ** 2


def test_fog_is_grey_and_smooth() -> None:
    flat = np.full((1, 32, 32, 3), 150, np.uint8)

    out = corrupt(flat, "fog", 2)

    assert np.array_equal(out[..., 0], out[..., 2])
    assert np.ptp(out) > 20
    assert roughness(out) < np.ptp(out) / 10
