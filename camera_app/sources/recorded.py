"""A file or folder as a source: every frame, in order, the same each time."""

import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from camera_app.errors import CameraAppError, FrameError, SourceError
from camera_app.frame import Frame
from camera_app.picture_memory import PictureMemory
from camera_app.sources.ahead import ReadAhead
from camera_app.sources.base import Pixels, RecordedReader, SourceState
from camera_app.sources.pixels import check_orientation, orient

logger = logging.getLogger(__name__)


class _Picture(NamedTuple):
    """What is made ready ahead."""

    pixels: Pixels
    name: str | None
    crop: Pixels | None
    position_seconds: float | None


class RecordedSource:
    """Gives a frame when the caller asks, so nothing is ever dropped; a few are ready by then.

    A picture that cannot be read is skipped, counted and said; a gap in ``Frame.index`` shows
    where it would have been.

    Args:
        reader: ends by returning None. Once it is open, a thread alone reads it.
        rotate: degrees clockwise.
        flip: see :func:`~camera_app.sources.pixels.orient`.
        shrink: makes the crop that a frame carries, in that thread; None leaves it to the
            classifier.
        shrink_alone: the same for a picture that stands alone, which need not be quick.
        reduce: makes of a picture all that anybody looks at, in that thread too, and the frame
            carries that: the picture's own memory, megabytes, is free for the next one. ``shrink``
            is to make the same of it. None leaves pictures as they are.
        clock: monotonic seconds.

    Raises:
        UsageError: there is no such rotation or flip.
    """

    live = False
    problem: str | None = None
    responsive = True
    """Whether the last picture that was asked for came in time; a disk may hang, or be gone."""

    def __init__(
        self,
        reader: RecordedReader,
        *,
        rotate: int = 0,
        flip: str = "none",
        shrink: Callable[[Pixels], Pixels] | None = None,
        shrink_alone: Callable[[Pixels], Pixels] | None = None,
        reduce: Callable[[Pixels], Pixels] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_orientation(rotate, flip)
        self._reader = reader
        self._rotate = rotate
        self._flip = flip
        self._turned = PictureMemory()
        self._shrink = shrink
        self._shrink_alone = shrink_alone
        self._reduce = reduce
        self._clock = clock
        self._description: str | None = None
        self._pictures: ReadAhead[_Picture] | None = None
        self._first: _Picture | None = None
        self._next_index = 0
        self.state = SourceState.CONNECTING
        self.skipped = 0

    @property
    def frames_per_second(self) -> float | None:
        """The recording's own rate, once it is started; None for pictures that stand alone."""
        return self._reader.frames_per_second

    def describe(self) -> str:
        """The reader's description, as it was when opened: the thread has the reader now."""
        return self._description or self._reader.describe()

    def start(self) -> None:
        """Open the recording and read its first picture.

        Raises:
            SourceError: it cannot be opened, or there is not one picture in it.
        """
        self._reader.open()
        self._description = self._reader.describe()
        self._pictures = ReadAhead(self._make_ready)
        problems: list[CameraAppError] = []

        def note(problem: CameraAppError) -> None:
            # Not itself: with where it was raised it would hold all of the picture's file.
            problems.append(type(problem)(str(problem)))

        self._first = self._read(self._pictures, note)
        if self._first is None:
            self.stop()
            nothing = f"{self.describe()} holds no picture that can be read"
            if len(problems) == 1:  # one sentence says it all
                raise SourceError(f"{nothing}: {problems[0]}")
            _warn(*problems)
            raise SourceError(f"{nothing}; copy or record it again")
        _warn(*problems)
        self.state = SourceState.STREAMING

    def next_frame(self, timeout: float) -> Frame | None:
        """The next frame of the recording; None once it has ended, or if it takes too long."""
        if self.state is not SourceState.STREAMING or self._pictures is None:
            return None
        try:
            picture = self._first or self._read(self._pictures, _warn, timeout)
        except TimeoutError:
            self.responsive = False
            return None
        self.responsive = True
        self._first = None
        if picture is None:
            self.stop()
            return None
        pixels, name, crop, position = picture
        index, rate = self._next_index - 1, self.frames_per_second
        if position is None and rate is not None:
            position = index / rate
        return Frame(pixels, index, self._clock(), name, crop, position)

    def rest(self, seconds: float) -> None:
        """Nothing: no picture comes that is not asked for."""

    def stop(self) -> None:
        """Close the recording."""
        self.state = SourceState.ENDED
        # What a thread hangs in cannot be closed as well.
        if self._pictures is None or self._pictures.close():
            self._reader.close()

    def _make_ready(self) -> _Picture | None:
        """Read the next picture, and do in the thread what can be done there."""
        picture = self._reader.read()
        if picture is None:
            return None
        pixels, name = picture
        pixels = orient(pixels, self._rotate, self._flip, self._turned)
        crop = None
        if self.frames_per_second is None and self._shrink_alone is not None:
            crop = self._shrink_alone(pixels)
        if self._reduce is not None:
            pixels = self._reduce(pixels)
        if self.frames_per_second is not None and self._shrink is not None:
            crop = self._shrink(pixels)
        return _Picture(pixels, name, crop, self._reader.position_seconds)

    def _read(
        self,
        pictures: ReadAhead[_Picture],
        tell: Callable[[CameraAppError], None],
        timeout: float | None = None,
    ) -> _Picture | None:
        """The next picture that can be read; counts those that cannot, and tells of them.

        Raises:
            TimeoutError: there is none after so many seconds.
        """
        while True:
            try:
                picture = pictures.next(timeout)
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
