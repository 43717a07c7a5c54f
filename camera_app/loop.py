"""The loop: for each frame from the source, classify it, smooth it, hand it to every output."""

import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from camera_app.frame import Frame, Result
from camera_app.inference.classifier import Classifier
from camera_app.inference.smoothing import Smoother
from camera_app.outage import Outage
from camera_app.outputs.base import Output
from camera_app.rates import RateMeter
from camera_app.sources.base import Source, SourceState

POLL_SECONDS = 0.1
"""How long to wait for a frame before signals, keys and the source's state are looked at."""

KEY_SECONDS = 0.02
"""How often somebody at the keys wants them looked at while a picture is left standing."""


class Limits(NamedTuple):
    """When to stop by itself; None is never."""

    frames: int | None = None
    seconds: float | None = None

    def reached(self, frames: int, seconds: float) -> bool:
        """Whether ``frames`` labelled in ``seconds`` are enough."""
        return (self.frames is not None and frames >= self.frames) or (
            self.seconds is not None and seconds >= self.seconds
        )


class Loop:
    """Carries frames from one source through one classifier to the outputs.

    Args:
        source: started by the caller, who also stops it.
        classifier: names a frame by itself.
        smoother: makes a label that holds still of those names.
        outputs: told of every result, in this order.
        pace: frames a second at which a recording is played for somebody who watches; None goes
            as fast as the net does.
        seconds_a_label: told of every frame whether the net was spared it, and asked how long it
            must last at least before the next one is taken; for live sources, where what comes in
            between is skipped. None is at once.
        look_seconds: how often keys and signals are looked at while a picture is left standing.
        stay: called once a recording is over that was one picture alone; that is then left standing
            until the program is stopped. None ends it there, as after any other recording.
        clock: monotonic seconds; the clock that the source stamps frames with.
    """

    def __init__(
        self,
        source: Source,
        classifier: Classifier,
        smoother: Smoother,
        outputs: Sequence[Output],
        *,
        pace: float | None = None,
        seconds_a_label: Callable[[bool], float] | None = None,
        look_seconds: float = KEY_SECONDS,
        stay: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._classifier = classifier
        self._smoother = smoother
        self._outputs = outputs
        self._pace = pace
        self._seconds_a_label = seconds_a_label
        self._look_seconds = look_seconds
        self._stay = stay
        self._clock = clock
        self._rate = RateMeter()
        # What the outputs know of. That a recording can be read is no news; that a camera was lost
        # while the program was still being put together is.
        self._state = SourceState.CONNECTING if source.live else source.state
        self._outage = Outage(clock)
        self._description: str | None = None  # of the source, when frames last began to come
        self.frames = 0

    def use(self, classifier: Classifier, smoother: Smoother) -> None:
        """Name the frames that come from now on with these."""
        self._classifier = classifier
        self._smoother = smoother

    def run(
        self,
        limits: Limits,
        stopped: Callable[[], bool],
        between_frames: Callable[[], None] = lambda: None,
    ) -> None:
        """Go on until the source ends, a limit is reached or ``stopped`` says so.

        ``between_frames`` is called before each frame, and ten times a second while none comes.
        """
        started = self._clock()

        def over() -> bool:
            return stopped() or limits.reached(self.frames, self._clock() - started)

        while not over():
            between_frames()
            frame = self._source.next_frame(POLL_SECONDS)
            self._watch_source()
            # It may have been taken just before the camera was lost, which they know by now.
            if self._state is not SourceState.STREAMING:
                frame = None
            if frame is not None:
                taken = self._clock()
                result = self._label(frame)
                self.frames += 1
                for output in self._outputs:
                    output.write(result)
                if self._pace is not None:
                    at = frame.film_seconds
                    begun = (self.frames - 1) / self._pace if at is None else at
                    self._let_stand(started + begun + 1 / self._pace, stopped)
                elif self._seconds_a_label is not None:
                    until = taken + self._seconds_a_label(result.prediction.spared)
                    self._source.rest(until - self._clock())
                    self._let_stand(until, stopped)
            elif self._source.state is SourceState.ENDED:
                if self._stay is not None and self.frames == 1:
                    self._stay()
                    self._let_stand(math.inf, over)
                break
            else:
                self._idle()

    def _label(self, frame: Frame) -> Result:
        # The same file must give the same labels however fast it is read.
        at = frame.captured_at if self._source.live else frame.film_seconds
        prediction = self._classifier.classify(frame, at)
        decision = self._smoother.update(
            prediction.probabilities, frame.captured_at if at is None else at
        )
        now = self._clock()
        return Result(
            frame=frame,
            prediction=prediction,
            label=decision.label,
            confidence=decision.confidence,
            top=decision.top,
            changed=decision.changed,
            age_seconds=now - frame.captured_at,
            frames_per_second=self._rate.tick(now),
            skipped=self._source.skipped,
        )

    def _let_stand(self, until: float, stopped: Callable[[], bool]) -> None:
        while (left := until - self._clock()) > 0 and not stopped():
            self._watch_source()  # at one label in a minute, a camera is lost in between
            self._idle()
            time.sleep(min(left, self._look_seconds))

    def _idle(self) -> None:
        for output in self._outputs:
            output.idle()

    def _watch_source(self) -> None:
        """Tell the outputs when the source was lost, and why, found again or has ended."""
        state = self._source.state
        if state is SourceState.LOST:
            problem = self._source.problem
            if self._state is not SourceState.LOST:
                self._outage = Outage(self._clock)
                self._rate = RateMeter()
            # None: found again between the two looks.
            if problem is None or not self._outage.is_news(problem):
                return
            message = problem
        elif state is self._state:
            return
        else:
            message = self._source.describe()
            if state is SourceState.STREAMING:
                message = self._compared(message)
            elif state is SourceState.ENDED and self._source.skipped:
                message += f"; unreadable and skipped: {self._source.skipped}"
        self._state = state
        for output in self._outputs:
            output.source_changed(state, message)

    def _compared(self, description: str) -> str:
        """What the source is; and what it was, where another camera has taken its place."""
        before, self._description = self._description, description
        return description if before in (None, description) else f"{description}; it was {before}"
