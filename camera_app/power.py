"""How many labels a second: as many as are asked for, and fewer while the board is too hot."""

import logging
import time
from collections.abc import Callable

from camera_app.sensors import Throttling, read_temperature, read_throttling

logger = logging.getLogger(__name__)

CHECK_SECONDS = 5.0
"""Between two looks at the sensors: a board takes minutes to heat up."""

COOLER_BY = 5.0
"""Degrees below the limit at which the rate is given back. Closer, and it would swing: labelling is
what heats."""


IDLE_SECONDS = 2.0
"""A scene that was still for so long is likely to stay so, and is looked at less often."""


class Governor:
    """Says how long a label must last; tells once why the rate is lowered, and when it is not.

    Args:
        max_fps: labels a second at most; None for as many as come.
        hot_fps: labels a second at most while the board is too hot.
        idle_fps: labels a second at most while nothing moves; None for as many as come.
        temperature_limit: degrees Celsius from which it is; None asks no sensor.
        tell: gets one sentence, and the labels a second that hold from now on (None: no limit).
        temperature: reads it, in degrees Celsius; None where there is no sensor.
        throttling: reads the firmware's flags; None where there are none.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        max_fps: float | None,
        hot_fps: float,
        idle_fps: float | None = None,
        temperature_limit: float | None,
        tell: Callable[[str, float | None], None],
        temperature: Callable[[], float | None] = read_temperature,
        throttling: Callable[[], Throttling | None] = read_throttling,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_fps = max_fps
        self._hot_fps = hot_fps if max_fps is None else min(hot_fps, max_fps)
        self.idle_at(idle_fps)
        self._limit = temperature_limit
        self._tell = tell
        self._temperature = temperature
        self._throttling = throttling
        self._clock = clock
        self._checked_at = float("-inf")
        self._moved_at = float("-inf")
        self._hot = False

    def idle_at(self, fps: float | None) -> None:
        """Take so many labels a second at most while nothing moves; None for as many as come."""
        self._idle_fps = float("inf") if fps is None else fps

    def seconds_a_label(self, spared: bool) -> float:
        """How long this label must last at least; 0 for no limit.

        Args:
            spared: whether the net was spared its picture, because nothing had moved.
        """
        now = self._clock()
        if not spared:
            self._moved_at = now
        if self._limit is not None and now - self._checked_at >= CHECK_SECONDS:
            self._checked_at = now
            self._check(self._limit)
        fps = self._hot_fps if self._hot else self._max_fps or float("inf")
        if now - self._moved_at >= IDLE_SECONDS:
            fps = min(fps, self._idle_fps)
        return 1 / fps

    def _check(self, limit: float) -> None:
        celsius, throttling = self._temperature(), self._throttling()
        slowed = throttling is not None and throttling.slowed
        if not self._hot:
            reason = None
            if celsius is not None and celsius >= limit:
                reason = f"{celsius:.0f} °C, and the limit is {limit:g} °C"
            elif slowed and throttling is not None:
                reason = ", ".join(throttling.now)
            if reason is not None:
                self._hot = True
                message = f"{reason}: at most {self._hot_fps:g} labels a second for now"
                logger.warning("%s", message)
                self._tell(message, self._hot_fps)
        elif not slowed and (celsius is None or celsius < limit - COOLER_BY):
            self._hot = False
            at = "" if celsius is None else f" at {celsius:.0f} °C"
            message = f"cool enough{at}: labels come as fast as before"
            logger.warning("%s", message)
            self._tell(message, self._max_fps)
