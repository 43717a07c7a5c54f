"""How many labels a second."""

from collections import deque


class RateMeter:
    """Events a second over the last ``window_seconds``, or since the event before the last.

    Told the time, it keeps no clock.
    """

    def __init__(self, window_seconds: float = 2.0) -> None:
        self._window = window_seconds
        self._times: deque[float] = deque()

    def tick(self, now: float) -> float:
        """Count an event at ``now`` seconds and return the rate; 0 until there are two."""
        self._times.append(now)
        while len(self._times) > 2 and now - self._times[0] > self._window:
            self._times.popleft()
        span = now - self._times[0]
        return (len(self._times) - 1) / span if span > 0 else 0.0
