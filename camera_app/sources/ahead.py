"""Reading ahead: a recording's next pictures are made ready while the net works on this one."""

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from camera_app.errors import FrameError
from camera_app.threads import start_thread

PICTURES_AHEAD = 3
"""That wait, or are being read: enough to hide a key frame, which takes a few times as long as the
frames between."""

CLOSE_SECONDS = 1.5
"""Within the two seconds in which a source closes."""

Picture = TypeVar("Picture")


class ReadAhead(Generic[Picture]):
    """Calls ``read`` in a thread of its own, until it returns None, raises or is closed.

    What it returns and raises comes out in the same order, each once, no more than
    :data:`PICTURES_AHEAD` before it is asked for. OpenCV decodes and shrinks, and a runtime
    calculates, without Python's global lock, so on two cores a picture costs the loop next to
    nothing. None is read ahead before the second is asked for: on one core that would be at the
    cost of the first one's label.

    Args:
        read: the next picture; None after the last. After a FrameError, the error of one picture
            alone, it is called again; after another it is not.

    Raises:
        CameraAppError: there can be no further thread.
    """

    def __init__(self, read: Callable[[], Picture | None]) -> None:
        # Two queues without a limit, one of pictures and one of leaves to read the next: a queue
        # with a limit is written in Python, and slower.
        self._read: queue.SimpleQueue[Picture | Exception | None] = queue.SimpleQueue()
        self._leave: queue.SimpleQueue[None] = queue.SimpleQueue()
        # How many to give where the first is asked for, and where the second; from then on one.
        self._leaves = iter((1, PICTURES_AHEAD + 1))
        self._asked = False
        self._closing = threading.Event()
        self._ended = False
        self._thread = threading.Thread(
            target=_fill,
            args=(read, self._read, self._leave, self._closing),
            name="read",
            daemon=True,
        )
        start_thread(self._thread)

    def next(self, timeout: float | None = None) -> Picture | None:
        """The next picture; None after the last. Raises what ``read`` raised in its place.

        Raises:
            TimeoutError: there is none after so many seconds; None waits for as long as it takes.
        """
        if self._ended:
            return None
        if not self._asked:
            self._asked = True
            for _ in range(next(self._leaves, 1)):
                self._leave.put(None)
        try:
            outcome = self._read.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError from None
        self._asked = False
        self._ended = _is_last(outcome)
        try:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome
        finally:
            # An error knows where it was raised: it and this would hold each other, and all of the
            # picture's file, until the garbage collector comes, which it may not.
            del outcome

    def close(self) -> bool:
        """Stop reading; returns whether the thread has ended. May be called twice.

        A disk that hangs keeps the thread, not the caller.
        """
        self._ended = True
        self._closing.set()
        self._leave.put(None)  # for a thread that waits for it: it then sees that it is to end
        self._thread.join(CLOSE_SECONDS)
        return not self._thread.is_alive()


def _fill(
    read: Callable[[], Picture | None],
    pictures: "queue.SimpleQueue[Picture | Exception | None]",
    leave: "queue.SimpleQueue[None]",
    closing: threading.Event,
) -> None:
    while True:
        leave.get()
        if closing.is_set():
            return
        outcome: Picture | Exception | None
        try:
            outcome = read()
        except Exception as error:  # whatever it is, it belongs to whoever asks for the picture
            outcome = error
        pictures.put(outcome)
        if _is_last(outcome):
            return


def _is_last(outcome: object) -> bool:
    """Whether nothing follows; after a single damaged picture the next may be sound."""
    return outcome is None or (
        isinstance(outcome, Exception) and not isinstance(outcome, FrameError)
    )
