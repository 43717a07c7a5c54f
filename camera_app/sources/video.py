"""A video file, read by FFmpeg through OpenCV."""

import logging
import math
import os
from pathlib import Path

import cv2

from camera_app.errors import FrameError, SourceError
from camera_app.sources.base import Pixels
from camera_app.sources.opencv import Capture, native_path, open_capture
from camera_app.sources.picture_files import is_picture_not_read
from camera_app.sources.pixels import to_bgr

logger = logging.getLogger(__name__)

CLEARLY_FEWER = 0.9
"""A container's frame count is often its duration times its rate, rounded, and its rate a guess;
only a file that ends this far before both frames and seconds are through is called cut short."""

USUAL_FRAMES_PER_SECOND = 25.0
"""Taken where the container states no rate, or one that cannot be."""

HIGHEST_FRAMES_PER_SECOND = 300.0
"""Some containers state their clock's rate, such as 90000, in place of the pictures'; of pictures
that do not come evenly FFmpeg guesses 1000."""

DAMAGED_IN_A_ROW = 10_000
"""OpenCV says the same of a picture that cannot be decoded and of the end of the file: so often it
is asked again whether there is a picture behind the damage. At the end that takes milliseconds."""

_TEXT_AS_VIDEO = {"ansi", "idf\0", "xbin", "bint"}
"""Codecs by which FFmpeg takes any .txt file for a film of a terminal."""


class VideoReader:
    """Every frame of a video file; ``name`` is None for each. A file of one frame has no rate."""

    live = False

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._capture: Capture | None = None
        self._promised = self._promised_seconds = 0.0
        self._delivered = 0
        self._codec = ""
        self._behind_damage: Pixels | None = None
        self.frames_per_second: float | None = USUAL_FRAMES_PER_SECOND
        self._seconds = 0.0  # where the last picture has its place

    @property
    def position_seconds(self) -> float | None:
        """As the container says: pictures of phones, screens and web cameras come unevenly."""
        return None if self.frames_per_second is None else self._seconds

    def describe(self) -> str:
        """The file, and once it is open its size and rate."""
        if self._capture is None:
            return f"video {self._path}"
        width = self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)
        height = self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        size = f"{width:.0f}x{height:.0f}"
        if self.frames_per_second is None:
            return f"picture {self._path}, {size}"
        return f"video {self._path}, {size} at {self.frames_per_second:g} fps"

    def open(self) -> None:
        """Open the file.

        Raises:
            SourceError: there is no such file, it may not be read, is empty, or is no video.
        """
        self.close()
        try:
            with self._path.open("rb") as file:
                empty = not file.read(1)
        except FileNotFoundError:
            raise SourceError(f"there is no file {self._path}; check the path") from None
        except OSError as error:
            raise SourceError(f"cannot read {self._path}: {error.strerror}") from error
        if empty:
            raise SourceError(f"{self._path} is empty; record or copy it again")
        try:
            name = native_path(self._path)
        except ValueError as error:
            raise SourceError(f"the name of {self._path} is not UTF-8; rename it") from error
        capture = open_capture(name, cv2.CAP_FFMPEG)
        codec = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        self._codec = codec.to_bytes(4, "little").decode("latin1")
        if not capture.isOpened() or self._codec in _TEXT_AS_VIDEO:
            capture.release()
            if is_picture_not_read(self._path):
                raise SourceError(
                    f"{self._path} is a picture of a kind that is not read here, or is damaged; "
                    "save it as .jpg"
                )
            raise SourceError(
                f"{self._path} is not a video, or is cut short, or of a kind that is not read "
                "here; try whether another player opens it, and copy or convert it again"
            )
        self._capture = capture
        self._behind_damage = None
        self._promised = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self._delivered = 0
        rate = capture.get(cv2.CAP_PROP_FPS)
        if not (math.isfinite(rate) and rate > 0):
            rate = USUAL_FRAMES_PER_SECOND
        self._promised_seconds = self._promised / rate
        if rate > HIGHEST_FRAMES_PER_SECOND:
            rate = USUAL_FRAMES_PER_SECOND
        # One frame alone, as a GIF that does not move has, is a picture: its label need not stand
        # for a moment first.
        self.frames_per_second = None if self._promised == 1 else rate

    def read(self) -> tuple[Pixels, None] | None:
        """The next frame; None at the end, with a warning where the file was cut short.

        Raises:
            SourceError: the file is not open, or nothing in it can be decoded.
            FrameError: a picture cannot be decoded and the file goes on behind it, or what FFmpeg
                decoded is no picture.
        """
        if self._capture is None:
            raise SourceError(f"{self.describe()} is not open")
        picture = self._next(self._capture)
        if picture is not None:
            self._note_position(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
            self._delivered += 1
            return to_bgr(picture), None
        if not self._delivered:
            codec = f" {self._codec}" if self._codec.isprintable() else ""
            single = self.frames_per_second is None  # a picture in a film's clothes, such as AVIF
            way_out = "save it as .jpg" if single else "convert it to H.264"
            raise SourceError(
                f"not one picture of {self._path} could be decoded: it is damaged, or its codec"
                f"{codec} is not known to this OpenCV; {way_out}"
            )
        if self._is_short():
            from camera_app.sources.film_length import stated_seconds  # here: most films are whole

            stated = stated_seconds(self._path)
            if stated is not None and stated < self._promised_seconds:
                self._promised *= stated / self._promised_seconds
                self._promised_seconds = stated
        if self._is_short():
            ends, promised = f"{self._seconds:.1f}", f"{self._promised_seconds:.1f} s"
            if promised.startswith(ends):
                ends, promised = str(self._delivered), f"{self._promised:.0f} pictures"
            logger.warning(
                "%s is cut short or damaged: its pictures end at %s of %s",
                self._path,
                ends,
                promised,
            )
        return None

    def _is_short(self) -> bool:
        return (
            self._delivered < self._promised * CLEARLY_FEWER
            and self._seconds < self._promised_seconds * CLEARLY_FEWER
        )

    def _next(self, capture: Capture) -> Pixels | None:
        """The next picture that can be decoded; None at the end.

        Raises:
            FrameError: what comes before it cannot be; the next call gives it.
        """
        if self._behind_damage is not None:
            held, self._behind_damage = self._behind_damage, None
            return held
        there, picture = capture.read()
        if there:
            return picture
        for _ in range(DAMAGED_IN_A_ROW):
            there, self._behind_damage = capture.read()
            if there:
                raise FrameError(f"{self._path} is damaged after {self._seconds:.1f} s")
        self._behind_damage = None
        return None

    def _note_position(self, stated: float) -> None:
        """Take the container's word for where a picture has its place, if that is possible."""
        first = self._delivered == 0
        if math.isfinite(stated) and (stated >= 0 if first else stated > self._seconds):
            self._seconds = round(stated, 6)  # what is beyond comes of OpenCV's arithmetic
        elif first:
            self._seconds = 0.0
        else:  # no time is stated, or one that has been
            self._seconds += 1 / (self.frames_per_second or USUAL_FRAMES_PER_SECOND)

    def close(self) -> None:
        """Close the file."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
