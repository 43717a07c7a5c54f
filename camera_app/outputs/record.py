"""The annotated video, encoded in a thread of its own."""

import contextlib
import logging
import math
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import cv2

from camera_app.errors import OutputError, UsageError
from camera_app.outputs.drawing import Pixels
from camera_app.outputs.fitted import Fitter
from camera_app.outputs.room import NO_MORE, Room, file_system_of
from camera_app.outputs.screen import NEVER
from camera_app.outputs.worker import Worker
from camera_app.sources.opencv import native_path

logger = logging.getLogger(__name__)

CODECS = {".mp4": "mp4v", ".mkv": "mp4v", ".avi": "MJPG"}
"""Codecs that every opencv-python wheel can write, by the file's extension."""

PICTURES_WAITING = 4
"""Each is a whole picture in memory: 6 MB at 1920x1080."""

SIDES = range(2, 8191)
"""Pixels that each side of a video may have: MPEG-4 has no more and no fewer, and FFmpeg's Motion
JPEG would write beyond its memory for a picture of 2x65500."""

FRAME_SIZE = (1280, 720)
"""Of a video whose first picture has other sides: a panorama, or a web page's single pixel."""

LOWEST_FPS = 0.002
"""Of a video: films of a picture an hour have less, which OpenCV takes for none."""

LONGEST_STILL_SECONDS = 5.0
"""For how long a picture stands when no other comes: a camera lost for a night is not a night of
video."""

CLOSE_SECONDS = 1.5
"""What a live source's video, or a program that is told to end, may take to close."""

ENCODE_SECONDS = 1.0
"""How much of that may go into pictures that wait; the rest is for the end of the file."""


