"""The picture that stands in for a camera's while that is lost."""

import numpy as np

from camera_app.outputs.drawing import Pixels, draw_box
from camera_app.outputs.font import cut, draw_text, line_height, text_width
from camera_app.outputs.style import GROUND, MUTED, WARNING, WHITE, Layout

NO_SIGNAL = "NO SIGNAL"
MOST_LINES = 5


def slate(message: str, width: int, height: int) -> Pixels:
    """A (height, width, 3) uint8 BGR picture that says NO SIGNAL and why."""
    picture = np.full((height, width, 3), GROUND, np.uint8)
    layout = Layout(height, width)
    room = width - 2 * layout.margin
    headline = layout.text * 2
    while headline > 6 and text_width(NO_SIGNAL, headline) > room:
        headline -= 1
    lines = _wrap(message, layout.text, min(room, layout.text * 34))[:MOST_LINES]
    rule = 2 * layout.stroke
    top = (height - line_height(headline) - 3 * layout.padding - layout.line * len(lines)) // 2
    draw_text(
        picture,
        NO_SIGNAL,
        (width - text_width(NO_SIGNAL, headline)) // 2,
        max(0, top),
        headline,
        WHITE,
    )
    top = max(0, top) + line_height(headline) + layout.padding
    rule_width = min(room, headline * 2)
    draw_box(
        picture, (width - rule_width) // 2, top, rule_width, rule, WARNING, radius=layout.stroke
    )
    top += 2 * layout.padding
    for line in lines:
        x = (width - text_width(line, layout.text)) // 2
        draw_text(picture, line, x, top, layout.text, MUTED)
        top += layout.line
    return picture


def _wrap(message: str, size: int, width: int) -> list[str]:
    """``message`` in lines of at most ``width`` pixels; a word too long for one is cut."""
    lines: list[str] = []
    for word in message.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(cut(word, size, width))
    return lines
