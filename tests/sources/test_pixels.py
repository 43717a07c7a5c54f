from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from camera_app.errors import FrameError, UsageError
from camera_app.picture_memory import PictureMemory
from camera_app.sources.pixels import (
    FLIPS,
    ROTATIONS,
    YUV_FORMATS,
    check_orientation,
    orient,
    to_bgr,
)

from .conftest import HEIGHT, WIDTH, Pixels, is_red


def i420_of(red: Pixels) -> Pixels:
    planes: Pixels = cv2.cvtColor(red, cv2.COLOR_BGR2YUV_I420).astype(np.uint8)
    return planes


def nv_of(red: Pixels, *, swapped: bool) -> Pixels:
    planes = i420_of(red).reshape(-1)
    size = WIDTH * HEIGHT
    u, v = planes[size : size * 5 // 4], planes[size * 5 // 4 :]
    chroma = np.stack((v, u) if swapped else (u, v), axis=1).reshape(-1)
    rows: Pixels = np.concatenate((planes[:size], chroma)).reshape(HEIGHT * 3 // 2, WIDTH)
    return rows


def packed_of(red: Pixels, order: str) -> Pixels:
    y, u, v = cv2.cvtColor(red, cv2.COLOR_BGR2YUV_I420)[[0, HEIGHT, -1], 0]
    quad = [{"Y": y, "U": u, "V": v}[letter] for letter in order]
    return np.tile(np.array(quad, np.uint8), HEIGHT * WIDTH // 2).reshape(HEIGHT, WIDTH, 2)


@pytest.mark.parametrize("flat", [False, True], ids=["shaped", "flat"])
@pytest.mark.parametrize(
    "layout",
    ["BGR", "BGRA", "NV12", "NV21", "I420", "YU12", "YV12", "YUYV", "YUY2", "UYVY", "YVYU"],
)
def test_red_stays_red(red: Pixels, layout: str, flat: bool) -> None:
    i420 = i420_of(red).reshape(-1)
    size = WIDTH * HEIGHT
    layouts: dict[str, Callable[[], Any]] = {
        "BGR": lambda: red,
        "BGRA": lambda: cv2.cvtColor(red, cv2.COLOR_BGR2BGRA),
        "NV12": lambda: nv_of(red, swapped=False),
        "NV21": lambda: nv_of(red, swapped=True),
        "I420": lambda: i420_of(red),
        "YU12": lambda: i420_of(red),
        "YV12": lambda: np.concatenate(
            (i420[:size], i420[size * 5 // 4 :], i420[size : size * 5 // 4])
        ).reshape(-1, WIDTH),
        "YUYV": lambda: packed_of(red, "YUYV"),
        "YUY2": lambda: packed_of(red, "YUYV"),
        "UYVY": lambda: packed_of(red, "UYVY"),
        "YVYU": lambda: packed_of(red, "YVYU"),
    }
    array = layouts[layout]()
    if flat:
        array = array.reshape(1, -1)
    pixels = to_bgr(array, WIDTH, HEIGHT, layout if layout in YUV_FORMATS else None)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert is_red(pixels)


def test_every_yuv_format_is_tried_above() -> None:
    tried = {"NV12", "NV21", "I420", "YU12", "YV12", "YUYV", "YUY2", "UYVY", "YVYU"}
    assert tried == YUV_FORMATS


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 1), (48,), (1, 48), (1, 48, 1)])
def test_grey_becomes_three_equal_channels(shape: tuple[int, ...]) -> None:
    grey = np.arange(48, dtype=np.uint8)
    pixels = to_bgr(grey.reshape(shape), 8, 6)
    assert pixels.shape == (6, 8, 3)
    for channel in range(3):
        np.testing.assert_array_equal(pixels[:, :, channel], grey.reshape(6, 8))


def test_bgr_is_not_copied(red: Pixels) -> None:
    assert to_bgr(red) is red


def test_a_size_that_differs_from_the_one_asked_for_is_kept(red: Pixels) -> None:
    assert to_bgr(red, 640, 480).shape == red.shape


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (None, "NoneType instead of a picture"),
        (b"bytes", "bytes instead of a picture"),
        (np.zeros((4, 4, 3), np.uint16), "uint16"),
        (np.zeros((0, 4, 3), np.uint8), "empty"),
        (np.zeros((4, 4, 5), np.uint8), r"\(4, 4, 5\)"),
        (np.zeros((2, 4, 4, 3), np.uint8), r"\(2, 4, 4, 3\)"),
        (np.zeros((1, 47), np.uint8), "47 bytes, which is no picture of 8x6"),
        (np.zeros((1, 48 * 7), np.uint8), "no picture of 8x6"),
        (np.zeros((6, 7, 2), np.uint8), r"\(6, 7, 2\)"),
    ],
)
def test_refused_in_words(array: object, words: str) -> None:
    with pytest.raises(FrameError, match=words):
        to_bgr(array, 8, 6)


