"""The word on a picture that stands."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.outputs.badge import with_badge
from camera_app.outputs.overlay import Overlay
from camera_app.outputs.style import WARNING

from .conftest import make_result


@given(words=st.text(max_size=30), width=st.integers(1, 400), height=st.integers(1, 400))
def test_badge_is_drawn_on_a_copy(words: str, width: int, height: int) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    assert with_badge(picture, words).shape == picture.shape
    assert not picture.any()


def test_badge_is_seen() -> None:
    badged = with_badge(np.zeros((240, 320, 3), np.uint8), "PAUSED")
    assert (badged == WARNING).all(axis=2).any()


@pytest.mark.parametrize("label", ["automobile", "a label of a great many words " * 2])
@pytest.mark.parametrize(("width", "height"), [(320, 320), (640, 480), (480, 640), (1920, 1080)])
def test_badge_hides_neither_the_subject_nor_what_is_drawn(
    width: int, height: int, label: str
) -> None:
    ground = np.full((height, width, 3), 128, np.uint8)
    drawn = Overlay(live=True).draw(make_result(label, pixels=ground))
    inside = _place_of_badge(width, height)
    assert inside[1].start > 0.6 * width
    # Nothing but the outline of the square lies there.
    assert (drawn[inside] != ground[inside]).any(axis=2).mean() < 0.2


@pytest.mark.parametrize(("width", "height"), [(120, 90), (120, 120), (90, 120)])
def test_badge_hides_no_answer_in_a_small_window(width: int, height: int) -> None:
    """The answer is drawn on the large picture, and the badge on what the window has room for."""
    ground = np.full((4 * height, 4 * width, 3), 128, np.uint8)
    drawn = Overlay(live=True).draw(make_result("automobile", pixels=ground))
    shown = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)
    inside = _place_of_badge(width, height)
    assert (np.abs(shown[inside].astype(int) - 128).max(axis=2) > 40).mean() < 0.2


def _place_of_badge(width: int, height: int) -> tuple[slice, slice]:
    """Its rows and its columns."""
    ground = np.full((height, width, 3), 128, np.uint8)
    rows, columns = np.nonzero((with_badge(ground, "PAUSED") != ground).any(axis=2))
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
