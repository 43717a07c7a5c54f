"""A thread that does slow things in order, so that the loop never waits for a disk."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from camera_app.threads import start_thread

Item = TypeVar("Item")

LOOK_SECONDS = 0.1
"""How often somebody who waits looks whether it is still worth it."""

STALL_SECONDS = 30.0
"""A disk that takes nothing for so long is taken to hang, also where nothing may be lost."""


class Worker(Generic[Item]):
    """Hands each item to ``handle`` in a thread of its own.

    Args:
        handle: called with one item at a time, in order; must not raise.
        capacity: items that may wait.
        lossless: what happens when so many wait already: :meth:`put` blocks until there is room
            (recorded sources, where nothing may be dropped) or drops the item (live ones).
        name: of the thread, for debuggers.
        stopped: whether the program is to end, so that nobody waits for room any longer.
        idle: called in the thread each time ``idle_seconds`` have passed without an item.

    Raises:
        CameraAppError: there can be no further thread.
    """

    def __init__(
        self,
        handle: Callable[[Item], None],
        *,
        capacity: int,
        lossless: bool,
        name: str,
        stopped: Callable[[], bool] = lambda: False,
        idle: Callable[[], None] | None = None,
        idle_seconds: float = 1.0,
    ) -> None:
        self._handle = handle
        self._idle = idle
        self._idle_seconds = idle_seconds if idle else None
        self._lossless = lossless
        self._stopped = stopped
        self._waiting: queue.Queue[Item | None] = queue.Queue(capacity)
        self._closed = False
        self._handled = 0
        self._endings: list[Item | None] = []  # what is still to be put once it is closed
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        start_thread(self._thread)

    def put(self, item: Item) -> bool:
        """Leave ``item`` to the thread; False if it was dropped."""
        while not self._closed:
            try:
                self._waiting.put(item, block=self._lossless, timeout=LOOK_SECONDS)
            except queue.Full:
                if not self._lossless or self._stopped():
                    return False
            else:
                return True
        return False

    def close(self, timeout: float, last: Item | None = None) -> bool:
        """Let the thread finish what waits, and ``last`` after that.

        Where nothing may be dropped, that takes as long as it takes, until ``stopped`` says so or
        nothing is handled for :data:`STALL_SECONDS`.

        Returns:
            False if it takes longer than ``timeout`` seconds, counted from there.
        """
        if not self._closed:
            self._endings = [None] if last is None else [last, None]
        self._closed = True
        handled, since = self._handled, time.monotonic()
        while self._lossless and not self._stopped():
            if self._end(LOOK_SECONDS):
                return True
            if self._handled != handled:
                handled, since = self._handled, time.monotonic()
            elif time.monotonic() - since > STALL_SECONDS:
                break
        return self._end(timeout)

    def _end(self, timeout: float) -> bool:
        end = time.monotonic() + timeout
        try:
            while self._endings:
                self._waiting.put(self._endings[0], timeout=max(0.0, end - time.monotonic()))
                del self._endings[0]
        except queue.Full:
            return False
        self._thread.join(max(0.0, end - time.monotonic()))
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                item = self._waiting.get(timeout=self._idle_seconds)
            except queue.Empty:
                if self._idle:
                    self._idle()
                continue
            if item is None:
                return
            self._handle(item)
            self._handled += 1
