"""A picture in a frame of another size."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from camera_app.outputs.fitted import Fitter, within
from camera_app.outputs.style import GROUND

from .conftest import Pixels

sides = st.integers(1, 200)
sizes = st.tuples(sides, sides)


def light(width: int, height: int) -> Pixels:
    return np.full((height, width, 3), 240, np.uint8)


@given(sizes, sizes)
def test_it_fills_the_frame_one_way_and_is_in_the_middle_the_other(
    picture: tuple[int, int], frame: tuple[int, int]
) -> None:
    fitted = Fitter().fit(light(*picture), frame)
    assert fitted.shape == (frame[1], frame[0], 3)
    lit = (fitted == 240).all(axis=2)
    assert (lit | (fitted == GROUND).all(axis=2)).all()
    columns, rows = np.flatnonzero(lit.any(axis=0)), np.flatnonzero(lit.any(axis=1))
    assert len(columns) == frame[0] or len(rows) == frame[1]
    for there, side in ((columns, frame[0]), (rows, frame[1])):
        assert abs(there[0] - (side - 1 - there[-1])) <= 1


@given(sizes, sizes)
def test_it_keeps_its_shape(picture: tuple[int, int], frame: tuple[int, int]) -> None:
    width, height = within(frame, *picture)
    assert 1 <= width <= frame[0]
    assert 1 <= height <= frame[1]
    if min(width, height) > 1:  # no side vanishes
        shape = picture[0] / picture[1]
        assert (width - 0.5) / (height + 0.5) <= shape <= (width + 0.5) / (height - 0.5)


def test_a_picture_of_that_size_is_given_back_itself() -> None:
    picture = light(40, 30)
    assert Fitter().fit(picture, (40, 30)) is picture


def test_what_lay_there_before_is_gone() -> None:
    fitter = Fitter()
    for picture in (light(90, 30), light(30, 90), light(45, 30), light(30, 90)):
        fitted = fitter.fit(picture, (60, 60))
        np.testing.assert_array_equal(fitted, Fitter().fit(picture, (60, 60)))
