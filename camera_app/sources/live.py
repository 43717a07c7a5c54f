"""A camera or stream as a source: the newest frame only, and a lost camera comes back."""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from camera_app.errors import CameraAppError, FrameError, SourceError
from camera_app.frame import Frame
from camera_app.picture_memory import PictureMemory
from camera_app.sources.base import LiveReader, Pixels, SourceState
from camera_app.sources.newest import NewestFrame
from camera_app.sources.pixels import check_orientation, orient
from camera_app.threads import start_thread

logger = logging.getLogger(__name__)

Returned = TypeVar("Returned")

LOOK_SECONDS = 0.1
"""Between two looks at signals while the camera is opened."""

OPEN_LIMIT_SECONDS = 20.0
"""How long :meth:`LiveSource.start` waits: importing picamera2 on the smallest board takes half."""

HANG_SECONDS = 30.0
"""A driver's call that has not returned by now is taken to hang for ever. The longest that do
return are opening (:data:`OPEN_LIMIT_SECONDS`) and OpenCV's wait for a camera that sends nothing,
10 s."""

STOP_SECONDS = 1.5
"""How long :meth:`LiveSource.stop` waits for the driver; with the rest it stays below 2 s."""

BACK_OFF = 2.0
"""Each failed attempt to get a camera back makes the next wait this much longer, to a limit: a
cable pushed back in is noticed at once, and a camera gone for a day costs next to nothing."""

HELD = 2
"""Times its last wait a camera must have sent pictures for the next wait to be the first again: one
that gives a picture and fails, for months, is said to be lost and found every ten seconds, and not
twice a second."""

BAD_IN_A_ROW = 5
"""So many pictures in a row that are none are no accident: the camera counts as lost. Fewer are
passed over; many a USB camera tears its first pictures."""


