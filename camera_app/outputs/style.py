"""The look of everything that is drawn: colours, and sizes that follow from the picture's."""

from typing import NamedTuple

from camera_app.outputs.drawing import Colour, Pixels, draw_box
from camera_app.outputs.font import line_height

# Blue, green, red.
WHITE: Colour = (252, 250, 248)
MUTED: Colour = (196, 188, 182)
SURE: Colour = (176, 232, 104)
UNSURE: Colour = (190, 182, 176)
WARNING: Colour = (84, 180, 255)
PANEL: Colour = (30, 23, 18)
TRACK: Colour = (140, 128, 118)
GROUND: Colour = (38, 30, 25)
"""Where there is no picture."""

PANEL_OPACITY = 0.8
"""Dark enough for all text over snow (4.5 to 1, as WCAG 2 asks), open enough to see what moves."""

SMALLEST_TEXT = 11
"""Pixels an em below which letters run together."""

TEXT_SHARE = 0.0345
"""Text size as a share of the picture's shorter side."""

SHARP_SIDE = 320
"""Shorter side in pixels of the smallest picture on which text has its share, and all has room."""


class Layout(NamedTuple):
    """Sizes in pixels on a picture of ``height`` x ``width``."""

    height: int
    width: int

    @property
    def shorter(self) -> int:
        """The shorter side; that of the centre square."""
        return min(self.height, self.width)

    @property
    def text(self) -> int:
        """Pixels an em of all text but headlines."""
        return max(SMALLEST_TEXT, round(TEXT_SHARE * self.shorter))

    @property
    def margin(self) -> int:
        """Between a panel and the picture's edge."""
        return max(2, round(self.shorter * 0.025))

    @property
    def padding(self) -> int:
        """Between a panel's edge and what is in it."""
        return round(self.text * 0.6)

    @property
    def line(self) -> int:
        """Height of a line of text."""
        return line_height(self.text)

    @property
    def stroke(self) -> int:
        """Width of a thin line."""
        return max(1, round(self.text / 13))

    def draw_panel(self, picture: Pixels, left: int, top: int, width: int, height: int) -> None:
        """Draw the dark ground that text stands on."""
        radius = round(self.text * 0.5)
        draw_box(picture, left, top, width, height, PANEL, radius=radius, opacity=PANEL_OPACITY)
