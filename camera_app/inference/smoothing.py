"""From flickering single answers to a label that holds still, in seconds and not in frames.

Two questions are asked of the smoothed probabilities at every frame, and an answer counts once it
has stood unbroken for ``dwell_seconds``:

- *Is another label surely seen?* It is the likeliest and has at least ``enter`` (or
  ``unknown_below``, if that is higher): it is published.
- *Is the published label doubtful?* It has less than ``exit``: "unknown" is published. While
  another label is on its way, the likeliest and at least half way from ``exit`` to ``enter``, the
  doubtful one is kept up to twice the dwell, so that a change from one thing to another shows no
  "unknown" in between. One that is surely seen by then is waited for to its end.

So ``unknown_below`` and ``enter`` guard the way in, ``exit`` the way out; ``exit`` lies at or
below ``enter``, and the gap between them is what keeps a wavering answer from flickering. After
every change both questions are asked afresh: two changes are never closer than ``dwell_seconds``.

In the field's words it is hysteresis on an exponential moving average.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np

from camera_app.arrays import NDArray
from camera_app.frame import UNKNOWN

ROUNDING_SECONDS = 2e-6
"""By which a wait may fall short: a frame's place in a film is told in whole microseconds, and nine
frames of 30 a second are as often a little less than 0.3 s as a little more."""


class Decision(NamedTuple):
    """The published label; fields as in :class:`~camera_app.frame.Result`."""

    label: str
    confidence: float
    top: tuple[tuple[str, float], ...]
    changed: bool


class Smoother:
    """Averages answers over time and decides which label is published.

    It has no clock: the time of each answer is passed in. Before the first, "unknown" is
    published. With ``smoothing_seconds`` and ``dwell_seconds`` both 0 each answer stands for
    itself, for pictures that have nothing to do with each other: the likeliest label, or "unknown"
    below ``unknown_below``; ``enter`` and ``exit`` then play no part.

    Args:
        labels: names of the classes, in the order of the probabilities.
        unknown_below: probability under which no label is taken up.
        smoothing_seconds: time constant of the average; 0 for none.
        enter: probability from which on a label is surely seen; lower than ``unknown_below`` it
            has no effect.
        exit: probability below which the published label is doubtful; at most ``enter``.
        dwell_seconds: how long either must last before it counts.
        top: how many of the likeliest labels a decision lists.
    """

    def __init__(
        self,
        labels: Sequence[str],
        *,
        unknown_below: float,
        smoothing_seconds: float,
        enter: float,
        exit: float,  # noqa: A002 - the configuration's word, and the counterpart of `enter`
        dwell_seconds: float,
        top: int,
    ) -> None:
        self._labels = tuple(labels)
        self._single = smoothing_seconds == 0 and dwell_seconds == 0
        self._enter = unknown_below if self._single else max(enter, unknown_below)
        self._exit = exit
        self._on_its_way = (self._exit + self._enter) / 2
        self._smoothing_seconds = smoothing_seconds
        self._dwell_seconds = max(0.0, dwell_seconds - ROUNDING_SECONDS)
        self._top = top
        # Lists: for so few numbers, in caches that the net's call has left cold, they take a third
        # of the time of arrays.
        self._smoothed: list[float] | None = None
        self._at = 0.0
        self._published: int | None = None
        self._challenger: int | None = None
        self._challenger_since = 0.0
        self._doubt_since: float | None = None
        self._patience_ended_at = math.inf  # at the first answer twice the dwell later

    def update(self, probabilities: NDArray[np.float32], at_seconds: float) -> Decision:
        """Take one answer in and decide.

        The average is exponential in time: an answer that comes Δt after the one before weighs
        ``1 - exp(-Δt / smoothing_seconds)``, so that it is the same at 5 and at 60 frames a
        second, and what was seen before a long gap is forgotten. If time goes backward (a clock
        set back, a video started again) the average and both waits begin anew at this answer, and
        the published label stays until one of them is over.

        Args:
            probabilities: (classes,), summing to 1.
            at_seconds: when the frame was captured.
        """
        smoothed = self._average(probabilities, at_seconds)
        before = self._published
        best = sorted(range(len(smoothed)), key=smoothed.__getitem__, reverse=True)
        likeliest = best[0]
        sure = smoothed[likeliest] >= self._enter
        if self._single:
            self._published = likeliest if sure else None
        else:
            self._decide(smoothed, likeliest, sure=sure)
        shown = likeliest if self._published is None else self._published
        return Decision(
            label=UNKNOWN if self._published is None else self._labels[self._published],
            confidence=smoothed[shown],
            top=tuple((self._labels[i], smoothed[i]) for i in best[: self._top]),
            changed=self._published != before,
        )

    def _average(self, probabilities: NDArray[np.float32], at_seconds: float) -> list[float]:
        elapsed = at_seconds - self._at
        self._at = at_seconds
        before, now = self._smoothed, cast(list[float], probabilities.tolist())
        if before is None or elapsed < 0:
            self._challenger = None
            self._doubt_since, self._patience_ended_at = None, math.inf
        elif self._smoothing_seconds > 0:
            weight = -math.expm1(-elapsed / self._smoothing_seconds)
            now = [old + weight * (new - old) for old, new in zip(before, now, strict=True)]
        self._smoothed = now
        return now

    def _decide(self, smoothed: list[float], likeliest: int, *, sure: bool) -> None:
        """Follow both waits and publish what has come to the end of one."""
        challenger = likeliest if sure and likeliest != self._published else None
        if challenger != self._challenger:
            self._challenger, self._challenger_since = challenger, self._at
        if self._published is None or smoothed[self._published] >= self._exit:
            self._doubt_since, self._patience_ended_at = None, math.inf
        elif self._doubt_since is None:
            self._doubt_since = self._at
        dwell = self._dwell_seconds
        if challenger is not None and self._at - self._challenger_since >= dwell:
            self._publish(challenger)
        elif self._doubt_since is not None and self._at - self._doubt_since >= dwell:
            # On an answer, as the other wait ends: by the clock alone "unknown" would come just
            # before a label that was there in time, and that one would have to wait anew.
            if self._at - self._doubt_since >= 2 * dwell:
                self._patience_ended_at = min(self._patience_ended_at, self._at)
            if challenger is not None:
                waits = self._challenger_since <= self._patience_ended_at
            else:
                comes = likeliest != self._published and smoothed[likeliest] >= self._on_its_way
                waits = comes and self._patience_ended_at == math.inf
            if not waits:
                self._publish(None)

    def _publish(self, label: int | None) -> None:
        self._published = label
        self._challenger = None
        self._doubt_since, self._patience_ended_at = None, math.inf
