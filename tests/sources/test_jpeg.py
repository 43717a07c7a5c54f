"""Reading a JPEG file's segments, of sound files and of any bytes."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.sources import jpeg

from .conftest import HEIGHT, WIDTH, Pixels, with_segment


def decoded(data: bytes) -> Pixels:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize("progressive", [0, 1])
def test_a_sound_file_says_its_size_and_is_whole(red: Pixels, progressive: int) -> None:
    data = cv2.imencode(".jpg", red, [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive])[1].tobytes()
    assert jpeg.size_of(data) == (HEIGHT, WIDTH)
    assert jpeg.is_whole(data)
    assert not jpeg.is_whole(data[:-2])


def test_the_size_of_a_thumbnail_is_not_the_size(red: Pixels) -> None:
    data = cv2.imencode(".jpg", red)[1].tobytes()
    small = cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[1].tobytes()
    assert jpeg.size_of(with_segment(data, small)) == (HEIGHT, WIDTH)


@pytest.mark.parametrize("stray", [b"\xff", b"\xff\xff\xff", b"\0\0", b"\0\xff"])
def test_what_may_stand_between_segments_is_stepped_over(red: Pixels, stray: bytes) -> None:
    data = cv2.imencode(".jpg", red)[1].tobytes()
    second = 4 + int.from_bytes(data[4:6], "big")
    padded = data[:second] + stray + data[second:]
    assert np.array_equal(decoded(padded), decoded(data))
    assert jpeg.size_of(padded) == (HEIGHT, WIDTH)
    assert jpeg.is_whole(padded)
    assert not jpeg.is_whole(padded[:-2])


@given(st.binary(max_size=64))
def test_any_bytes_are_read_without_an_error(rest: bytes) -> None:
    data = jpeg.START + rest
    size = jpeg.size_of(data)
    assert size is None or min(size) >= 0
    assert not jpeg.is_whole(data) or b"\xff\xd9" in data
