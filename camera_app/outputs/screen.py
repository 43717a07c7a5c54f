"""The picture: drawn only if someone looks, and once for all who want it in the same size."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from camera_app.frame import Result
from camera_app.outputs.drawing import Pixels
from camera_app.outputs.overlay import Overlay
from camera_app.outputs.slate import slate
from camera_app.sources.base import SourceState

NO_PICTURE_YET = (640, 480)

NEVER = -math.inf
"""When a picture was taken that stands for a camera of which none has come yet."""


class Viewer(Protocol):
    """Who looks at the picture: the window, the recorder."""

    @property
    def wants_picture(self) -> bool:
        """Whether the next picture would be used; if nobody wants it, it is not drawn."""

    @property
    def quit_requested(self) -> bool:
        """Whether the person in front of it has asked the program to end."""

    def drawing_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height that a picture of ``width`` x ``height`` gets before it is drawn on."""

    def show(self, picture: Pixels, at_seconds: float, /) -> None:
        """Take a (H, W, 3) uint8 BGR picture, shared and not to be written to.

        Args:
            picture: what to show.
            at_seconds: when it was taken: its place in a film, else monotonic seconds, or
                :data:`NEVER`.
        """

    def idle(self) -> None:
        """Look after keys and the like while no picture comes."""

    def close(self) -> None:
        """Finish and let go; may be called twice."""


class Screen:
    """An output that draws results for its viewers.

    Args:
        viewers: who looks; may be nobody.
        overlay: what is drawn on the pictures; None shows them as they are.
    """

    def __init__(self, viewers: Sequence[Viewer], overlay: Overlay | None) -> None:
        self._viewers = viewers
        self._overlay = overlay
        self._size = NO_PICTURE_YET
        self._at_seconds = NEVER

    @property
    def quit_requested(self) -> bool:
        """Whether any viewer asks the program to end."""
        return any(viewer.quit_requested for viewer in self._viewers)

    def write(self, result: Result) -> None:
        """Draw ``result``, if any viewer wants it, and show it to those who do."""
        frame = result.frame
        self._size = (frame.pixels.shape[1], frame.pixels.shape[0])
        self._at_seconds = frame.captured_at if frame.film_seconds is None else frame.film_seconds
        wanting = [viewer for viewer in self._viewers if viewer.wants_picture]
        if self._overlay is None:
            for viewer in wanting:
                viewer.show(frame.pixels, self._at_seconds)
        else:
            self._show(wanting, partial(self._overlay.draw, result))
        for viewer in self._viewers:
            viewer.idle()

    def idle(self) -> None:
        """Let the viewers look after themselves."""
        for viewer in self._viewers:
            viewer.idle()

    def source_changed(self, state: SourceState, message: str) -> None:
        """Show why there is no picture, once the camera is lost."""
        if state is SourceState.LOST:
            self._show(self._viewers, lambda size: slate(message, *size))
        self.idle()

    def close(self) -> None:
        """Close every viewer."""
        for viewer in self._viewers:
            viewer.close()

    def _show(self, viewers: Sequence[Viewer], draw: Callable[[tuple[int, int]], Pixels]) -> None:
        """Show ``viewers`` what ``draw`` makes in the size that each wants."""
        drawn: dict[tuple[int, int], Pixels] = {}
        for viewer in viewers:
            size = viewer.drawing_size(*self._size)
            if size not in drawn:
                drawn[size] = draw(size)
            viewer.show(drawn[size], self._at_seconds)