class LiveSource:
    """Drains a reader in a thread of its own into one slot, and gives what is in it.

    A newer frame takes the place of the older one in the slot, so what :meth:`next_frame` gives
    was never queued, however slow the caller is. A reader that fails or falls silent makes the
    state LOST; it is closed and opened again, at growing intervals, until frames come.

    Args:
        reader: opened, read, skipped and closed in the grabber thread only.
        rotate: degrees clockwise.
        flip: see :func:`~camera_app.sources.pixels.orient`.
        retry_seconds: the wait before the first attempt to get a lost camera back.
        retry_limit_seconds: the longest such wait.
        read_timeout_seconds: a read that takes longer makes the state LOST.
        hang_seconds: a call of the reader's that takes longer will not return; not below twice
            ``read_timeout_seconds``, which some readers wait for themselves.
        clock: monotonic seconds.
        wait: waits for an event for so many seconds, and says whether it was set.

    Raises:
        UsageError: there is no such rotation or flip.
    """

    live = True
    frames_per_second = None

    def __init__(
        self,
        reader: LiveReader,
        *,
        rotate: int = 0,
        flip: str = "none",
        retry_seconds: float = 0.5,
        retry_limit_seconds: float = 10.0,
        read_timeout_seconds: float = 5.0,
        hang_seconds: float = HANG_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        check_orientation(rotate, flip)
        self._reader = reader
        self._rotate = rotate
        self._flip = flip
        self._turned = PictureMemory()
        self._retry_seconds = min(retry_seconds, retry_limit_seconds)
        self._retry_limit_seconds = retry_limit_seconds
        self._hang_seconds = max(hang_seconds, 2 * read_timeout_seconds)
        self._clock = clock
        self._wait = wait

        self._newest = NewestFrame(self.describe, read_timeout_seconds, clock)
        self._wanted_from = float("-inf")
        self._calling_since: float | None = None  # a call of the reader's is under way
        self._tried = threading.Event()  # the first attempt to open is over
        self._first_error: CameraAppError | None = None
        self._stopping = threading.Event()
        # A daemon, so that a driver that never returns cannot keep the process alive.
        self._thread = threading.Thread(target=self._grab, name="grabber", daemon=True)

    @property
    def state(self) -> SourceState:
        """Where the source stands; LOST from the first failure until a frame has come again."""
        return self._newest.state

    @property
    def problem(self) -> str | None:
        """Why frames do not come, while the state is LOST."""
        return self._newest.problem

    @property
    def skipped(self) -> int:
        """Frames dropped because a newer one had come, or the camera was lost."""
        return self._newest.skipped

    @property
    def responsive(self) -> bool:
        """Whether the grabber runs, and no call of the reader's has lasted ``hang_seconds``."""
        since = self._calling_since
        hangs = since is not None and self._clock() - since > self._hang_seconds
        return self._thread.is_alive() and not hangs

    def describe(self) -> str:
        """The reader's description."""
        return self._reader.describe()

    def start(self) -> None:
        """Open the reader and begin.

        Raises:
            SourceError: it cannot be opened, or not within :data:`OPEN_LIMIT_SECONDS`.
            CameraAppError: there can be no grabber thread.
        """
        start_thread(self._thread)
        # A signal that comes just before Python begins to wait is heard only once the wait is over.
        looks = math.ceil(OPEN_LIMIT_SECONDS / LOOK_SECONDS)
        if not any(self._tried.wait(LOOK_SECONDS) for _ in range(looks)):
            self.stop()
            raise SourceError(
                f"{self.describe()} did not open within {OPEN_LIMIT_SECONDS:g} s; "
                "check its plug or the network, and retry"
            )
        if self._first_error is not None:
            raise self._first_error

    def next_frame(self, timeout: float) -> Frame | None:
        """The newest frame not yet taken; waits for one up to ``timeout`` seconds."""
        frame = self._newest.take(timeout)
        if frame is None:
            return None
        pixels = orient(frame.pixels, self._rotate, self._flip, self._turned)
        return Frame(pixels, frame.index, frame.captured_at)

    def rest(self, seconds: float) -> None:
        """Take notice that no frame is wanted for so long: what comes is skipped undecoded.

        Those of the last moment are not: when the time is over a frame is there, and a fresh one.
        """
        self._wanted_from = self._clock() + seconds

    def stop(self) -> None:
        """End the source, and wait a bounded time for the driver to let go of the camera."""
        if self._stopping.is_set():
            return  # a driver that hung then is not waited for again
        self._stopping.set()
        self._newest.end()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
            if self._thread.is_alive():
                logger.warning("%s hangs and was left behind", self.describe())

    def _grab(self) -> None:
        """The grabber thread: open, drain until it fails, close; wait, and again."""
        delay = self._retry_seconds
        while not self._stopping.is_set():
            sends_since: float | None = None
            try:
                self._call(self._reader.open)
                self._newest.note_open()
                self._tried.set()
                while not self._stopping.is_set():
                    while self._newest.will_do_without(self._wanted_from):
                        self._call(self._reader.skip)
                        self._newest.note_skip()
                    self._newest.put(self._read())
                    sends_since = sends_since or self._clock()
            except Exception as error:  # a driver's binding may raise anything
                self._note_failure(error)
            finally:
                self._close_reader()
            if sends_since is not None and self._clock() - sends_since > HELD * delay:
                delay = self._retry_seconds
            if self._first_error is not None or self._wait(self._stopping, delay):
                return
            delay = min(delay * BACK_OFF, self._retry_limit_seconds)

    def _read(self) -> Pixels:
        """The next picture; those that are none are passed over, up to a limit."""
        bad = 0
        while True:
            try:
                picture = self._call(self._reader.read)
            except FrameError as error:
                bad += 1
                if bad == BAD_IN_A_ROW or self._stopping.is_set():
                    raise
                logger.debug("passed over: %s", error)
                continue
            if picture is None:
                raise SourceError(f"{self.describe()} has ended")
            return picture[0]

    def _call(self, call: Callable[[], Returned]) -> Returned:
        """Let the driver work, and note since when it does."""
        self._calling_since = self._clock()
        try:
            return call()
        finally:
            self._calling_since = None

    def _note_failure(self, error: Exception) -> None:
        if not isinstance(error, CameraAppError):
            logger.debug("the driver raised", exc_info=error)
            error = SourceError(f"{self.describe()} failed: {str(error) or type(error).__name__}")
        if not self._tried.is_set():
            self._first_error = error
            self._tried.set()
            return
        self._newest.lose(str(error))

    def _close_reader(self) -> None:
        try:
            self._call(self._reader.close)
        except Exception as error:  # closing a device that is gone may fail
            logger.debug("closing %s failed: %s", self.describe(), error)
