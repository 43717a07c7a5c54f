"""A camera of known habits: what it shows, how fast, and when it had each picture are known."""

import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from camera_app.bench.clip import moving_pictures
from camera_app.sources.base import Pixels
from camera_app.sources.pixels import to_bgr

NOISE = 4.0
"""Standard deviation of each byte, in levels: a small camera's at dusk."""

STILL_PICTURES, MOVING_PICTURES = 8, 30
"""So many differ; then the first comes again."""

BUFFERS = 4
"""Pictures that a driver holds for a program that is late; later ones are lost."""


class PacedCamera:
    """A webcam that gives pictures from memory; sleeps between them as a driver does.

    Its pictures are YUYV, and converted when they are read, as OpenCV does it.

    Args:
        name: what it shows.
        pictures: (H, W, 2) uint8 YUYV, at least one; shown over and over.
        fps: so many per second.
        clock: monotonic seconds.
        sleep: waits for so many.

    Attributes:
        fps: pictures per second.
        taken: seconds of ``clock`` at which each picture that was read or skipped was there.
    """

    live = True
    frames_per_second = None

    def __init__(
        self,
        name: str,
        pictures: Sequence[Pixels],
        fps: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name = name
        self._pictures = pictures
        self.fps = fps
        self._clock = clock
        self._sleep = sleep
        self._due = 0.0
        self.taken: list[float] = []

    def describe(self) -> str:
        """What it shows, size and rate."""
        height, width = self._pictures[0].shape[:2]
        return f"{self._name}, {width}x{height} YUYV at {self.fps:g} fps"

    def open(self) -> None:
        """Begin."""
        self._due = self._clock()

    def read(self) -> tuple[Pixels, None]:
        """Wait until the next picture is due, and convert it."""
        self.skip()
        return to_bgr(self._pictures[len(self.taken) % len(self._pictures)], fourcc="YUYV"), None

    def skip(self) -> None:
        """Wait until the next picture is due."""
        self._due += 1 / self.fps
        while self._clock() - self._due > BUFFERS / self.fps:
            self._due += 1 / self.fps
        self._sleep(max(0.0, self._due - self._clock()))
        self.taken.append(self._due)

    def close(self) -> None:
        """There is nothing to let go of."""


def still_scene(width: int, height: int) -> list[Pixels]:
    """Pictures (height, width, 2) YUYV of one scene, which differ in their noise; width even."""
    noise = np.random.default_rng(3)
    (scene,) = moving_pictures(1, width, height)
    still = cv2.cvtColor(scene, cv2.COLOR_BGR2YUV_YUYV)
    return [
        np.clip(still + noise.normal(0, NOISE, still.shape), 0, 255).astype(np.uint8)
        for _ in range(STILL_PICTURES)
    ]


def moving_scene(width: int, height: int) -> list[Pixels]:
    """Pictures (height, width, 2) YUYV in which everything moves; width even."""
    return [
        cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_YUYV).astype(np.uint8, copy=False)
        for picture in moving_pictures(MOVING_PICTURES, width, height)
    ]
