"""What signals ask for: to stop (SIGINT, SIGTERM, SIGHUP), or of a service to reload (SIGHUP)."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple

from camera_app.config import Config

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The last comes when a terminal is closed or a connection breaks off; `nohup` ignores it."""

AGAIN_SECONDS = 0.01
"""Until a stop that was swallowed is raised again."""


class StopRequested(BaseException):
    """A stop signal came while the program was still being put together."""


class StopEvent:
    """Set when the program is asked to end.

    Not a :class:`threading.Event`: a handler runs in the middle of whatever the main thread does,
    and would wait for ever for the lock of an event that it interrupts. That may be the handler of
    the signal before, which has just taken it.

    Attributes:
        interrupts: whether a signal also raises :class:`StopRequested` in the main thread. It does
            until the loop begins: a camera or a server that does not answer can hold its opening
            up for many seconds, and nobody should wait for that only to see it closed.
        at_once: whether a signal ends the process there and then, with status 0: while libraries
            are loaded, of which some print whatever is raised meanwhile, and nothing is open yet.
    """

    def __init__(self) -> None:
        self._set = False
        self.interrupts = True
        self.at_once = False

    def is_set(self) -> bool:
        """Whether it was asked to."""
        return self._set

    def set(self) -> None:
        """Ask for it, from any thread."""
        self._set = True

    def request(self) -> None:
        """Ask the program to end.

        Raises:
            StopRequested: :attr:`interrupts` is true.
        """
        self.set()
        if self.interrupts:
            raise StopRequested


@contextmanager
def stop_on_signals() -> Iterator[StopEvent]:
    """Yield an event that the stop signals set, and put the old handlers back afterwards.

    A handler only sets a flag once the loop runs, which then closes everything in its own time.
    Whoever sends a second signal does not want to wait for that: the process ends at once. SIGHUP
    counts neither as the first nor as the second: when a terminal is closed both its shell and the
    kernel send one, and systemd sends it beside the SIGTERM that ends a person's session.
    """
    stop = StopEvent()
    asked = False

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if stop.at_once:
            os._exit(0)
        if number != signal.SIGHUP:
            if asked:
                os._exit(128 + number)
            asked = True
        if not stop.is_set():
            stop.request()

    before = {
        number: signal.signal(number, handle)
        for number in STOP_SIGNALS
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN
    }
    try:
        with _let_out(stop):
            yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _let_out(stop: StopEvent) -> Iterator[None]:
    """Raise StopRequested again, a moment later, where Python swallows it.

    Out of what is called when an object goes, as the import system does after each module, no
    exception comes. Python prints that it ignored one, and the start would go on.
    """
    hook, handler = sys.unraisablehook, signal.getsignal(signal.SIGALRM)

    def again(_number: int, _frame: FrameType | None) -> None:
        if stop.interrupts:
            stop.request()

    def swallowed(unraisable: "sys.UnraisableHookArgs") -> None:
        if unraisable.exc_type is StopRequested:
            signal.signal(signal.SIGALRM, again)
            signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)  # not within this hook
        else:
            hook(unraisable)

    sys.unraisablehook = swallowed
    try:
        yield
    finally:
        sys.unraisablehook = hook
        if signal.getsignal(signal.SIGALRM) is again:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)


class ReloadRequest:
    """Whether configuration and model are to be read again.

    No :class:`threading.Event` either.
    """

    def __init__(self) -> None:
        self._made = False

    def make(self) -> None:
        """Ask for it."""
        self._made = True

    def take(self) -> bool:
        """Whether it was asked for since the last call."""
        made, self._made = self._made, False
        return made


class Service(NamedTuple):
    """What makes the program a service.

    Attributes:
        reload: says when to read configuration and model again.
        read_config: reads the configuration as it is now; raises ConfigError if that is wrong.
    """

    reload: ReloadRequest
    read_config: Callable[[], Config]


@contextmanager
def reload_on_hangup() -> Iterator[ReloadRequest]:
    """Yield a request that SIGHUP makes, and put the old handler back afterwards."""
    request = ReloadRequest()
    before = signal.signal(signal.SIGHUP, lambda _number, _frame: request.make())
    try:
        yield request
    finally:
        signal.signal(signal.SIGHUP, before)
