"""Tells systemd how the program is: ready, well, loading anew, stopping.

The protocol of sd_notify(3) is one datagram of ``KEY=VALUE`` lines to the socket that systemd
names in ``$NOTIFY_SOCKET``; no library is needed for that. Without the variable nothing is sent.
"""

import os
import socket
import time
from collections.abc import Callable, Mapping

from camera_app.frame import Result
from camera_app.sources.base import SourceState

STATUS_SECONDS = 1.0
"""The least time between two states of ``systemctl status``: nobody reads faster."""

FEEDS_IN_A_TIMEOUT = 4
"""How often the watchdog is fed in its timeout. sd_watchdog_enabled(3) asks for two; four leave
room for a loop that a busy machine or a slow disk holds up for a moment."""


class SystemdNotifier:
    """An output whose reader is systemd.

    The watchdog is fed by the loop's own thread, and only while the source is responsive: neither
    a loop that stands still nor a driver that never returns can look alive.

    Args:
        responsive: whether frames come or are looked for; see
            :class:`~camera_app.sources.base.Source`.
        environment: where systemd's variables are: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID.
        process: number of this process; the watchdog may be meant for another.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        responsive: Callable[[], bool],
        *,
        environment: Mapping[str, str] = os.environ,
        process: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._responsive = responsive
        self._clock = clock
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self._socket = _open_socket() if self._address else None
        mine = os.getpid() if process is None else process
        self._feed_seconds = _feed_seconds(environment, mine)
        self._fed_at = self._told_at = float("-inf")
        self._ready = False
        self._ready_untold = False
        self._state = SourceState.CONNECTING
        self._message = "waiting for the first picture"
        self._result: Result | None = None
        self._told = ""

    def write(self, result: Result) -> None:
        """Note the label; the first one is what makes the service ready."""
        self._result = result
        if self._state is SourceState.CONNECTING:  # of a recording nobody tells that it began
            self._state = SourceState.STREAMING
        if not self._ready:
            self._ready = self._ready_untold = True
        self.idle()

    def idle(self) -> None:
        """Feed the watchdog and renew the status, where it is time to."""
        self._tell_ready()
        now = self._clock()
        if (
            self._feed_seconds is not None
            and now - self._fed_at >= self._feed_seconds
            and self._responsive()
            and self._send("WATCHDOG=1")
        ):
            self._fed_at = now
        if now - self._told_at >= STATUS_SECONDS:
            status = self._status()
            if status != self._told and self._send(f"STATUS={status}"):
                self._told, self._told_at = status, now

    def source_changed(self, state: SourceState, message: str) -> None:
        """Note it for the status."""
        self._state = state
        self._message = message
        self.idle()

    def reloading(self) -> None:
        """Tell that the configuration is being read again; :meth:`reloaded` must follow."""
        # Without the time newer systemds do not believe the message; older ones pass over it.
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def reloaded(self) -> None:
        """Tell that reading it is over, whether it was taken up or refused."""
        self._ready_untold = self._ready
        self._tell_ready()

    def close(self) -> None:
        """Tell that the program is ending; may be called twice."""
        self._send("STOPPING=1")
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _status(self) -> str:
        """One line, e.g. ``streaming: cat 97%, 14.9 labels/s, 31 ms old, 12 skipped``."""
        result = self._result
        if self._state is SourceState.STREAMING and result is not None:
            return _one_line(
                f"{self._state.value}: {result.verdict}, "
                f"{result.frames_per_second:.1f} labels/s, {result.age_seconds * 1000:.0f} ms old, "
                f"{result.skipped} skipped"
            )
        last = "" if result is None else f" (last label: {result.label})"
        return _one_line(f"{self._state.value}: {self._message}{last}")

    def _tell_ready(self) -> None:
        # Who is never told so ends the program when the time for its start is over.
        if self._ready_untold:
            self._ready_untold = not self._send("READY=1")

    def _send(self, message: str) -> bool:
        """Send what can be sent now. systemd's queue being full, or gone, is no reason to wait.

        Returns:
            False if it is to be sent again: it came to nobody's ears.
        """
        if self._socket is not None:
            try:
                self._socket.sendto(message.encode("utf-8", "replace"), self._address)
            except OSError:
                return False
        return True


def _address(named: str) -> str:
    """The socket's address; empty if there is none that a datagram could be sent to."""
    if named.startswith("@"):  # in the abstract namespace, which has no files
        return f"\0{named[1:]}"
    return named if named.startswith("/") else ""


def _open_socket() -> socket.socket | None:
    try:
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    except OSError:  # no file descriptor is left, or a sandbox forbids it
        return None
    opened.setblocking(False)
    return opened


def _feed_seconds(environment: Mapping[str, str], process: int) -> float | None:
    """Between two signs of life; None where no watchdog waits for this process."""
    timeout = environment.get("WATCHDOG_USEC", "")
    meant = environment.get("WATCHDOG_PID", str(process))
    if not timeout.isdecimal() or int(timeout) == 0 or meant != str(process):
        return None
    return int(timeout) / 1e6 / FEEDS_IN_A_TIMEOUT


def _one_line(text: str) -> str:
    """``text`` without line ends, behind which the next message would be read."""
    return " ".join(text.split())
