"""A picture in a frame of another size: as large as fits, in its own shape, on a dark ground."""

from collections.abc import Sequence

import cv2
import numpy as np

from camera_app.outputs.drawing import Pixels
from camera_app.outputs.style import GROUND


class Fitter:
    """Fits pictures into frames; as long as sizes stay, into the same memory."""

    def __init__(self) -> None:
        self._canvas: Pixels | None = None
        self._place = (0, 0, 0, 0)  # of the picture on the canvas: left, top, width, height

    def fit(self, picture: Pixels, size: tuple[int, int]) -> Pixels:
        """``picture`` (H, W, 3) in a frame of ``size`` (width, height).

        Returns:
            (height, width, 3), valid until the next call: itself where it has that size.
        """
        height, width = picture.shape[:2]
        if (width, height) == size:
            return picture
        fitting = within(size, width, height)
        # A line of ground a pixel wide would be seen; a picture stretched by that is not.
        if max(size[0] - fitting[0], size[1] - fitting[1]) <= 1:
            fitting = size
        # Where several pixels become one, all of them count: letters would lose their strokes.
        shrunk = 2 * fitting[0] < width
        way = cv2.INTER_AREA if shrunk else cv2.INTER_LINEAR
        scaled = cv2.resize(picture, fitting, interpolation=way).astype(np.uint8, copy=False)
        if fitting == size:
            return scaled
        place = ((size[0] - fitting[0]) // 2, (size[1] - fitting[1]) // 2, *fitting)
        canvas = self._canvas
        if canvas is None or place != self._place or canvas.shape[1::-1] != size:
            canvas = self._canvas = np.full((size[1], size[0], 3), GROUND, np.uint8)
            self._place = place
        left, top, width, height = place
        canvas[top : top + height, left : left + width] = scaled
        return canvas


def within(room: Sequence[int], width: int, height: int) -> tuple[int, int]:
    """The largest size in ``room`` (width, height) that has the shape of ``width`` x ``height``."""
    scale = min(room[0] / width, room[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
