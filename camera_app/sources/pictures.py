"""A picture, or a folder of pictures in the order a person would put them."""

import logging
import os
import stat
from pathlib import Path

import cv2
import numpy as np

from camera_app.errors import FrameError, SourceError
from camera_app.sources import jpeg, png
from camera_app.sources.base import Pixels
from camera_app.sources.opencv import hush
from camera_app.sources.picture_files import (
    SUFFIXES,
    is_picture,
    is_picture_not_read,
    natural_order,
)
from camera_app.sources.transparency import lay_on_white
from camera_app.sources.upright import is_turned_here, turn_upright

logger = logging.getLogger(__name__)

MOST_BYTES = 512 * 1024 * 1024
"""Of a picture's file; a film under a picture's name would fill the memory of a small board."""

_PNG_END = b"IEND"

_REDUCED = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
}
"""Ways of decoding a JPEG file to a part of its size, each pixel the mean of what it covers: of 12
megapixels an eighth takes a quarter of the time, and a 64th of the memory."""


class PicturesReader:
    """The pictures of a folder, not of the folders in it, or one picture alone.

    Args:
        path: the folder or the picture's file.
        square: side in pixels of the middle square, where nobody looks at more than that: a JPEG
            file is then decoded no larger than it must be.
    """

    live = False
    frames_per_second = position_seconds = None  # each stands alone

    def __init__(self, path: str | os.PathLike[str], square: int | None = None) -> None:
        self._path = Path(path)
        self._square = square
        self._files: list[Path] = []
        self._next = 0

    def describe(self) -> str:
        """The folder and how many pictures it holds, or the picture's file."""
        if self._path.is_dir():
            many = len(self._files)
            return f"{many or 'the'} picture{'' if many == 1 else 's'} in {self._path}"
        return f"picture {self._path}"

    def open(self) -> None:
        """List the folder.

        Raises:
            SourceError: there is no such file or folder, it may not be read, or holds no picture.
        """
        self._next = 0
        try:
            if not self._path.is_dir():
                self._path.stat()
                self._files = [self._path]
                return
            listed = list(self._path.iterdir())
        except FileNotFoundError:
            raise SourceError(f"there is no file {self._path}; check the path") from None
        except OSError as error:
            raise SourceError(f"cannot read {self._path}: {error.strerror}") from error
        found = [file for file in listed if is_picture(file)]
        passed_over = [file for file in listed if is_picture_not_read(file)]
        kinds = " ".join(sorted({file.suffix.lower() for file in passed_over}))
        if not found and passed_over:
            raise SourceError(
                f"the pictures in {self._path} are all {kinds}, which are not read in a folder; "
                "save them as .jpg"
            )
        if not found:
            raise SourceError(
                f"there are no pictures in {self._path}; put some of {' '.join(SUFFIXES)} there"
            )
        if passed_over:
            logger.warning(
                "in %s are %d pictures that are not read in a folder, %s; save them as .jpg",
                self._path,
                len(passed_over),
                kinds,
            )
        self._files = sorted(found, key=lambda file: natural_order(file.name))

    def read(self) -> tuple[Pixels, str] | None:
        """The next picture and its file's name; None after the last.

        Raises:
            FrameError: this one cannot be read; the next call goes on with the one after.
        """
        if self._next >= len(self._files):
            return None
        file = self._files[self._next]
        self._next += 1
        return _decode(file, self._square), file.name

    def close(self) -> None:
        """Nothing is held open between pictures."""


def _decode(file: Path, square: int | None) -> Pixels:
    """(H, W, 3) uint8 BGR, turned as the camera noted it, whatever depth and channels it has.

    What is transparent is white. If possible it is smaller than it is stored, down to ``square``.
    """
    try:
        about = file.stat()
        if stat.S_ISFIFO(about.st_mode):  # reading it would wait for a writer, perhaps for ever
            raise FrameError(f"{file} cannot be read: it is a pipe")
        if stat.S_ISCHR(about.st_mode) or stat.S_ISBLK(about.st_mode):  # many have no end
            raise FrameError(f"{file} cannot be read: it is a device; put a picture there")
        if about.st_size > MOST_BYTES:
            raise FrameError(f"{file} is larger than {MOST_BYTES:,} bytes and no picture")
        data = file.read_bytes()
    except OSError as error:
        raise FrameError(f"{file} cannot be read: {error.strerror}") from error
    except MemoryError as error:  # of a small board, or as much as a service may have
        raise _too_large(file) from error
    if not _is_whole(data):
        raise FrameError(f"{file} is cut short; copy it again")
    hush()
    try:
        pixels = _upright(data, square)
    except MemoryError as error:
        raise _too_large(file) from error
    except cv2.error as error:  # an empty file, or more pixels than OpenCV takes
        if error.code == cv2.Error.StsNoMem:
            raise _too_large(file) from error
        if "PIXELS" in str(error):
            raise FrameError(f"{file} has too many pixels; make it smaller") from error
        pixels = None
    if pixels is None:
        raise FrameError(
            f"{file} is not a picture, or is damaged, or of a kind that is not read here; open it "
            "elsewhere to see, and save it as .jpg"
        )
    return pixels


def _too_large(file: Path) -> FrameError:
    return FrameError(f"{file} does not fit into the memory; make it smaller")


def _upright(data: bytes, square: int | None) -> Pixels | None:
    """The picture in a file, on white and turned; None if it cannot be decoded."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _way_to_decode(data, square))
    if pixels is None:
        return None
    on_white = lay_on_white(np.asarray(pixels, dtype=np.uint8), data)
    # A cut-out says what of it is seen as it is stored: it is laid on white first.
    return turn_upright(on_white, data) if is_turned_here(data) else on_white


def _way_to_decode(data: bytes, square: int | None) -> int:
    if is_turned_here(data):
        return cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    if square is None or not data.startswith(jpeg.START):
        return cv2.IMREAD_COLOR
    shorter = min(jpeg.size_of(data) or (0, 0))
    enough = (way for part, way in _REDUCED.items() if shorter >= part * square)
    return next(enough, cv2.IMREAD_COLOR)


def _is_whole(data: bytes) -> bool:
    """Whether the end of a PNG or JPEG file is there."""
    if data.startswith(png.START):
        return _PNG_END in data
    return not data.startswith(jpeg.START) or jpeg.is_whole(data)
