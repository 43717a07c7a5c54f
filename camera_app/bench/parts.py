"""What the loop of a recording without a window does not show.

Decoding and making small are done ahead in another thread, drawing and showing only where somebody
looks.
"""

import contextlib
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from camera_app.bench.stages import Spread, StageTimes, spread
from camera_app.bench.watch import Watch
from camera_app.frame import Result
from camera_app.inference.classifier import Classifier
from camera_app.inference.smoothing import Smoother
from camera_app.loop import Loop
from camera_app.outputs.base import Output
from camera_app.outputs.display import hold_display
from camera_app.outputs.drawing import Pixels
from camera_app.outputs.overlay import Overlay
from camera_app.outputs.screen import Screen, Viewer
from camera_app.outputs.window import open_window
from camera_app.sources.base import Source, SourceState

SCREEN = "screen"
"""The stage, of :class:`WatchedTimes`, that is drawing and showing."""


class WatchedTimes(StageTimes):
    """Times the loop while somebody looks at every picture.

    Args:
        warm_up: frames at the start that do not count.
        window: where pictures are shown; None only draws them.
        shrink: makes the net's input of a picture.
    """

    def __init__(
        self, warm_up: int, window: Viewer | None, shrink: Callable[[Pixels], Pixels]
    ) -> None:
        super().__init__(warm_up, [Watch(self._shrink)])
        self._warm_up = warm_up
        self._make_small = shrink
        self._crop_seconds = array("d")
        self._window = window
        self._onlooker = _Onlooker(window)

    def make_loop(
        self,
        source: Source,
        classifier: Classifier,
        smoother: Smoother,
        outputs: Sequence[Output],
        **options: Any,
    ) -> Loop:
        """As :class:`StageTimes`, and drawn on the way."""
        others = [output for output in outputs if not isinstance(output, Screen)]
        screen = Screen([self._onlooker], Overlay(live=source.live))
        return super().make_loop(source, classifier, smoother, [screen, *others], **options)

    def crop(self) -> Spread:
        """What making a picture small takes. It is done once more for that, after everything."""
        return spread(self._that_counted(self._crop_seconds))

    def draw(self) -> Spread:
        """What drawing a picture took."""
        both, shown = self.seconds_of(SCREEN), self._shown()
        return spread([of_both - of_one for of_both, of_one in zip(both, shown, strict=True)])

    def show(self) -> Spread | None:
        """What showing a picture took, and looking at the window's keys; None without a window."""
        return None if self._window is None else spread(self._shown())

    def _shrink(self, result: Result) -> None:
        start = time.perf_counter()
        self._make_small(result.frame.pixels)
        self._crop_seconds.append(time.perf_counter() - start)

    def _shown(self) -> Sequence[float]:
        return self._that_counted(self._onlooker.seconds)

    def _that_counted(self, seconds: Sequence[float]) -> Sequence[float]:
        # At a limit the last frame is labelled and shown, but never ended by asking for another.
        return seconds[self._warm_up : self._warm_up + self.frames]


class _Onlooker:
    """Wants every picture, hands it to a window, if there is one, and times that.

    Attributes:
        seconds: for each picture.
    """

    wants_picture = True
    quit_requested = False

    def __init__(self, window: Viewer | None) -> None:
        self._window = window
        self.seconds = array("d")

    def drawing_size(self, width: int, height: int) -> tuple[int, int]:
        """The window's."""
        return (width, height) if self._window is None else self._window.drawing_size(width, height)

    def show(self, picture: Pixels, at_seconds: float, /) -> None:
        """Show the picture; its time begins."""
        self.seconds.append(0.0)
        if self._window is not None:
            self._time(self._window.show, picture, at_seconds)

    def idle(self) -> None:
        """Let the window draw itself, which belongs to the picture that was shown last."""
        if self._window is not None and self.seconds:
            self._time(self._window.idle)

    def close(self) -> None:
        """Nothing: the window is whose it was."""

    def _time(self, act: Callable[..., None], *arguments: object) -> None:
        start = time.perf_counter()
        act(*arguments)
        self.seconds[-1] += time.perf_counter() - start


@contextlib.contextmanager
def window_if_any(snapshots: Path) -> Iterator[Viewer | None]:
    """The program's window where there is a display, closed in the end; else None.

    Args:
        snapshots: folder that the window would save snapshots to.
    """
    with hold_display() as reason:
        window = open_window(snapshots=snapshots) if reason is None else None
    try:
        yield window
    finally:
        if window is not None:
            window.close()


def time_decoding(source: Source, frames: int) -> tuple[float, float]:
    """Milliseconds of wall and of processor time that a frame takes when nothing else is done.

    Args:
        source: a recording, not started; it is stopped afterwards.
        frames: at most so many are read.
    """
    source.start()
    clocks = (time.perf_counter, time.process_time)
    begin = [clock() for clock in clocks]
    count = 0
    while count < frames and source.state is SourceState.STREAMING:
        count += source.next_frame(1.0) is not None
    wall, processor = (
        (clock() - start) * 1e3 / max(1, count) for clock, start in zip(clocks, begin, strict=True)
    )
    source.stop()
    return wall, processor
