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


@given(message=st.text(max_size=300), width=st.integers(1, 400), height=st.integers(1, 400))
@example("a" * 300, 320, 240)
def test_slate_of_any_size_and_message(message: str, width: int, height: int) -> None:
    assert slate(message, width, height).shape == (height, width, 3)
