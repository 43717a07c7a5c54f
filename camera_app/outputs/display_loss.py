"""What becomes of the program when the display goes away under its window.

Qt calls ``exit()`` then, in the middle of whatever it was asked, and nothing of Python's is heard
again: the log has no end, and an .mp4 no index. So a thread watches the connection, and ``exit()``
is made to wait until that thread has closed everything.
"""

import atexit
import ctypes
import logging
import os
import select
import threading
from collections.abc import Callable
from functools import cache

logger = logging.getLogger(__name__)

HOLD_SECONDS = 10
"""How long ``exit()`` waits at most: what is closed has limits of its own, which take less."""

GRACE_SECONDS = 2.0
"""The main thread, where it is not inside of ``exit()``, closes everything in less."""

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
        _hold_exit(HOLD_SECONDS)
        threading.Thread(target=self._watch, args=(watched,), name="display", daemon=True).start()

    def then(self, stop: Callable[[], None], close: Callable[[], None]) -> None:
        """Say what ends the program: both may be called from another thread.

        Args:
            stop: asks the main thread to end it in order.
            close: closes everything, where that thread does not.
        """
        self._stop, self._close = stop, close

    def end(self) -> None:
        """The window is closed, or will not be used again."""
        _hold_exit(0)
        self._over.set()

    def _watch(self, descriptor: int) -> None:
        connection = select.poll()
        connection.register(descriptor, 0)  # nothing but its end
        while not self._over.is_set() and not self.seen:
            self.seen = bool(connection.poll(LOOK_SECONDS * 1000))
        os.close(descriptor)
        if self._over.is_set():
            return
        display = os.environ.get("DISPLAY", "")
        logger.error("the display %s is gone, and the window with it: the program ends", display)
        self._stop()
        if not self._over.wait(GRACE_SECONDS):
            try:
                self._close()
            finally:
                os._exit(STATUS)


def _hold_exit(seconds: int) -> None:
    """Let ``exit()`` wait for so long, from now on."""
    _pause().value = seconds


@cache
def _pause() -> ctypes.c_long:
    """The seconds of a ``nanosleep`` that is the first thing ``exit()`` does.

    A handler in C, since Python's may not run there; and memory that is never freed, since Python's
    is gone by the time that a process which ends as usual comes to it.
    """
    library = ctypes.CDLL(None)
    library.calloc.restype = ctypes.c_void_p
    address = library.calloc(2, ctypes.sizeof(ctypes.c_long))  # a struct timespec
    handler = ctypes.cast(library.nanosleep, ctypes.c_void_p)
    library.__cxa_atexit(handler, ctypes.c_void_p(address), None)
    atexit.register(_hold_exit, 0)  # Python's own: a process that ends as usual need not wait
    return ctypes.c_long.from_address(address)