def test_a_flat_row_of_unknown_size_is_refused() -> None:
    with pytest.raises(FrameError, match=r"\(1, 48\)"):
        to_bgr(np.zeros((1, 48), np.uint8))


@given(
    array=hnp.arrays(
        dtype=st.sampled_from([np.uint8, np.uint8, np.uint8, np.int8, np.uint16, np.float32, bool]),
        shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=12),
        elements=st.just(1),
    ),
    width=st.none() | st.integers(-2, 12),
    height=st.none() | st.integers(-2, 12),
    fourcc=st.none() | st.sampled_from([*sorted(YUV_FORMATS), "MJPG", "BGR3", ""]),
    reverse=st.booleans(),
)
def test_anything_becomes_a_picture_or_a_frame_error(
    array: Pixels, width: int | None, height: int | None, fourcc: str | None, reverse: bool
) -> None:
    if reverse and array.ndim:
        array = array[::-1]
    try:
        pixels = to_bgr(array, width, height, fourcc)
    except FrameError as error:
        assert "handed over" in str(error)
    else:
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 3
        assert pixels.shape[2] == 3
        assert pixels.size > 0
        assert pixels.flags.c_contiguous


pictures = hnp.arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(3)))


@given(pictures)
def test_four_quarter_turns_are_none(picture: Pixels) -> None:
    turned = picture
    for _ in range(4):
        turned = orient(turned, 90)
    np.testing.assert_array_equal(turned, picture)


@given(pictures, st.sampled_from(ROTATIONS))
def test_a_rotation_is_so_many_quarter_turns_clockwise(picture: Pixels, rotate: int) -> None:
    np.testing.assert_array_equal(orient(picture, rotate), np.rot90(picture, -rotate // 90))


@given(pictures, st.sampled_from(FLIPS))
def test_a_flip_undoes_itself(picture: Pixels, flip: str) -> None:
    np.testing.assert_array_equal(orient(orient(picture, 0, flip), 0, flip), picture)


@given(pictures)
def test_flips_are_what_they_are_called(picture: Pixels) -> None:
    np.testing.assert_array_equal(orient(picture, 0, "horizontal"), picture[:, ::-1])
    np.testing.assert_array_equal(orient(picture, 0, "vertical"), picture[::-1])
    np.testing.assert_array_equal(orient(picture, 0, "both"), orient(picture, 180))


@given(pictures, st.sampled_from(ROTATIONS), st.sampled_from(FLIPS))
def test_the_flip_comes_after_the_rotation(picture: Pixels, rotate: int, flip: str) -> None:
    np.testing.assert_array_equal(
        orient(picture, rotate, flip), orient(orient(picture, rotate), 0, flip)
    )


@given(pictures, st.sampled_from(ROTATIONS), st.sampled_from(FLIPS))
def test_pictures_turned_in_the_same_memory_leave_each_other_alone(
    picture: Pixels, rotate: int, flip: str
) -> None:
    memory = PictureMemory()
    first = orient(picture, rotate, flip, memory)
    second = orient(~picture, rotate, flip, memory)

    np.testing.assert_array_equal(first, orient(picture, rotate, flip))
    np.testing.assert_array_equal(second, orient(~picture, rotate, flip))


def test_orientations_that_are_none_are_refused() -> None:
    with pytest.raises(UsageError, match=r"45.*0, 90, 180, 270"):
        check_orientation(45, "none")
    with pytest.raises(UsageError, match=r"'sideways'.*horizontal"):
        check_orientation(0, "sideways")
