"""From a frame of any size to the bytes of the net's input."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from camera_app.inference.preprocess import SAMPLES, crop_mean, crop_resize, samples, to_tensor

SIZE = 32
RED, BLUE = (0, 0, 255), (255, 0, 0)  # BGR


def filled(height: int, width: int, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.full((height, width, 3), colour, np.uint8)


def smooth_noise(height: int, width: int) -> NDArray[np.uint8]:
    """A picture with structure that, like a camera's, does not change from pixel to pixel."""
    coarse = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_red_enters_the_net_as_red() -> None:
    tensor = to_tensor(crop_resize(filled(48, 64, RED), SIZE))
    assert (tensor[..., 0] == 127).all()
    assert (tensor[..., 1:] == -128).all()


def test_tensor_is_the_byte_less_128() -> None:
    crop = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    tensor = to_tensor(crop)
    assert tensor.dtype == np.int8
    assert (tensor.astype(int) == crop.astype(int) - 128).all()


def test_tensor_is_a_view_of_the_memory_it_was_given() -> None:
    out = np.empty((SIZE, SIZE, 3), np.uint8)
    tensor = to_tensor(filled(SIZE, SIZE, BLUE), out)
    assert np.shares_memory(tensor, out)


def test_crop_is_written_where_asked() -> None:
    out = np.zeros((SIZE, SIZE, 3), np.uint8)
    assert crop_resize(filled(100, 70, RED), SIZE, out) is out
    assert (out == RED).all()


@pytest.mark.parametrize(("height", "width"), [(64, 128), (128, 64), (720, 1280), (1280, 720)])
def test_only_the_centre_square_is_seen(height: int, width: int) -> None:
    pixels = filled(height, width, BLUE)
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    pixels[top : top + side, left : left + side] = RED
    assert (crop_resize(pixels, SIZE) == RED).all()


@pytest.mark.parametrize(("side", "squares"), [(480, 1), (480, 2), (640, 2), (720, 5), (1080, 5)])
def test_no_pixel_stands_for_its_neighbours(side: int, squares: int) -> None:
    # A plain interpolation would look at some squares of a checkerboard and miss the others.
    board = (np.indices((side, side)) // squares).sum(axis=0) % 2 * 255
    pixels = board.astype(np.uint8)[..., np.newaxis].repeat(3, axis=2)
    assert np.abs(crop_resize(pixels, SIZE).astype(int) - 127.5).max() <= 4


@pytest.mark.parametrize("side", [193, 257, 480, 639, 640, 719, 1080, 2160])
def test_samples_of_a_large_picture_are_as_good_as_all_of_it(side: int) -> None:
    pixels = smooth_noise(side, side)
    exact = cv2.resize(pixels, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    difference = crop_resize(pixels, SIZE).astype(int) - np.asarray(exact, int)
    assert np.abs(difference).max() <= 2


@pytest.mark.parametrize("shape", [(1, 1), (192, 256), (193, 250), (480, 640), (1280, 720)])
def test_the_same_is_made_of_samples_as_of_the_whole_picture(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    taken = samples(pixels, SAMPLES * SIZE)
    side = min(*shape, SAMPLES * SIZE)
    assert taken.shape == (side, side, 3)
    assert (crop_resize(taken, SIZE) == crop_resize(pixels, SIZE)).all()


def test_samples_of_a_large_picture_let_its_memory_go() -> None:
    pixels = filled(480, 640, RED)
    assert not np.shares_memory(samples(pixels, SAMPLES * SIZE), pixels)


@pytest.mark.parametrize("shape", [(1, 1), (20, 50), (32, 32), (64, 48), (720, 1280), (2000, 901)])
def test_mean_of_all_pixels_is_that_of_samples_where_there_is_no_noise(
    shape: tuple[int, int],
) -> None:
    pixels = smooth_noise(*shape)
    difference = crop_mean(pixels, SIZE).astype(int) - crop_resize(pixels, SIZE)
    assert np.abs(difference).max() <= 2


def test_mean_of_all_pixels_averages_noise_away() -> None:
    noise = np.random.default_rng(1).normal(128, 25, (1600, 1600, 3))
    pixels = np.clip(noise, 0, 255).astype(np.uint8)
    of_all, of_samples = (shrink(pixels, SIZE).std() for shrink in (crop_mean, crop_resize))
    assert of_all < 25 / 50 + 0.2  # 50x50 pixels for each, and whole levels
    assert of_samples > 4 * of_all


@pytest.mark.parametrize("shrink", [crop_resize, crop_mean])
def test_a_picture_of_the_nets_size_is_left_alone(
    shrink: Callable[[NDArray[np.uint8], int], NDArray[np.uint8]],
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    crop = shrink(pixels, SIZE)
    assert (crop == pixels).all()
    assert not np.shares_memory(crop, pixels)


@settings(deadline=None)
@given(
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    size=st.integers(1, 48),
    grey=st.integers(0, 255),
)
@example(height=1, width=1, size=32, grey=7)
@example(height=1, width=2000, size=32, grey=7)
@example(height=2000, width=1, size=32, grey=7)
@example(height=1999, width=1001, size=32, grey=7)
def test_any_frame_gives_a_square_of_its_own_colours(
    height: int, width: int, size: int, grey: int
) -> None:
    pixels = filled(height, width, (grey, 255 - grey, grey // 2))
    crop = crop_resize(pixels, size)
    assert crop.shape == (size, size, 3)
    assert crop.dtype == np.uint8
    assert (crop == pixels[0, 0]).all()


@settings(deadline=None, max_examples=30)
@given(height=st.integers(1, 120), width=st.integers(1, 120), seed=st.integers(0, 2**32 - 1))
def test_the_frame_is_not_written_to_and_its_range_is_kept(
    height: int, width: int, seed: int
) -> None:
    pixels = np.random.default_rng(seed).integers(40, 200, (height, width, 3), dtype=np.uint8)
    pixels.flags.writeable = False
    crop = crop_resize(pixels, SIZE)
    assert np.min(pixels) <= np.min(crop)
    assert np.max(crop) <= np.max(pixels)


def test_views_of_other_layouts_give_the_same_crop() -> None:
    pixels = smooth_noise(240, 320)
    mirrored = np.ascontiguousarray(pixels[:, ::-1])
    assert (crop_resize(pixels[:, ::-1], SIZE) == crop_resize(mirrored, SIZE)).all()
    turned = np.ascontiguousarray(pixels.transpose(1, 0, 2))
    assert (crop_resize(pixels.transpose(1, 0, 2), SIZE) == crop_resize(turned, SIZE)).all()
