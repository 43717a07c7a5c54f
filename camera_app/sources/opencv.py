"""OpenCV's own door to cameras, files and streams, opened without its own messages."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from camera_app.arrays import NDArray
from camera_app.picture_memory import PictureMemory

_DEFAULTS = {
    # AV_LOG_QUIET: FFmpeg tells of each damaged packet, in words for its own developers.
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    # UDP loses packets on Wi-Fi, and each loss smears the picture until the next key frame.
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "rtsp_transport;tcp",
}
_LOG_SILENT = 0  # cv2.utils.logging.LOG_LEVEL_SILENT


class Capture(Protocol):
    """The part of ``cv2.VideoCapture`` that the readers use."""

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's names
        """Whether it could be opened."""

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """Whether there was another picture, and the picture."""

    def grab(self) -> bool:
        """Wait for the next picture and keep it as it came; whether there was one."""

    def retrieve(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """Whether the picture kept could be decoded, and the picture."""

    def get(self, propId: int) -> float:  # noqa: N803
        """The value of a ``cv2.CAP_PROP_...``; 0 where it is not known."""

    def set(self, propId: int, value: float) -> bool:  # noqa: N803
        """Ask for a value; whether the backend took it, which is no promise that it holds."""

    def release(self) -> None:
        """Close."""


def native_path(path: Path) -> str:
    """``path`` as OpenCV and FFmpeg understand it.

    It is whole, because of ``20:30.mp4`` FFmpeg would take ``20:`` for a protocol like ``http:``.

    Raises:
        ValueError: the name is not UTF-8; OpenCV would crash on it.
    """
    whole = str(path.absolute())
    whole.encode("utf-8")
    return whole


def hush() -> None:
    """Keep OpenCV's own messages to itself, unless the environment asks for them."""
    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.setLogLevel(_LOG_SILENT)


def open_capture(target: str, backend: int, parameters: Sequence[int] = ()) -> Capture:
    """``cv2.VideoCapture``, silent; the environment's own settings for OpenCV win.

    Its pictures lie in memory that is used again once nobody refers to them.

    Args:
        target: path or address.
        backend: ``cv2.CAP_FFMPEG`` or ``cv2.CAP_V4L2``.
        parameters: pairs of a ``cv2.CAP_PROP_...`` and its value.
    """
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    hush()
    # OpenCV never lets go of the text it is given: one for all times, not one for each. A camera of
    # single pictures, opened anew each second, would take 200 MB a month.
    address = sys.intern(target)
    return _Reusing(cv2.VideoCapture(address, backend, list(parameters)))


class _Reusing:
    """A ``cv2.VideoCapture`` that decodes into memory which is there already."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._memory = PictureMemory()
        self._shape: tuple[int, ...] | None = None  # of the last picture
        self.isOpened = capture.isOpened
        self.grab = capture.grab
        self.get = capture.get
        self.set = capture.set
        self.release = capture.release
        self._retrieve = capture.retrieve

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        return self.retrieve() if self.grab() else (False, None)

    def retrieve(self) -> tuple[bool, NDArray[np.uint8] | None]:
        # A picture of another size OpenCV puts elsewhere.
        memory = None if self._shape is None else self._memory.take(self._shape)
        there, picture = self._retrieve(memory)
        if not there:
            return False, None
        # Of a camera's buffer without a byte in it OpenCV says that it is there, and it is None.
        self._shape = None if picture is None else picture.shape
        return True, picture  # type: ignore[return-value]
