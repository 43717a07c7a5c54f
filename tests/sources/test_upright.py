"""A picture the right way up, as WebP files have it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.sources.base import Pixels
from camera_app.sources.upright import is_turned_here, turn_upright

from .conftest import QUARTER_TURN, with_exif

HEIGHT, WIDTH = 24, 40


def seen() -> Pixels:
    """A picture of which no turn and no mirror image looks like another."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[: HEIGHT // 2, : WIDTH // 2] = (0, 0, 255)
    picture[: HEIGHT // 2, WIDTH // 2 :] = (0, 255, 0)
    picture[HEIGHT // 2 :, : WIDTH // 2] = (255, 0, 0)
    return picture


def stored(orientation: int) -> Pixels:
    """What a camera stores of it where it notes ``orientation``: its row 0 and column 0 are …"""
    picture = seen()
    stored = {
        1: picture,  # the top and the left
        2: picture[:, ::-1],  # the top and the right
        3: picture[::-1, ::-1],  # the bottom and the right
        4: picture[::-1],  # the bottom and the left
        5: picture.transpose(1, 0, 2),  # the left and the top
        6: picture.transpose(1, 0, 2)[::-1],  # the right and the top
        7: picture.transpose(1, 0, 2)[::-1, ::-1],  # the right and the bottom
        8: picture.transpose(1, 0, 2)[:, ::-1],  # the left and the bottom
    }[orientation]
    return np.ascontiguousarray(stored)


def noted(orientation: int, byte_order: str = "MM") -> bytes:
    """Exif of one entry."""
    if byte_order == "MM":
        return QUARTER_TURN.replace(b"\0\x06\0", bytes([0, orientation, 0]))
    entry = b"\x12\x01\x03\0\x01\0\0\0" + bytes([orientation, 0, 0, 0])
    return b"II*\0\x08\0\0\0\x01\0" + entry + bytes(4)


def encoded(picture: Pixels) -> bytes:
    return cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()


@pytest.mark.parametrize("named", [b"", b"Exif\0\0"])
@pytest.mark.parametrize("byte_order", ["II", "MM"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_is_taken_back(orientation: int, byte_order: str, named: bytes) -> None:
    picture = stored(orientation)
    data = with_exif(encoded(picture), named + noted(orientation, byte_order))
    assert is_turned_here(data)
    np.testing.assert_array_equal(turn_upright(picture, data), seen())


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_no_orientation_that_there_is_turns_nothing(orientation: int) -> None:
    data = with_exif(encoded(seen()), noted(orientation))
    np.testing.assert_array_equal(turn_upright(seen(), data), seen())


def test_without_a_note_nothing_is_turned() -> None:
    np.testing.assert_array_equal(turn_upright(seen(), encoded(seen())), seen())


@given(st.binary(max_size=60), st.integers(0, 60))
def test_a_damaged_note_is_none(noise: bytes, cut: int) -> None:
    for exif in (noise, noted(6)[:cut], noted(6)[:8] + noise):
        data = with_exif(encoded(seen()), exif)
        assert sorted(turn_upright(seen(), data).shape) == sorted(seen().shape)
        assert turn_upright(seen(), data[:-1]).size == seen().size
