"""Whether a window is drawn at all.

On a busy machine Qt now and then misses that its window has come onto the screen, and draws nothing
there for ever: mostly on a screen without a window manager, as of a kiosk, and with one too. It
notices when the window comes a second time.
"""

import time
from collections.abc import Callable

import numpy as np

from camera_app.outputs.drawing import Pixels
from camera_app.outputs.x11 import Connection

WAIT_SECONDS = 1.0
"""From the first picture, and from each attempt, until it must be there."""

ATTEMPTS = 5


class FirstSight:
    """Puts a window onto the screen anew until something is drawn in it.

    Args:
        server: that has the window.
        window: its number there; None where it was not found.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        server: Connection,
        window: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._window = window
        self._clock = clock
        self._left = 0 if window is None else ATTEMPTS
        self._look_at: float | None = None

    def look(self, picture: Pixels, size: tuple[int, int]) -> None:
        """See to it that a picture which is shown is seen.

        Args:
            picture: (H, W, 3), what should be there.
            size: (width, height) of the window.
        """
        if not self._left or self._window is None:
            return
        now = self._clock()
        if self._look_at is None:
            self._look_at = now + WAIT_SECONDS
        elif now >= self._look_at and not _is_even(picture[picture.shape[0] // 2]):
            self._look_at = now + WAIT_SECONDS
            row = self._server.row(self._window, size[1] // 2, size[0])
            pixels = np.frombuffer(row[: len(row) // size[0] * size[0]], np.uint8)
            if len(pixels) and _is_even(pixels.reshape(size[0], -1)):
                self._server.map_again(self._window)
                self._left -= 1
            else:
                self._left = 0


def _is_even(row: Pixels) -> bool:
    """Whether all pixels (N, channels) of a row are the same."""
    return bool((row == row[0]).all())
