"""Which of the reasons that a lost camera gives are worth telling."""

import re
from collections.abc import Callable

WAIT_SECONDS = 1.0
"""The first wait between two reasons; each that is told makes the next twice as long."""

WAIT_LIMIT_SECONDS = 600.0
"""The longest such wait: a reason that is another at each attempt, for a day, is told some 150
times and not 8000, and what is told last holds, or did ten minutes ago."""

_VARIES = r"[0-9.]+ s\b|\([0-9]+\)"
"""Seconds and process numbers: with others it is the same reason."""


class Outage:
    """One loss of the source, from the first reason on.

    The first reason is told, and another one that holds instead at once; after that only once some
    time has passed since the last was told, so that no log is filled.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told: str | None = None
        self._wait = 0.0
        self._told_at = float("-inf")

    def is_news(self, reason: str) -> bool:
        """Whether ``reason`` is to be told now; it counts as told if it is."""
        words = re.sub(_VARIES, "", reason)
        now = self._clock()
        if words == self._told or now - self._told_at < self._wait:
            return False
        if self._told is not None:
            self._wait = min(max(WAIT_SECONDS, 2 * self._wait), WAIT_LIMIT_SECONDS)
        self._told, self._told_at = words, now
        return True
