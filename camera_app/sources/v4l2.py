"""A USB webcam, or whatever else Linux offers as a V4L2 camera."""

import errno
import math
import os
from collections.abc import Callable, Sequence

import cv2

from camera_app.errors import FrameError, NoCameraError, SourceError
from camera_app.sources.base import Pixels
from camera_app.sources.opencv import Capture, open_capture
from camera_app.sources.pixels import YUV_FORMATS, to_bgr
from camera_app.sources.v4l2_device import VideoNode, busy, find_nodes, query_node, refusal

ONE_BUFFER = 1
"""Driver buffers to queue frames in: every further one is a frame of delay."""

ENOUGH_OF_THE_RATE = 0.9
"""A camera may grant 29.97 or 27 where 30 was asked; below this share it is called too slow."""


class V4L2Reader:
    """A camera node, by number or by path; a /dev/v4l/by-id/ path stays with the same camera.

    Raw YUYV is asked for first: it costs no decoding. Where USB is too slow for it at the size
    and rate wanted, Motion JPEG is asked for, and kept if the camera then comes closer.

    Args:
        node: e.g. ``/dev/video0``.
        width: wanted, pixels; the camera may grant another.
        height: wanted, pixels.
        fps: wanted, frames per second.
        open_capture: as in :mod:`camera_app.sources.opencv`.
        query: as :func:`~camera_app.sources.v4l2_device.query_node`.
        find: as :func:`~camera_app.sources.v4l2_device.find_nodes`.
    """

    live = True
    frames_per_second = None

    def __init__(
        self,
        node: str,
        *,
        width: int = 640,
        height: int = 480,
        fps: int = 30,
        open_capture: Callable[[str, int, Sequence[int]], Capture] = open_capture,
        query: Callable[[str], VideoNode] = query_node,
        find: Callable[[], list[str]] = find_nodes,
    ) -> None:
        self._node = node
        self._wanted = (width, height, fps)
        self._open_capture = open_capture
        self._query = query
        self._find = find
        self._capture: Capture | None = None
        self._card = "camera"
        self._granted: tuple[int, int, float] | None = None
        self._format = ""

    def describe(self) -> str:
        """The camera's name and node, and once it is open what it granted."""
        granted = self._granted  # once: the grabber thread may close while another describes
        if granted is None:
            return f"{self._card} {self._node}"
        width, height, fps = granted
        # A driver that does not tell its rate gives -1, or what a division by nothing gives.
        rate = f" at {fps:g} fps" if math.isfinite(fps) and fps > 0 else ""
        return f"{self._card} {self._node}, {width}x{height} {self._format}{rate}"

    def open(self) -> None:
        """Open the camera and agree on format, size and rate.

        Raises:
            NoCameraError: it is not there, or gives no pictures.
            SourceError: it is busy, no video device, or may not be used.
        """
        self.close()
        try:
            node = self._query(self._node)
        except OSError as error:
            raise refusal(self._node, error, self._cameras()) from error
        if not node.captures:
            raise NoCameraError(
                f"{self._node} ({node.card}) gives no pictures; --list-sources shows what does"
            )
        # Resolved each time: after replugging, the same by-id path may lead to another number.
        capture = self._open_capture(os.path.realpath(self._node), cv2.CAP_V4L2, ())
        if not capture.isOpened():
            capture.release()
            raise busy(self._node)
        self._capture = capture
        self._card = node.card or "camera"
        self._negotiate(capture)

    def read(self) -> tuple[Pixels, None]:
        """Wait for the next frame.

        Raises:
            SourceError: the camera was unplugged or stopped sending.
            FrameError: what arrived is no picture, such as Motion JPEG that a bad cable tore.
        """
        capture = self._grab()
        whole, picture = capture.retrieve()
        if not whole:
            raise FrameError(f"{self.describe()} sends torn pictures; check its cable")
        width, height, _ = self._granted or (0, 0, 0)
        # OpenCV converts most formats itself but still reports the camera's: only what it leaves
        # as YUV needs the name.
        raw = self._format if self._format in YUV_FORMATS else None
        return to_bgr(picture, width, height, raw), None

    def skip(self) -> None:
        """Wait for the next frame; it is neither decompressed nor converted.

        Raises:
            SourceError: as :meth:`read`.
        """
        self._grab()

    def close(self) -> None:
        """Let go of the camera."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
            self._granted = None

    def _grab(self) -> Capture:
        """The camera, with the next frame in its buffer."""
        if self._capture is None:
            raise SourceError(f"{self.describe()} is not open")
        if not self._capture.grab():
            raise SourceError(f"{self.describe()} sends no pictures; check its cable")
        return self._capture

    def _negotiate(self, capture: Capture) -> None:
        raw = self._ask(capture, "YUYV")
        if not self._satisfies(raw):
            compressed = self._ask(capture, "MJPG")
            if not _closer(compressed, raw, self._wanted):
                self._ask(capture, "YUYV")
        # Last, because a new format makes OpenCV set up its buffers afresh.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, ONE_BUFFER)

    def _ask(self, capture: Capture, fourcc: str) -> tuple[int, int, float]:
        """Ask for a format at the size and rate wanted, and note what the camera grants."""
        width, height, fps = self._wanted
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*fourcc))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_FPS, fps)
        code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        self._format = code.to_bytes(4, "little").decode("latin1").strip("\0 ")
        self._granted = (
            round(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            round(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            capture.get(cv2.CAP_PROP_FPS),
        )
        return self._granted

    def _satisfies(self, granted: tuple[int, int, float]) -> bool:
        enough = self._wanted[2] * ENOUGH_OF_THE_RATE
        return granted[:2] == self._wanted[:2] and granted[2] >= enough

    def _cameras(self) -> list[str]:
        return [path for path in self._find() if _is_camera(path, self._query)]


def _closer(
    one: tuple[int, int, float], other: tuple[int, int, float], wanted: tuple[int, int, int]
) -> bool:
    """Whether ``one`` is nearer in size to what is wanted than ``other``, or as near and faster."""

    def distance(granted: tuple[int, int, float]) -> tuple[int, float]:
        pixels = abs(granted[0] - wanted[0]) + abs(granted[1] - wanted[1])
        return pixels, -granted[2]

    return distance(one) < distance(other)


def _is_camera(path: str, query: Callable[[str], VideoNode]) -> bool:
    try:
        return query(path).is_camera
    except OSError as error:
        return error.errno in (errno.EBUSY, errno.EACCES)  # there, though not to be had
