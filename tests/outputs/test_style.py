"""Whether what is drawn can be told from what is behind it, over snow and over a night sky."""

import numpy as np
import pytest

from camera_app.outputs.drawing import draw_box
from camera_app.outputs.style import MUTED, SURE, TRACK, UNSURE, WARNING, WHITE, Layout

from .conftest import Pixels, contrast

SHADES = [0, 255]


def panel_over(shade: int) -> Pixels:
    picture = np.full((480, 640, 3), shade, np.uint8)
    Layout(480, 640).draw_panel(picture, 0, 0, 640, 480)
    return picture


def middle(picture: Pixels) -> list[float]:
    return [float(channel) for channel in picture[240, 320]]


@pytest.mark.parametrize("shade", SHADES)
def test_text_on_a_panel_can_be_read(shade: int) -> None:
    panel = middle(panel_over(shade))
    ratios = [contrast(colour, panel) for colour in (WHITE, MUTED, SURE, UNSURE, WARNING)]
    assert min(ratios) >= 4.5, ratios


@pytest.mark.parametrize("shade", SHADES)
def test_a_bar_is_told_from_its_track_and_that_from_the_panel(shade: int) -> None:
    picture = panel_over(shade)
    panel = middle(picture)
    draw_box(picture, 0, 0, 640, 480, TRACK, opacity=0.8)
    track = middle(picture)
    assert contrast(SURE, track) >= 3
    assert contrast(track, panel) >= 2
