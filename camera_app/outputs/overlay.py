"""What is drawn on the picture: the label, its rivals, the figures, and what the net itself sees.

All sizes follow from the picture's, so that it reads as well at 320x240 as at 1920x1080; what has
no room on a very small picture is left out, the label last. Only small regions are touched.
"""

import cv2
import numpy as np

from camera_app.frame import Result
from camera_app.outputs.drawing import Colour, Pixels, draw_box
from camera_app.outputs.font import cut, draw_text, line_height, text_width
from camera_app.outputs.style import MUTED, PANEL, SURE, TRACK, UNSURE, WHITE, Layout
from camera_app.picture_memory import PictureMemory

TOP_SHOWN = 3
CAPTION = "net's view"

# Sizes in sizes of the text, or as a share of the picture's shorter side.
HEADLINE = 1.9
SMALLEST_HEADLINE = 1.3
PANEL_WIDTH = 17
NARROWEST_ROW = 8
CROP_SHARE = 0.2

OUTLINE_OPACITY = 0.4


class Overlay:
    """Draws results on their pictures.

    Args:
        live: whether the source is live; the age of a recorded frame means nothing.
    """

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._copies = PictureMemory()
        self._enlarged = PictureMemory()

    def draw(self, result: Result, size: tuple[int, int] | None = None) -> Pixels:
        """The result's frame with everything drawn on it: another (H, W, 3) uint8 BGR picture.

        Args:
            result: what to draw.
            size: (W, H) that the frame is enlarged to beforehand; None for its own.
        """
        pixels = result.frame.pixels
        height, width = pixels.shape[:2]
        if size in (None, (width, height)):
            picture = self._copies.take(pixels.shape)
            np.copyto(picture, pixels)
        else:
            picture = self._enlarged.take((size[1], size[0], 3))
            cv2.resize(pixels, size, dst=picture)
        layout = Layout(*picture.shape[:2])
        _draw_square(picture, layout)
        right, figures_bottom = _draw_figures(picture, layout, self._figures(result))
        crop_bottom = _draw_crop(picture, layout, result.prediction.crop, right)
        _draw_answer(picture, layout, result, max(figures_bottom, crop_bottom))
        return picture

    def _figures(self, result: Result) -> list[tuple[str, str]]:
        prediction = result.prediction
        invoke_ms = f"{prediction.invoke_seconds * 1000:.1f}"
        rate = result.frames_per_second
        figures = [
            # Of a first picture no rate is known yet, and of a picture alone there is none.
            (f"{rate:.1f}" if rate else "–", "fps"),
            # "0.0 ms" would read as a net that is infinitely fast.
            ("still,", "net rests") if prediction.spared else (invoke_ms, "ms net"),
        ]
        if self._live:
            figures.insert(1, (f"{result.age_seconds * 1000:.0f}", "ms old"))
        return figures


def _draw_square(picture: Pixels, layout: Layout) -> None:
    """Outline the centre square that the net sees: light, and dark inside it for snow."""
    stroke = layout.stroke
    for inset, colour in ((0, WHITE), (stroke, PANEL)):
        side = layout.shorter - 2 * inset
        left, top = (layout.width - side) // 2, (layout.height - side) // 2
        for x, y, width, height in (
            (left, top, side, stroke),
            (left, top + side - stroke, side, stroke),
            (left, top, stroke, side),
            (left + side - stroke, top, stroke, side),
        ):
            draw_box(picture, x, y, width, height, colour, opacity=OUTLINE_OPACITY)


def _draw_figures(
    picture: Pixels, layout: Layout, figures: list[tuple[str, str]]
) -> tuple[int, int]:
    """Numbers and their units in the top left corner; returns the panel's right and bottom."""
    gap, space = layout.text, round(layout.text * 0.3)

    def panel_width() -> int:
        words = sum(text_width(word, layout.text) for pair in figures for word in pair)
        return words + space * len(figures) + gap * (len(figures) - 1) + 2 * layout.padding

    while figures and panel_width() > layout.width - 2 * layout.margin:
        figures = figures[:-1]
    width, height = panel_width(), layout.line + layout.padding
    if not figures or layout.margin + height > layout.height // 3:
        return 0, 0
    layout.draw_panel(picture, layout.margin, layout.margin, width, height)
    x, y = layout.margin + layout.padding, layout.margin + layout.padding // 2
    for number, unit in figures:
        draw_text(picture, number, x, y, layout.text, WHITE)
        x += text_width(number, layout.text) + space
        draw_text(picture, unit, x, y, layout.text, MUTED)
        x += text_width(unit, layout.text) + gap
    return layout.margin + width, layout.margin + height


