"""Text: every name can be drawn, and is cut where there is no room."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.outputs.font import cut, draw_text, drawable, line_height, readable, text_width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("aquarium fish", "aquarium fish"),
        ("Müller Łódź", "Müller Łódź"),
        ("u\u0308", "ü"),
        ("ﬁsh", "fish"),
        ("Ǻ", "A"),
        ("猫", "?"),
        ("a\tb\nc", "a b c"),
        ("\x00", "?"),
    ],
)
def test_readable(text: str, shown: str) -> None:
    assert readable(text) == shown


@pytest.mark.parametrize("text", ["aquarium_fish", "Müller Łódź", "ﬁsh", "what?", "a\tb"])
def test_latin_letters_are_drawn(text: str) -> None:
    assert drawable(text)


@pytest.mark.parametrize("text", ["γάτα", "кошка", "猫", "a猫?"])
def test_other_letters_are_not(text: str) -> None:
    assert not drawable(text)


@given(text=st.text(max_size=60), size=st.integers(1, 80), width=st.integers(-5, 500))
def test_cut_text_fits(text: str, size: int, width: int) -> None:
    shown = cut(text, size, width)
    assert text_width(shown, size) <= max(0, width)
    if shown != readable(text):
        assert shown == "" or (shown.endswith("…") and readable(text).startswith(shown[:-1]))


def test_text_grows_with_its_size() -> None:
    assert text_width("camera", 40) == pytest.approx(2 * text_width("camera", 20), abs=1)
    assert line_height(40) > line_height(20) > 20


@given(
    text=st.text(max_size=20),
    left=st.integers(-200, 200),
    top=st.integers(-200, 200),
    size=st.integers(1, 60),
)
def test_text_may_stand_anywhere(text: str, left: int, top: int, size: int) -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    draw_text(picture, text, left, top, size, (255, 255, 255))
    assert picture.shape == (40, 60, 3)


def test_letters_are_solid_inside_and_soft_at_the_edge() -> None:
    picture = np.zeros((60, 60, 3), np.uint8)
    draw_text(picture, "H", 10, 5, 48, (10, 200, 100))
    assert (picture.reshape(-1, 3) == (10, 200, 100)).all(axis=1).any()
    assert len(np.unique(picture[:, :, 1])) > 4
    assert not picture[:, :8].any()
