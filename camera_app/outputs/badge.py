"""A word on a picture that stands: that it does, so that nobody takes it for what is seen now."""

from camera_app.outputs.drawing import Pixels
from camera_app.outputs.font import draw_text, text_width
from camera_app.outputs.style import WARNING, Layout


def with_badge(picture: Pixels, words: str) -> Pixels:
    """A copy of ``picture`` with ``words`` on a panel halfway down its right edge.

    There the overlay leaves room, between the net's view and the answer, however long a label is
    and however small the window: in the corner below it the badge would lie on the answer.
    """
    picture = picture.copy()
    layout = Layout(*picture.shape[:2])
    width = text_width(words, layout.text) + 2 * layout.padding
    height = layout.line + layout.padding
    left = layout.width - layout.margin - width
    top = (layout.height - height) // 2
    layout.draw_panel(picture, left, top, width, height)
    words_top = top + layout.padding // 2
    draw_text(picture, words, left + layout.padding, words_top, layout.text, WARNING)
    return picture
