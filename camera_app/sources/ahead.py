"""Reading ahead: the next pictures of a recording are decoded while the net works on this one."""

import queue
import threading

from camera_app.errors import FrameError
from camera_app.sources.base import Pixels, Reader

PICTURES_AHEAD = 3
"""That wait, or are being read: enough to hide a key frame, which takes a few times as long as the
frames between."""

CLOSE_SECONDS = 1.5
"""Within the two seconds in which a source closes."""

_Picture = tuple[Pixels, str | None] | None


class ReadAhead:
    """A recording's reader whose pictures are decoded in a thread of its own.

    What the reader gives, pictures and errors alike, comes out in the same order, each once, no
    more than :data:`PICTURES_AHEAD` before they are asked for. OpenCV decodes and a runtime
    calculates without Python's global lock, so on two cores decoding costs the loop next to
    nothing.

    Args:
        reader: of a recording; ends by returning None. Used by the thread alone while it is open.
    """

    live = False

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._description: str | None = None
        # Two queues without a limit, one of pictures and one of leaves to read the next: a queue
        # with a limit is written in Python, and slower.
        self._read: queue.SimpleQueue[_Picture | Exception] = queue.SimpleQueue()
        self._leave: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._ended = False

    @property
    def frames_per_second(self) -> float | None:
        """The reader's."""
        return self._reader.frames_per_second

    def describe(self) -> str:
        """The reader's description, as it was when opened: the thread has the reader now."""
        return self._description or self._reader.describe()

    def open(self) -> None:
        """Open the reader and begin to read.

        Raises:
            SourceError: it cannot be opened.
        """
        self.close()
        self._reader.open()
        self._description = self._reader.describe()
        self._ended = False
        self._read, self._leave = queue.SimpleQueue(), queue.SimpleQueue()
        for _ in range(PICTURES_AHEAD):
            self._leave.put(None)
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=_fill,
            args=(self._reader, self._read, self._leave, self._closing),
            name="read",
            daemon=True,
        )
        self._thread.start()

    def read(self) -> tuple[Pixels, str | None] | None:
        """The next picture, or the error that stood in its place; None at the end.

        Raises:
            SourceError: the recording cannot be read on; it is closed, or never was open.
            FrameError: this one picture cannot be read.
        """
        if self._ended:
            return None
        if self._thread is None:
            return self._reader.read()  # which says that it is not open
        outcome = self._read.get()
        self._leave.put(None)
        self._ended = _is_last(outcome)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        """Stop reading and close the reader; a disk that hangs keeps the thread, not the caller."""
        self._closing.set()
        if self._thread is not None:
            self._leave.put(None)  # for a thread that waits for it: it then sees that it is to end
            self._thread.join(CLOSE_SECONDS)
            if self._thread.is_alive():
                return
            self._thread = None
        self._description = None
        self._reader.close()


def _fill(
    reader: Reader,
    pictures: "queue.SimpleQueue[_Picture | Exception]",
    leave: "queue.SimpleQueue[None]",
    closing: threading.Event,
) -> None:
    while True:
        leave.get()
        if closing.is_set():
            return
        outcome: _Picture | Exception
        try:
            outcome = reader.read()
        except Exception as error:  # whatever it is, it belongs to whoever asks for the picture
            outcome = error
        pictures.put(outcome)
        if _is_last(outcome):
            return


def _is_last(outcome: _Picture | Exception) -> bool:
    """Whether nothing follows; after a single damaged picture the next may be sound."""
    return outcome is None or (
        isinstance(outcome, Exception) and not isinstance(outcome, FrameError)
    )
