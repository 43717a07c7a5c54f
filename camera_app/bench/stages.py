"""Timing the real loop from outside: thin wrappers around the parts that it is given."""

import statistics
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from camera_app.frame import Frame, Prediction
from camera_app.inference.classifier import Classifier
from camera_app.inference.smoothing import Smoother
from camera_app.loop import Loop
from camera_app.outputs.base import Output
from camera_app.sources.base import Source

CALL = "call"
"""The runtime's run: the interpreter's own call, and some 10 µs that carry the tensors in and
out, convert BGR to RGB and widen the logits. Two of them where a picture stands alone and is looked
at both ways."""

SOURCE = "source"
"""Asking the source: of a recording that is read ahead, taking what is there; of a camera mostly
waiting for it."""

REST = "loop"
"""What of a frame's time no other stage accounts for: the loop itself, and the measuring."""

WARM_UP = 10
"""Frames that do not count: caches fill, FFmpeg's threads start, the processor wakes up."""

Milliseconds = float


@dataclass(frozen=True)
class Spread:
    """How one stage's time is distributed over the frames, in milliseconds."""

    p50: Milliseconds
    p95: Milliseconds
    p99: Milliseconds
    mean: Milliseconds


class StageTimes:
    """Makes a loop whose every frame is timed, stage by stage.

    A frame's time runs from asking the source for it to asking for the next one, so nothing that
    the loop's thread does is left out.

    Args:
        warm_up: frames at the start that do not count.
        untimed: outputs of the measurement's own, told of every result last; they are no stage.
    """

    def __init__(self, warm_up: int, untimed: Sequence[Output] = ()) -> None:
        self._to_skip = warm_up
        self._untimed = untimed
        # Wall time, and processor time of the calling thread and of all threads of the process.
        self._clocks = (time.perf_counter, time.thread_time, time.process_time)
        self._seconds: dict[str, array[float]] = {}
        self._frame_seconds = array("d")
        self._spent: dict[str, float] = {}
        self._frame_started: float | None = None
        self._begin: list[float] = []
        self._end: list[float] = []

    def make_loop(
        self,
        source: Source,
        classifier: Classifier,
        smoother: Smoother,
        outputs: Sequence[Output],
        **options: Any,
    ) -> Loop:
        """A :class:`~camera_app.loop.Loop` of these very parts, their methods timed."""
        _replace(source, "next_frame", self._between_frames)
        _replace(classifier, "classify", self._split)
        _replace(smoother, "update", self._timed("decide"))
        for output in outputs:
            name = type(output).__name__.removeprefix("JsonLines").lower()
            _replace(output, "write", self._timed(name))
        return Loop(source, classifier, smoother, [*outputs, *self._untimed], **options)

    @property
    def frames(self) -> int:
        """Frames that counted."""
        return len(self._frame_seconds)

    def stages(self) -> dict[str, Spread]:
        """What each stage took, in the order in which a frame meets them."""
        return {stage: spread(seconds) for stage, seconds in self._seconds.items()}

    def seconds_of(self, stage: str) -> Sequence[float]:
        """Of each frame that counted, in one stage."""
        return self._seconds[stage]

    def frame_seconds(self) -> Sequence[float]:
        """Of each frame that counted, all stages together."""
        return self._frame_seconds

    def whole_frame(self) -> Spread:
        """What a frame took, all stages together."""
        return spread(self._frame_seconds)

    def beside_the_call(self) -> Spread:
        """What a frame took beyond the call, each frame's own call taken off."""
        pairs = zip(self._frame_seconds, self._seconds[CALL], strict=True)
        return spread([frame - call for frame, call in pairs])

    def labels_per_second(self) -> float:
        """Frames that counted, by the time from the first to the last of them."""
        return self.frames / (self._end[0] - self._begin[0])

    def processor_ms(self) -> tuple[Milliseconds, Milliseconds]:
        """Processor time a frame: of the loop's thread, and of the whole process."""
        _, thread, process = (
            (end - begin) * 1e3 / self.frames
            for begin, end in zip(self._begin, self._end, strict=True)
        )
        return thread, process

    def _timed(self, stage: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def wrap(method: Callable[..., Any]) -> Callable[..., Any]:
            def timed(*arguments: Any) -> Any:
                start = time.perf_counter()
                returned = method(*arguments)
                self._spent[stage] = time.perf_counter() - start
                return returned

            return timed

        return wrap

    def _split(self, classify: Callable[..., Prediction]) -> Callable[..., Prediction]:
        def timed(frame: Frame, at_seconds: float | None) -> Prediction:
            start = time.perf_counter()
            prediction = classify(frame, at_seconds)
            whole = time.perf_counter() - start
            self._spent["crop+resize"] = prediction.preprocess_seconds
            self._spent[CALL] = prediction.invoke_seconds
            self._spent["softmax"] = (
                whole - prediction.preprocess_seconds - prediction.invoke_seconds
            )
            return prediction

        return timed

    def _between_frames(
        self, next_frame: Callable[[float], Frame | None]
    ) -> Callable[[float], Frame | None]:
        def timed(timeout: float) -> Frame | None:
            start = time.perf_counter()
            self._finish_frame(start)
            frame = next_frame(timeout)
            if frame is not None:
                self._frame_started = start
                self._spent[SOURCE] = time.perf_counter() - start
            return frame

        return timed

    def _finish_frame(self, now: float) -> None:
        """Enter the frame that ends ``now``, if there is one, and forget it."""
        if self._frame_started is None:
            return
        seconds = now - self._frame_started
        self._frame_started = None
        if self._to_skip:
            self._to_skip -= 1
            self._begin = [clock() for clock in self._clocks]
        else:
            self._spent[REST] = seconds - sum(self._spent.values())
            for stage, spent in self._spent.items():
                self._seconds.setdefault(stage, array("d")).append(spent)
            self._frame_seconds.append(seconds)
            self._end = [clock() for clock in self._clocks]
        self._spent.clear()


def spread(seconds: Sequence[float]) -> Spread:
    """Median, percentiles (nearest rank) and mean of times in seconds, in milliseconds."""
    ordered = sorted(seconds)
    p95, p99 = (ordered[-(-len(ordered) * percent // 100) - 1] * 1e3 for percent in (95, 99))
    return Spread(
        p50=statistics.median(ordered) * 1e3,
        p95=p95,
        p99=p99,
        mean=statistics.fmean(ordered) * 1e3,
    )


def _replace(
    part: object, method: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    """Shadow a method of this one object by its wrapped self."""
    setattr(part, method, wrap(getattr(part, method)))