class VideoRecorder:
    """A viewer that writes what it is shown to a video file.

    Pictures are repeated so that the video takes the time that a film or a camera took. From a
    recording every picture goes in; from a live source those that come faster than the video's own
    are dropped. Where encoding is too slow for that, the time of the pictures that it drops is left
    out. An .mp4 plays once it is closed, for its index is written last; of the others a program
    that is killed loses no more than the last megabyte.

    Args:
        path: of a file that does not exist yet, ending in .mp4, .mkv or .avi.
        fps: frames a second of the video: a recording's own.
        live: whether the source is live.
        timed: whether pictures have a place in time; those of a folder follow at ``fps``.
        stopped: whether the program is to end; a disk that stalls is not waited for then.
        free_bytes: tells the free space in a folder.
        file_system: tells the type of the file system that a file lies on.

    Attributes:
        dropped: pictures that came faster than they could be encoded.

    Raises:
        OutputError: existing file, or a folder that cannot be written.
        UsageError: unknown extension.
    """

    quit_requested = False

    def __init__(
        self,
        path: Path,
        *,
        fps: float,
        live: bool,
        timed: bool = True,
        stopped: Callable[[], bool] = lambda: False,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
        file_system: Callable[[Path], str] = file_system_of,
    ) -> None:
        self._path = path
        self._fps = _writable_rate(fps)
        self._live = live
        self._timed = timed
        self._stopped = stopped
        self.dropped = 0
        self._codec = _codec(path)
        self._native_path = _native_path(path)
        _claim(path)
        self._room = Room(path, free_bytes=free_bytes, file_system=file_system)
        self._video: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._written = 0
        self._first_at = self._last_at = 0.0
        self._shown_at = 0.0
        self._left_out = 0.0  # seconds of what was dropped
        self._encode_until = math.inf
        self._last: Pixels | None = None
        self._given_up = False
        self._closed = False
        self._worker: Worker[tuple[Pixels, float]] = Worker(
            self._encode,
            capacity=PICTURES_WAITING,
            lossless=not live,
            name="recorder",
            stopped=stopped,
        )

    @property
    def wants_picture(self) -> bool:
        """Whether the recording still goes on."""
        return not (self._given_up or self._closed)

    def drawing_size(self, width: int, height: int) -> tuple[int, int]:
        """The picture's own: the video has the size that the camera gave."""
        return width, height

    def show(self, picture: Pixels, at_seconds: float, /) -> None:
        """Add ``picture``, taken at ``at_seconds``; none that was never taken.

        A video opened by a picture that a camera did not take would have that one's size.
        """
        if not self.wants_picture or at_seconds == NEVER:
            return
        still = min(at_seconds - self._shown_at, LONGEST_STILL_SECONDS)
        self._shown_at = at_seconds
        if not self._worker.put((picture, at_seconds - self._left_out)):
            self.dropped += 1
            # To fill its place with repeats would be as much work as to encode it.
            self._left_out += still

    def idle(self) -> None:
        """Nothing to do: the picture that stands is written when the next one comes."""

    def close(self) -> None:
        """Encode what waits and finish the file, so that it plays."""
        if self._closed:
            return
        self._closed = True
        self._time_is_up()  # which begins to count
        if not self._worker.close(CLOSE_SECONDS):
            logger.warning("the video %s could not be finished in time", self._path)
            return
        self._finish()
        if self.dropped:
            logger.warning(
                "the video %s lacks %d pictures and is %.1f s shorter than what was seen: encoding "
                "was too slow for them",
                self._path,
                self.dropped,
                self._left_out,
            )

    def _encode(self, shown: tuple[Pixels, float]) -> None:
        picture, at_seconds = shown
        if self._time_is_up():
            self.dropped += 1
            self._left_out += 1 / self._fps
            return
        if self._given_up or not self._start(picture, at_seconds):
            return
        # Each on a ground of its own: the one before may have to be repeated first.
        picture = Fitter().fit(picture, self._size)
        if self._timed:
            self._write_until(self._place(at_seconds), picture)
        else:
            self._write(picture)

    def _time_is_up(self) -> bool:
        """Whether no more is to be encoded; of a recording only once the program is told to end."""
        if not (self._closed and (self._live or self._stopped())):
            return False
        self._encode_until = min(self._encode_until, time.monotonic() + ENCODE_SECONDS)
        return time.monotonic() >= self._encode_until

    def _start(self, picture: Pixels, at_seconds: float) -> bool:
        """Open the video for the first picture, whose time and, if possible, size it takes."""
        if self._video is not None:
            return True
        height, width = picture.shape[:2]
        # Those of a folder that come after it may be of any size, and are not to be lost for it.
        self._size = (width, height) if width in SIDES and height in SIDES else FRAME_SIZE
        self._first_at = self._last_at = at_seconds
        video = cv2.VideoWriter(
            self._native_path, cv2.VideoWriter.fourcc(*self._codec), self._fps, self._size
        )
        if not video.isOpened():
            self._give_up(
                f"OpenCV cannot encode {self._size[0]}x{self._size[1]} at {self._fps:g} fps"
            )
            return False
        self._video = video
        return True

    def _place(self, at_seconds: float) -> int:
        """The number of the video's frame that a picture taken at ``at_seconds`` belongs to."""
        still = at_seconds - self._last_at
        self._first_at += max(0.0, still - LONGEST_STILL_SECONDS)
        self._last_at = at_seconds
        return round((at_seconds - self._first_at) * self._fps)

    def _write_until(self, place: int, picture: Pixels) -> None:
        """Let the picture before stand until ``place``, and put ``picture`` there.

        Once the recorder is closed there is little time, and the file needs its end.
        """
        while self._last is not None and self._written < place:
            if self._given_up or self._time_is_up():
                break
            self._write(self._last)
        if self._written <= place or not self._live:
            self._write(picture)
        self._last = picture

    def _write(self, picture: Pixels) -> None:
        if self._video is None:
            return
        # Once for each second of video; asking costs a few system calls.
        if self._written % max(1, round(self._fps)) == 0:
            complaint = self._room.complaint(self._written, self._size[0] * self._size[1])
            if complaint is not None:
                self._give_up(complaint)
                return
        self._video.write(picture)
        self._written += 1

    def _give_up(self, reason: str) -> None:
        self._given_up = True
        logger.warning("recording to %s ends: %s; labelling goes on", self._path, reason)
        self._finish()

    def _finish(self) -> None:
        if self._video is not None:
            before = self._room.size()
            self._video.release()
            self._video = None
            # An index is written last, so a file that does not grow has none.
            if self._written and self._room.size() <= before and not self._given_up:
                logger.warning("the video %s could not be finished: %s", self._path, NO_MORE)
        if self._written == 0:
            with contextlib.suppress(OSError):
                self._path.unlink()


def _codec(path: Path) -> str:
    try:
        return CODECS[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"cannot record to {path}: the name must end in {', '.join(CODECS)}; "
            "choose another with --record"
        ) from None


def _writable_rate(fps: float) -> float:
    """``fps`` with as many decimals as there is room for.

    OpenCV writes 119.913 as 119913/1000, and MPEG-4 holds no number above 65535.
    """
    fps = max(fps, LOWEST_FPS)
    return next(
        (rounded for digits in (3, 2, 1) if (rounded := round(fps, digits)) * 10**digits < 2**16),
        float(round(fps)),
    )


def _native_path(path: Path) -> str:
    try:
        return native_path(path)
    except ValueError:
        reason = "the name is not UTF-8"
    except OSError as error:  # the folder that a name is relative to was deleted
        reason = str(error.strerror)
    raise OutputError(f"cannot record to {path}: {reason}; choose another with --record")


def _claim(path: Path) -> None:
    """Make the file, so that it is ours and nobody's video is overwritten."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(exist_ok=False)
    except OSError as error:
        reason = error.strerror
        if isinstance(error, FileExistsError):
            if error.filename == str(path):
                raise OutputError(
                    f"{path} exists and is not overwritten; choose another with --record"
                ) from None
            reason = f"{error.filename} is not a folder"
        raise OutputError(
            f"cannot record to {path}: {reason}; choose another with --record"
        ) from error
