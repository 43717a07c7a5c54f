"""What becomes of the program when the display goes away under its window.

Qt calls ``exit()`` then, in the middle of whatever it was asked, and nothing of Python's is heard
again: the log has no end, and an .mp4 no index. The same where somebody kills the window alone. So
a thread watches both the connection and ``exit()``, which is made to wait until that thread has
closed everything.
"""

import atexit
import ctypes
import logging
import os
import select
import threading
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from camera_app.threads import start_thread

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 3
PAUSES = 8
"""So often, one after the other, ``exit()`` waits: a signal ends no more than one of them. It is a
limit: what is closed meanwhile has limits of its own, and the process ends once that is done."""

LOOK_SECONDS = 1.0
"""How soon the thread notices that the window was closed, and ends."""

STATUS = 1
"""How the process ends where the main thread cannot say."""


class DisplayLoss:
    """Watches a connection to the display for as long as there is a window.

    Args:
        descriptor: of the connection; negative where there is none any more.

    Attributes:
        seen: whether the display is gone. Its window library must not be called any more.

    Raises:
        CameraAppError: there can be no thread to watch in.
    """

    def __init__(self, descriptor: int) -> None:
        self.seen = False
        self._over = threading.Event()
        self._stop: Callable[[], None] = lambda: None
        self._close: Callable[[], None] = lambda: None
        # The thread's own: the number of one that is closed may come to mean another.
        try:
            watched = os.dup(descriptor)
        except OSError:  # of a server that went while the window was being opened
            self.seen = True
            return
        _exit().pause.value = PAUSE_SECONDS
        start_thread(
            threading.Thread(target=self._watch, args=(watched,), name="display", daemon=True)
        )

    def then(self, stop: Callable[[], None], close: Callable[[], None]) -> None:
        """Say what ends the program: both may be called from another thread.

        Args:
            stop: asks the main thread to end it in order.
            close: closes everything, where that thread cannot: it is inside of ``exit()``.
        """
        self._stop, self._close = stop, close

    def end(self) -> None:
        """The window is closed, or will not be used again; before its connection is."""
        _exit().pause.value = 0
        self._over.set()

    def _watch(self, display: int) -> None:
        exiting = _exit().begun
        happened = self._wait(display, exiting)
        os.close(display)
        if not happened:
            return
        self.seen = True
        name = os.environ.get("DISPLAY", "")
        what = (
            f"the display {name} is gone, and the window with it"
            if display in happened
            else ("the window was ended by force")
        )
        logger.error("%s: the program ends", what)
        self._stop()
        if exiting in happened or self._wait(exiting):
            try:
                self._close()
            finally:
                os._exit(STATUS)

    def _wait(self, *descriptors: int) -> set[int]:
        """Which of these have come to their end; none if the window was closed before that."""
        ends = select.poll()
        for descriptor in descriptors:
            ends.register(descriptor, 0)
        while not self._over.is_set():
            happened = {descriptor for descriptor, _ in ends.poll(LOOK_SECONDS * 1000)}
            if happened and not self._over.is_set():
                return happened
        return set()


class _Exit(NamedTuple):
    """``exit()``, as far as it is of interest here.

    Attributes:
        begun: a descriptor that has come to its end once it is called.
        pause: seconds that it waits then, :data:`PAUSES` times.
    """

    begun: int
    pause: ctypes.c_long


@cache
def _exit() -> _Exit:
    """Have ``exit()`` say that it was called, and wait.

    Its handlers are in C, since Python's may not run there; and memory and pipe are never given
    back, since Python is gone by the time that a process which ends as usual comes to them.
    """
    library = ctypes.CDLL(None)
    library.calloc.restype = ctypes.c_void_p
    address = library.calloc(2, ctypes.sizeof(ctypes.c_long))  # a struct timespec
    begun, writer = os.pipe()
    # The last one is called first.
    for function, argument in [*[(library.nanosleep, address)] * PAUSES, (library.close, writer)]:
        handler = ctypes.cast(function, ctypes.c_void_p)
        library.__cxa_atexit(handler, ctypes.c_void_p(argument), None)
    made = _Exit(begun, ctypes.c_long.from_address(address))
    atexit.register(setattr, made.pause, "value", 0)  # Python's own: whatever ends as usual
    return made