def _draw_crop(picture: Pixels, layout: Layout, crop: Pixels, right_of: int) -> int:
    """The net's input, enlarged, in the top right corner; returns the bottom of its panel."""
    # A whole multiple, so that each of its pixels stays a clean square.
    side = round(layout.shorter * CROP_SHARE / crop.shape[0]) * crop.shape[0]
    border = max(2, layout.padding // 2)
    width, height = side + 2 * border, side + 2 * border + layout.line
    left, top = layout.width - layout.margin - width, layout.margin
    if side == 0 or left < right_of + layout.margin or top + height > layout.height // 2:
        return 0
    layout.draw_panel(picture, left, top, width, height)
    enlarged = cv2.resize(crop, (side, side), interpolation=cv2.INTER_NEAREST)
    picture[top + border : top + border + side, left + border : left + border + side] = enlarged
    caption = cut(CAPTION, layout.text, width - 2 * border)
    x = left + (width - text_width(caption, layout.text)) // 2
    draw_text(picture, caption, x, top + border + side + border // 2, layout.text, MUTED)
    return top + height


def _draw_answer(picture: Pixels, layout: Layout, result: Result, below: int) -> None:
    """The label, how sure it is, and the likeliest labels, in the bottom left corner."""
    bar = 2 * layout.stroke
    label = _as_words(result.label)
    # "unknown 98%" would read as sure of knowing nothing, and "bird 0%", while another label is on
    # its way, as nonsense; the likeliest labels stand below.
    confidence = f"{result.confidence:.0%}" if result.likeliest else ""
    words = f"{label}  {confidence}"
    # As wide as the label needs, so that "aquarium fish" and longer ones stay large.
    needed = text_width(words, round(layout.text * SMALLEST_HEADLINE)) + 2 * layout.padding + bar
    width = min(layout.width - 2 * layout.margin, max(layout.text * PANEL_WIDTH, needed))
    padding = min(layout.padding, max(1, width // 10))
    inner = width - 2 * padding - bar
    room = layout.height - below - 2 * layout.margin - 2 * padding
    if inner < layout.text or room < layout.line:
        return
    accent = SURE if result.likeliest else UNSURE
    headline = _headline_size(layout, words, inner, room)
    row = round(layout.line * 1.1)
    rows = min(TOP_SHOWN, (room - line_height(headline)) // row)
    top = result.top[:rows] if inner >= layout.text * NARROWEST_ROW else ()
    height = line_height(headline) + 2 * padding + row * len(top)
    left, y = layout.margin, layout.height - layout.margin - height
    layout.draw_panel(picture, left, y, width, height)
    draw_box(
        picture,
        left + layout.stroke,
        y + padding,
        bar,
        height - 2 * padding,
        accent,
        radius=layout.stroke,
    )
    left, y = left + padding + bar, y + padding
    confidence_width = text_width(confidence, headline)
    label_width = inner - confidence_width - headline // 3
    if label_width < min(text_width(label, headline), layout.text * 4):
        confidence, label_width = "", inner  # no room for both: the label is what matters
    draw_text(picture, cut(label, headline, label_width), left, y, headline, accent)
    x = left + inner - confidence_width
    draw_text(picture, confidence, x, y, headline, WHITE)
    y += line_height(headline)
    for name, probability in top:
        colour = accent if name == result.label else MUTED
        _draw_rival(picture, layout, (left, y, inner), _as_words(name), probability, colour)
        y += row


def _as_words(label: str) -> str:
    """CIFAR-100's "aquarium_fish" as a person writes it; the log has the label as it is."""
    return label.replace("_", " ")


def _headline_size(layout: Layout, words: str, width: int, height: int) -> int:
    """The largest text, up to HEADLINE, that fits; never below that of other text."""
    size = round(layout.text * HEADLINE)
    while size > layout.text and (text_width(words, size) > width or line_height(size) > height):
        size -= 1
    return size


def _draw_rival(
    picture: Pixels,
    layout: Layout,
    place: tuple[int, int, int],
    name: str,
    probability: float,
    colour: Colour,
) -> None:
    """One row in ``place`` (left, top, width): a name, a bar in ``colour`` and a percentage."""
    left, top, width = place
    size, gap = layout.text, layout.text // 2
    text_colour = MUTED if colour == MUTED else WHITE
    percent = f"{probability:.0%}"
    right = left + width
    draw_text(picture, percent, right - text_width(percent, size), top, size, text_colour)
    bar_right = right - text_width("100%", size) - gap
    bar_width = round((bar_right - left) * 0.42)
    bar_left = bar_right - bar_width
    bar_height = max(3, round(size * 0.32))
    bar_top = top + (layout.line - bar_height) // 2
    radius = bar_height // 2
    draw_box(picture, bar_left, bar_top, bar_width, bar_height, TRACK, radius=radius, opacity=0.8)
    filled = round(bar_width * min(1.0, max(0.0, probability)))
    draw_box(picture, bar_left, bar_top, filled, bar_height, colour, radius=radius)
    draw_text(picture, cut(name, size, bar_left - gap - left), left, top, size, text_colour)
