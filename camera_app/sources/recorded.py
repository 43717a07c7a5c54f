"""A file or folder as a source: every frame, in order, the same each time."""

import logging
import time
from collections.abc import Callable

from camera_app.errors import CameraAppError, FrameError, SourceError
from camera_app.frame import Frame
from camera_app.sources.base import Pixels, Reader, SourceState
from camera_app.sources.pixels import check_orientation, orient

logger = logging.getLogger(__name__)


class RecordedSource:
    """Reads when the caller asks, in the caller's thread, so nothing is ever dropped.

    A picture that cannot be read is skipped, counted and said; a gap in ``Frame.index`` shows
    where it would have been.

    Args:
        reader: ends by returning None.
        rotate: degrees clockwise.
        flip: see :func:`~camera_app.sources.pixels.orient`.
        clock: monotonic seconds.

    Raises:
        UsageError: there is no such rotation or flip.
    """

    live = False
    problem: str | None = None
    responsive = True
    """The caller waits for a file: if that hangs, so does the caller."""

    def __init__(
        self,
        reader: Reader,
        *,
        rotate: int = 0,
        flip: str = "none",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_orientation(rotate, flip)
        self._reader = reader
        self._rotate = rotate
        self._flip = flip
        self._clock = clock
        self._ahead: tuple[Pixels, str | None] | None = None
        self._next_index = 0
        self.state = SourceState.CONNECTING
        self.skipped = 0

    @property
    def frames_per_second(self) -> float | None:
        """The recording's own rate, once it is started; None for pictures that stand alone."""
        return self._reader.frames_per_second

    def describe(self) -> str:
        """The reader's description."""
        return self._reader.describe()

    def start(self) -> None:
        """Open the recording and read its first picture.

        Raises:
            SourceError: it cannot be opened, or there is not one picture in it.
        """
        self._reader.open()
        problems: list[CameraAppError] = []
        self._ahead = self._read(problems.append)
        if self._ahead is None:
            self.stop()
            nothing = f"{self.describe()} holds no picture that can be read"
            if len(problems) == 1:  # one sentence says it all
                raise SourceError(f"{nothing}: {problems[0]}")
            _warn(*problems)
            raise SourceError(f"{nothing}; copy or record it again")
        _warn(*problems)
        self.state = SourceState.STREAMING

    def next_frame(self, timeout: float) -> Frame | None:  # noqa: ARG002  files do not wait
        """The next frame of the recording; None once it has ended."""
        if self.state is not SourceState.STREAMING:
            return None
        picture = self._ahead or self._read(_warn)
        self._ahead = None
        if picture is None:
            self.stop()
            return None
        pixels, name = picture
        pixels = orient(pixels, self._rotate, self._flip)
        return Frame(pixels, self._next_index - 1, self._clock(), name)

    def rest(self, seconds: float) -> None:
        """Nothing: no picture comes that is not asked for."""

    def stop(self) -> None:
        """Close the recording."""
        self.state = SourceState.ENDED
        self._reader.close()

    def _read(self, tell: Callable[[CameraAppError], None]) -> tuple[Pixels, str | None] | None:
        """The next picture that can be read; counts those that cannot, and tells of them."""
        while True:
            try:
                picture = self._reader.read()
            except FrameError as error:
                tell(error)
                self.skipped += 1
                self._next_index += 1
                continue
            except SourceError as error:
                tell(error)
                return None
            self._next_index += 1
            return picture


def _warn(*problems: CameraAppError) -> None:
    for problem in problems:
        said = "skipped: %s" if isinstance(problem, FrameError) else "%s"
        logger.warning(said, problem)
