"""What the tests of sources share: a red picture, files made of it, and servers that send it."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from camera_app.sources.base import Source, SourceState

from .mjpeg_server import MjpegServer

# A busy machine makes any example slow now and then, which says nothing about the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

Pixels = NDArray[np.uint8]

PATIENCE = 30.0  # seconds; only ever spent by a test that fails

WIDTH, HEIGHT = 160, 120
RTSP_PACKAGES = (
    "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
)


QUARTER_TURN = b"MM\0*\0\0\0\x08\0\x01" + b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" + b"\0\0\0\0"
"""Exif 2.32, tag 0x0112: orientation 6 is a camera held a quarter turn to the left."""


def with_segment(jpeg: bytes, content: bytes) -> bytes:
    """A JPEG file with ``content`` in a segment (APP1) in front of the others."""
    return jpeg[:2] + b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content + jpeg[2:]


def with_exif(webp: bytes, exif: bytes) -> bytes:
    """A WebP file with ``exif`` in a chunk behind its pixels."""
    chunk = b"EXIF" + len(exif).to_bytes(4, "little") + exif + bytes(len(exif) % 2)
    whole = webp[12:] + chunk
    return b"RIFF" + (4 + len(whole)).to_bytes(4, "little") + b"WEBP" + whole


@pytest.fixture
def red() -> Pixels:
    """(120, 160, 3) BGR; red and blue swapped would be plain to see."""
    return np.full((HEIGHT, WIDTH, 3), (20, 20, 220), np.uint8)


def is_red(pixels: Pixels) -> bool:
    """Whether the picture is BGR and red all over, as far as a codec keeps it."""
    blue, green, crimson = pixels.reshape(-1, 3).mean(axis=0)
    return bool(pixels.dtype == np.uint8 and blue < 60 and green < 60 and crimson > 180)


def numbered(number: int) -> Pixels:
    """A picture whose brightness says which it is; see :func:`number_of`."""
    return np.full((HEIGHT, WIDTH, 3), 10 * number + 5, np.uint8)


def number_of(pixels: Pixels) -> int:
    return int(pixels.mean() // 10)


def is_responsive(source: Source) -> bool:
    """``source.responsive``, of which a type checker does not assume that it stays what it was."""
    return source.responsive


def state_of(source: Source) -> SourceState:
    """``source.state``, of which a type checker does not assume that it stays what it was."""
    return source.state


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    """make_video(name, pictures, codec): a real file, 10 frames a second."""

    def make(name: str, pictures: list[Pixels], codec: str = "mp4v") -> Path:
        path = tmp_path / name
        size = pictures[0].shape[1::-1]
        writer = cv2.VideoWriter(
            str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), 10.0, (size[0], size[1])
        )
        assert writer.isOpened()
        for picture in pictures:
            writer.write(picture)
        writer.release()
        return path

    return make


@pytest.fixture
def mjpeg_server(red: Pixels) -> Iterator[MjpegServer]:
    with MjpegServer(cv2.imencode(".jpg", red)[1].tobytes()) as server:
        yield server


class RtspServer:
    """The red RTSP camera, in a process of its own. Can be stopped and restarted."""

    def __init__(self) -> None:
        self._port = "0"
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._port}/red"

    def start(self) -> bool:
        """Whether the server could be started."""
        self._process = subprocess.Popen(
            ["/usr/bin/python3", str(Path(__file__).with_name("rtsp_server.py")), self._port],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        self._port = port or self._port
        return bool(port)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@pytest.fixture
def rtsp_server() -> Iterator[RtspServer]:
    server = RtspServer()
    if not server.start():
        server.stop()
        pytest.skip(f"needs GStreamer's RTSP server: apt install {RTSP_PACKAGES}")
    yield server
    server.stop()


class Clock:
    """Stands still unless told otherwise; sleeping moves it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()
