"""The picture that stands in for a camera's while that is lost."""

import numpy as np

from camera_app.outputs.drawing import Pixels, draw_box
from camera_app.outputs.font import ELLIPSIS, cut, draw_text, line_height, text_width
from camera_app.outputs.style import GROUND, MUTED, WARNING, WHITE, Layout

NO_SIGNAL = "NO SIGNAL"


def slate(message: str, width: int, height: int) -> Pixels:
    """A (height, width, 3) uint8 BGR picture that says NO SIGNAL and, where it has room, why."""
    picture = np.full((height, width, 3), GROUND, np.uint8)
    layout = Layout(height, width)
    room = width - 2 * layout.margin
    headline = layout.text * 2
    while headline > 6 and text_width(NO_SIGNAL, headline) > room:
        headline -= 1
    above = line_height(headline) + 3 * layout.padding
    most = max(0, height - above) // layout.line
    lines = _wrap(message, layout.text, min(room, layout.text * 34), most)
    rule = 2 * layout.stroke
    top = (height - above - layout.line * len(lines)) // 2
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


def _wrap(message: str, size: int, width: int, most: int) -> list[str]:
    """``message`` in ``most`` lines of at most ``width`` pixels, with an ellipsis for the rest.

    A word too long for a line is cut, likewise.
    """
    lines: list[str] = []
    for word in message.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        elif len(lines) < most:
            lines.append(cut(word, size, width))
        elif lines:
            lines[-1] = cut(f"{lines[-1].removesuffix(ELLIPSIS)}{ELLIPSIS}", size, width)
            break
    return lines
