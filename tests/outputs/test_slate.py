"""The picture that stands in for a lost camera's."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from camera_app.outputs.slate import slate
from camera_app.outputs.style import GROUND


@pytest.mark.parametrize(("width", "height"), [(320, 240), (1920, 1080), (480, 640)])
def test_slate_says_why(width: int, height: int) -> None:
    silent = slate("", width, height)
    unplugged = slate("/dev/video0 was unplugged", width, height)
    assert silent.shape == unplugged.shape == (height, width, 3)
    assert (silent != GROUND).any()
    changed = np.argwhere((silent != unplugged).any(axis=2))
    assert len(changed)
    assert (slate("/dev/video1 was unplugged", width, height) != unplugged).any()


LONG = "the camera /dev/video0 was unplugged, and the program tries again until it comes back"


@pytest.mark.parametrize(("width", "height"), [(64, 100), (96, 96), (400, 64)])
def test_what_has_no_room_gives_way_to_an_ellipsis(width: int, height: int) -> None:
    message = 12 * "it is no more "  # of words that are never cut themselves
    shown = slate(message, width, height)

    def is_shown(text: str) -> bool:
        return np.array_equal(slate(text, width, height), shown)

    beginnings = [message[:end] for end in range(len(message))]
    assert any(is_shown(f"{text}…") and not is_shown(text) for text in beginnings)


def test_a_tall_picture_shows_all_of_a_long_message() -> None:
    one, other = (slate(f"{3 * LONG} {end}", 160, 1000) for end in ("soon", "late"))
    assert (one != other).any()


@pytest.mark.parametrize("message", [LONG, 4 * LONG], ids=["long", "very long"])
@pytest.mark.parametrize(
    ("width", "height"), [(64, 400), (96, 96), (400, 64), (32, 32), (160, 120), (320, 240)]
)
def test_no_line_is_cut_in_half(width: int, height: int, message: str) -> None:
    # A letter has no ink in the last row of its line, so none may be in the picture's.
    assert (slate(message, width, height)[-1] == GROUND).all()


@given(message=st.text(max_size=300), width=st.integers(1, 400), height=st.integers(1, 400))
@example("a" * 300, 320, 240)
def test_slate_of_any_size_and_message(message: str, width: int, height: int) -> None:
    assert slate(message, width, height).shape == (height, width, 3)
