"""OpenCV's own door to cameras, files and streams, opened without its own messages."""

import os
from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

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

    def get(self, propId: int) -> float:  # noqa: N803
        """The value of a ``cv2.CAP_PROP_...``; 0 where it is not known."""

    def set(self, propId: int, value: float) -> bool:  # noqa: N803
        """Ask for a value; whether the backend took it, which is no promise that it holds."""

    def release(self) -> None:
        """Close."""


def open_capture(target: str, backend: int, parameters: Sequence[int] = ()) -> Capture:
    """``cv2.VideoCapture``, silent; the environment's own settings for OpenCV win.

    Args:
        target: path or address.
        backend: ``cv2.CAP_FFMPEG`` or ``cv2.CAP_V4L2``.
        parameters: pairs of a ``cv2.CAP_PROP_...`` and its value.
    """
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.setLogLevel(_LOG_SILENT)
    return cv2.VideoCapture(target, backend, list(parameters))  # type: ignore[return-value]
