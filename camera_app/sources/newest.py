"""The newest frame of a camera, and whether the camera still sends any."""

import logging
import threading
from collections.abc import Callable

from camera_app.frame import Frame
from camera_app.sources.base import Pixels, SourceState

logger = logging.getLogger(__name__)

FRESHER = 1.5
"""In intervals between pictures. The last picture before one is wanted will do; but a picture that
comes within half an interval after that is worth the wait, for the other would be decoded too."""

OLD = 2 / 3
"""In intervals between pictures. A picture that has lain so long is let go for the next one, which
is due. To a net that is slower than the camera that costs an eighteenth of an interval a label, and
no label is older than this and the net's own time."""

OVERDUE = 1.1
"""In intervals between pictures: a camera that has sent nothing for so long is not waited for."""


class NewestFrame:
    """A slot for one frame between the thread that fetches them and the one that wants them.

    A newer frame takes the place of the older one, so that none is ever queued. The state is LOST
    from the first failure, or a silence of ``read_timeout_seconds``, until a frame has come again:
    while it is, there is no frame.

    Args:
        describe: names the camera, for what is said of it.
        read_timeout_seconds: so long a silence means that the camera is lost.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        describe: Callable[[], str],
        read_timeout_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._describe = describe
        self._read_timeout_seconds = read_timeout_seconds
        self._clock = clock
        self._changed = threading.Condition()  # guards all that follows
        self._state = SourceState.CONNECTING
        self._problem: str | None = None
        self._frame: Frame | None = None
        self._last_sign: float | None = None
        self._interval = 0.0  # between the last two pictures, in seconds
        self._skipped = 0
        self._pictures = 0

    @property
    def state(self) -> SourceState:
        """Where the source stands."""
        self._notice_silence()
        with self._changed:
            return self._state

    @property
    def problem(self) -> str | None:
        """Why frames do not come, while the state is LOST."""
        self._notice_silence()
        with self._changed:
            return self._problem

    @property
    def skipped(self) -> int:
        """Frames dropped because a newer one had come, or the camera was lost."""
        with self._changed:
            return self._skipped

    def take(self, timeout: float) -> Frame | None:
        """The frame, if it was not taken yet; waits for one up to ``timeout`` seconds.

        A frame that the next is about to replace is not given: the wait is for that one.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._frame is not None or self._state is SourceState.ENDED, timeout
            )
            frame = self._frame
            if frame is not None:
                age = self._clock() - frame.captured_at
                if OLD * self._interval < age < OVERDUE * self._interval:
                    left = OVERDUE * self._interval - age
                    self._changed.wait_for(lambda: self._frame is not frame, min(left, timeout))
            frame, self._frame = self._frame, None
        return frame

    def will_do_without(self, wanted_from: float) -> bool:
        """Whether the next picture comes so early that the one after it will do.

        Args:
            wanted_from: time by the clock from which on a frame is wanted.
        """
        with self._changed:
            # Only a picture that can be decoded tells that a lost camera is back.
            if self._state is not SourceState.STREAMING:
                return False
            return self._clock() + FRESHER * self._interval < wanted_from

    def note_open(self) -> None:
        """The camera is open: its first picture is awaited from now on."""
        with self._changed:
            self._last_sign = self._clock()

    def note_skip(self) -> None:
        """A picture came and was let go."""
        with self._changed:
            self._note_sign()
            # The one that was on its way when the rest began. By the end of the rest it would be as
            # old as the rest was long, and be given a moment before a fresh one comes.
            self._skipped += 1 + (self._frame is not None)
            self._frame = None
            self._pictures += 1

    def put(self, pixels: Pixels) -> None:
        """A picture came: (H, W, 3) uint8 BGR."""
        with self._changed:
            if self._state is SourceState.ENDED:
                return
            back = self._state is SourceState.LOST
            self._state = SourceState.STREAMING
            self._problem = None
            self._skipped += self._frame is not None
            self._frame = Frame(pixels, self._pictures, self._note_sign())
            self._pictures += 1
            self._changed.notify_all()
        if back:
            logger.info("%s is back", self._describe())

    def lose(self, problem: str) -> None:
        """No pictures come, and why; said once until they come again."""
        with self._changed:
            if self._state is SourceState.ENDED:
                return
            first = self._state is not SourceState.LOST
            self._state = SourceState.LOST
            self._problem = problem
            # It would be shown and logged as news after the loss was.
            self._skipped += self._frame is not None
            self._frame = None
            self._changed.notify_all()
        logger.log(logging.WARNING if first else logging.DEBUG, "%s", problem)

    def end(self) -> None:
        """Nothing more will come, and nothing is to be taken any more."""
        with self._changed:
            self._state = SourceState.ENDED
            self._problem = None
            self._frame = None
            self._changed.notify_all()

    def _note_sign(self) -> float:
        """Enter that the camera has sent something now."""
        now = self._clock()
        if self._last_sign is not None:
            self._interval = now - self._last_sign
        self._last_sign = now
        return now

    def _notice_silence(self) -> None:
        """A read that hangs cannot be stopped, but it can be told."""
        with self._changed:  # to the end, or a picture that comes meanwhile would be a loss
            listening = self._state in (SourceState.CONNECTING, SourceState.STREAMING)
            if not listening or self._last_sign is None:
                return
            silence = self._clock() - self._last_sign
            if silence > self._read_timeout_seconds:
                self.lose(f"{self._describe()} sent no picture for {silence:.1f} s")
