"""A picture of what a frame's time goes to."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from camera_app.bench.stages import Spread
from camera_app.errors import OutputError, UsageError
from camera_app.outputs.drawing import Pixels, draw_box
from camera_app.outputs.font import cut, draw_text, line_height, text_width
from camera_app.outputs.style import MUTED, PANEL, SURE, TRACK, WHITE
from camera_app.sources.opencv import native_path

WIDTH = 1000
TEXT = 22
"""Pixels an em."""

PADDING = 28
ROW = 40
NAMES = 190
"""Pixels for the stages' names, left of the bars."""

VALUES = 300
"""Pixels for the figures, right of them."""

LEGEND = {"median": SURE, "95th percentile": TRACK}
SWATCH = 24
"""Pixels wide, of a colour in the legend."""

SUFFIXES = (".png", ".jpg")


def check_picture(path: Path) -> None:
    """See that a picture can be written there, before minutes of measuring.

    Raises:
        UsageError: it does not end in a format that is written.
        OutputError: there is no such folder, or OpenCV cannot write a file of that name.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--picture writes {' or '.join(SUFFIXES)}, not {str(path)!r}")
    if not path.absolute().parent.is_dir():
        raise OutputError(f"there is no folder {str(path.parent)!r} for {path.name}; make it first")
    try:
        native_path(path)
    except ValueError:
        raise OutputError(
            f"cannot write {path}: the name is not UTF-8; name another place with --picture"
        ) from None


def write_picture(path: Path, title: str, subtitle: str, stages: Mapping[str, Spread]) -> None:
    """Draw a bar for each stage: filled to its median, a track on to its 95th percentile.

    Args:
        path: where to.
        title: what was measured.
        subtitle: on what.
        stages: by name, in milliseconds.

    Raises:
        OutputError: it cannot be written.
    """
    if not cv2.imwrite(str(path), _draw(title, subtitle, stages)):
        raise OutputError(f"cannot write {path}; name another place with --picture")


def _draw(title: str, subtitle: str, stages: Mapping[str, Spread]) -> Pixels:
    line = line_height(TEXT)
    top = PADDING + 2 * line + ROW // 2
    height = top + ROW * (len(stages) + 1) + PADDING
    picture = np.full((height, WIDTH, 3), PANEL, np.uint8)
    draw_text(picture, cut(title, TEXT, WIDTH - 2 * PADDING), PADDING, PADDING, TEXT, WHITE)
    draw_text(picture, subtitle, PADDING, PADDING + line, TEXT, MUTED)
    left, right = PADDING + NAMES, WIDTH - PADDING - VALUES
    longest = max(times.p95 for times in stages.values())
    for name, times in stages.items():
        draw_text(picture, name, PADDING, top, TEXT, WHITE)
        for milliseconds, colour in ((times.p95, TRACK), (times.p50, SURE)):
            length = max(1, round((right - left) * milliseconds / longest))
            draw_box(picture, left, top + 5, length, line - 10, colour)
        figures = f"{times.p50:.2f} ms, p95 {times.p95:.2f}"
        at = WIDTH - PADDING - text_width(figures, TEXT)
        draw_text(picture, figures, at, top, TEXT, MUTED)
        top += ROW
    at = PADDING
    for words, colour in LEGEND.items():
        draw_box(picture, at, top + 5, SWATCH, line - 10, colour)
        draw_text(picture, words, at + SWATCH + SWATCH // 2, top, TEXT, MUTED)
        at += 2 * SWATCH + text_width(words, TEXT) + SWATCH
    return picture
