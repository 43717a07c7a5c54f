"""The built-in demo: scenes drawn in code, at a camera's pace, where there is no camera."""

import time
from collections.abc import Callable, Sequence

from camera_app.sources.base import Pixels
from camera_app.sources.scenes import SCENES, Scene

SCENE_SECONDS = 4.0
"""How long each scene is shown: long enough to read the label and watch it settle."""


class DemoReader:
    """Shows the scenes in turn, forever; sleeps between frames as a camera would.

    Args:
        width: pixels.
        height: pixels.
        fps: frames per second.
        scenes: what to show.
        clock: monotonic seconds.
        sleep: waits for so many seconds.
    """

    live = True
    frames_per_second = None

    def __init__(
        self,
        *,
        width: int = 640,
        height: int = 480,
        fps: int = 30,
        scenes: Sequence[Scene] = SCENES,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._size = (width, height)
        self._fps = fps
        self._scenes = scenes
        self._clock = clock
        self._sleep = sleep
        self._began = 0.0
        self._due = 0.0

    def describe(self) -> str:
        """Size and rate."""
        width, height = self._size
        return f"built-in demo, {width}x{height} at {self._fps} fps"

    def open(self) -> None:
        """Begin with the first scene."""
        self._began = self._due = self._clock()

    def read(self) -> tuple[Pixels, None]:
        """Wait until the next frame is due, and draw it."""
        shows, seconds = divmod(self._wait() - self._began, SCENE_SECONDS)
        scene = self._scenes[int(shows) % len(self._scenes)]
        return scene.draw(*self._size, seconds), None

    def skip(self) -> None:
        """Wait until the next frame is due."""
        self._wait()

    def close(self) -> None:
        """There is nothing to let go of."""

    def _wait(self) -> float:
        """Wait until the next frame is due; the time that it is then."""
        now = self._clock()
        if now < self._due:
            self._sleep(self._due - now)
            now = self._due
        # From now, not from when it was due: frames a slow machine missed are not made up for.
        self._due = now + 1.0 / self._fps
        return now
