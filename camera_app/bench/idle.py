"""What a still scene costs, measured on the program: with the net resting, and without."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from camera_app.frame import Result
from camera_app.inference.classifier import Classifier
from camera_app.inference.smoothing import Smoother
from camera_app.loop import Loop
from camera_app.outputs.base import Output
from camera_app.sources.base import Pixels, Source, SourceState
from camera_app.sources.live import LiveSource
from camera_app.sources.pixels import to_bgr

NOISE = 4.0
"""Standard deviation of each byte, in levels: a small camera's at dusk."""

PICTURES = 8
"""That many differ in their noise; then the first comes again."""


class StillCamera:
    """A webcam in front of which nothing happens; sleeps between frames as a driver does.

    Its pictures are YUYV, and converted when they are read, as OpenCV does it.

    Args:
        scene: (H, W, 3) uint8 BGR, W even.
        fps: frames per second.
    """

    live = True
    frames_per_second = None

    def __init__(self, scene: Pixels, fps: float) -> None:
        noise = np.random.default_rng(3)
        still = cv2.cvtColor(scene, cv2.COLOR_BGR2YUV_YUYV)
        self._pictures = [
            np.clip(still + noise.normal(0, NOISE, still.shape), 0, 255).astype(np.uint8)
            for _ in range(PICTURES)
        ]
        self._seconds = 1 / fps
        self._due = 0.0
        self._number = 0

    def describe(self) -> str:
        """Size and rate."""
        height, width = self._pictures[0].shape[:2]
        return f"a still scene, {width}x{height} YUYV at {1 / self._seconds:g} fps"

    def open(self) -> None:
        """Begin."""
        self._due = time.monotonic()

    def read(self) -> tuple[Pixels, None]:
        """Wait until the next frame is due, and convert it."""
        self.skip()
        return to_bgr(self._pictures[self._number % PICTURES], fourcc="YUYV"), None

    def skip(self) -> None:
        """Wait until the next frame is due."""
        self._due += self._seconds
        time.sleep(max(0.0, self._due - time.monotonic()))
        self._number += 1

    def close(self) -> None:
        """There is nothing to let go of."""


@dataclass(frozen=True)
class Rest:
    """What the program took in front of a still scene.

    Attributes:
        labels_per_second: how often the scene was looked at.
        spared: share of the labels for which the net rested.
        processor: processor time of all threads by wall time; 1 is one core at work all the time.
    """

    labels_per_second: float
    spared: float
    processor: float


class IdleLoop:
    """Makes a loop that looks at a still scene, and measures what that takes.

    Args:
        camera: shows it.
        settle_seconds: what comes before does not count: threads start, caches fill, and the
            program must first see that nothing moves.
        processor_clock: seconds of processor time of all threads of the process.
        clock: seconds of wall time.
    """

    def __init__(
        self,
        camera: StillCamera,
        settle_seconds: float,
        *,
        processor_clock: Callable[[], float] = time.process_time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._camera = LiveSource(camera)
        self._settle_seconds = settle_seconds
        self._clocks = (clock, processor_clock)
        self._started: float | None = None
        self._begin: list[float] = []
        self._end: list[float] = []
        self._labels = 0
        self._spared = 0

    def make_loop(
        self,
        source: Source,
        classifier: Classifier,
        smoother: Smoother,
        outputs: Sequence[Output],
        **options: Any,
    ) -> Loop:
        """A :class:`~camera_app.loop.Loop` of these parts on the still scene."""
        source.stop()  # the app's; ours takes its place
        self._camera.start()
        return Loop(self._camera, classifier, smoother, [*outputs, _Watch(self)], **options)

    def note(self, result: Result) -> None:
        """Told of every label."""
        now = [clock() for clock in self._clocks]
        if self._started is None:
            self._started = now[0]
        if now[0] - self._started < self._settle_seconds:
            self._begin = now
            return
        self._labels += 1
        self._spared += result.prediction.spared
        self._end = now

    def stop(self) -> None:
        """Let go of the camera."""
        self._camera.stop()

    def rest(self) -> Rest | None:
        """What was measured; None if that was too short."""
        if not self._labels:
            return None
        wall, processor = (end - begin for begin, end in zip(self._begin, self._end, strict=True))
        return Rest(self._labels / wall, self._spared / self._labels, processor / wall)


class _Watch:
    """An output that tells the measurement of every label."""

    def __init__(self, loop: IdleLoop) -> None:
        self._loop = loop

    def write(self, result: Result) -> None:
        self._loop.note(result)

    def idle(self) -> None:
        """Nothing."""

    def source_changed(self, state: SourceState, message: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
