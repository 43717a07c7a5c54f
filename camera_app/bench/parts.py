"""Two costs that the loop of a recording without a window does not show: decoding and drawing."""

import time
from collections.abc import Sequence
from typing import Any

from camera_app.bench.stages import StageTimes
from camera_app.inference.classifier import Classifier
from camera_app.inference.smoothing import Smoother
from camera_app.loop import Loop
from camera_app.outputs.base import Output
from camera_app.outputs.drawing import Pixels
from camera_app.outputs.overlay import Overlay
from camera_app.outputs.screen import Screen
from camera_app.sources.base import Source

DRAW = "screen"
"""The stage, of :class:`WatchedTimes`, that is drawing."""


class WatchedTimes(StageTimes):
    """Times the loop while somebody looks at every picture."""

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
        screen = Screen([_Onlooker()], Overlay(live=source.live))
        return super().make_loop(source, classifier, smoother, [screen, *others], **options)


class _Onlooker:
    """Wants every picture, and forgets it at once."""

    wants_picture = True
    quit_requested = False

    def show(self, picture: Pixels, at_seconds: float, /) -> None:
        """Nothing."""

    def idle(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


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
    while count < frames and source.next_frame(1.0) is not None:
        count += 1
    wall, processor = (
        (clock() - start) * 1e3 / max(1, count) for clock, start in zip(clocks, begin, strict=True)
    )
    source.stop()
    return wall, processor
