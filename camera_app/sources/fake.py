"""Cameras that do what a test tells them, and record what was done to them."""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_app.sources.base import Pixels


class FakeReader:
    """A reader that plays a script.

    Each read takes the next item: a picture is returned, an exception raised. When none is left a
    live reader hangs, as a driver does, until :meth:`feed` gives it more; a recorded one ends.

    Args:
        items: the script.
        opens: what each call of open does, in order: None succeeds, an exception is raised; all
            further calls succeed.
        live: as in :class:`~camera_app.sources.base.Reader`.
        frames_per_second: as in :class:`~camera_app.sources.base.Reader`.

    Attributes:
        calls: ``open``, ``read`` and ``close``, in the order in which they were called.
    """

    def __init__(
        self,
        *items: Pixels | Exception,
        opens: Iterable[Exception | None] = (),
        live: bool = True,
        frames_per_second: float | None = None,
    ) -> None:
        self.live = live
        self.frames_per_second = frames_per_second
        self.calls: list[str] = []
        self._opens = deque(opens)
        self._items = deque(items)
        self._changed = threading.Condition()
        self._hanging = False

    def describe(self) -> str:
        """``fake camera``."""
        return "fake camera"

    def open(self) -> None:
        """Succeed or fail, as ``opens`` says."""
        self.calls.append("open")
        outcome = self._opens.popleft() if self._opens else None
        if outcome is not None:
            raise outcome

    def read(self) -> tuple[Pixels, str | None] | None:
        """Play the next item of the script."""
        self.calls.append("read")
        with self._changed:
            if not self._items and not self.live:
                return None
            self._hanging = not self._items
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._items)
            self._hanging = False
            item = self._items.popleft()
        if isinstance(item, Exception):
            raise item
        return item, None

    def close(self) -> None:
        """Only recorded."""
        self.calls.append("close")

    def feed(self, *items: Pixels | Exception) -> None:
        """Add to the script; wakes a read that hangs."""
        with self._changed:
            self._items.extend(items)
            self._hanging = False
            self._changed.notify_all()

    def wait_until_hanging(self, timeout: float = 10.0) -> bool:
        """Wait until the script is used up and a read hangs; whether that came to be."""
        with self._changed:
            return self._changed.wait_for(lambda: self._hanging, timeout)


class FakeCapture:
    """``cv2.VideoCapture`` of a camera that grants certain sizes and rates.

    Args:
        modes: (width, height, fps) that each four-character code is granted at.
        picture: what read gives, over and over; None fails.
        opened: whether it opens.

    Attributes:
        settings: what was set, in order: (property, value).
        released: whether it was released.
    """

    def __init__(
        self,
        modes: dict[str, tuple[int, int, float]],
        picture: NDArray[np.uint8] | None,
        *,
        opened: bool = True,
    ) -> None:
        self.picture = picture
        self.settings: list[tuple[int, float]] = []
        self.released = False
        self._modes = modes
        self._opened = opened
        self._format = next(iter(modes))

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's names
        """Whether it opened."""
        return self._opened

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """The picture."""
        return self.picture is not None, self.picture

    def get(self, propId: int) -> float:  # noqa: N803
        """What is granted in the format that is set."""
        width, height, fps = self._modes[self._format]
        return {
            cv2.CAP_PROP_FRAME_WIDTH: float(width),
            cv2.CAP_PROP_FRAME_HEIGHT: float(height),
            cv2.CAP_PROP_FPS: float(fps),
            cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*self._format)),
        }[propId]

    def set(self, propId: int, value: float) -> bool:  # noqa: N803
        """Take on a format if it has modes; otherwise only record."""
        self.settings.append((propId, value))
        if propId == cv2.CAP_PROP_FOURCC:
            fourcc = int(value).to_bytes(4, "little").decode("latin1")
            self._format = fourcc if fourcc in self._modes else self._format
        return True

    def release(self) -> None:
        """Only recorded."""
        self.released = True


class FakePicamera2:
    """The picamera2 module, its class and one of its cameras, all in one.

    Args:
        array: what capture_array gives; an exception is raised by the wait for it.
        pixel_format: what the pipeline turns any wish into.
        cameras: what ``global_camera_info`` lists; one camera by default.
        start_error: raised when the camera is started.

    Attributes:
        calls: names of what was called, in order.
        wanted: the arguments of create_video_configuration.
        timeouts: of each wait, seconds.
    """

    def __init__(
        self,
        array: NDArray[np.uint8] | Exception,
        *,
        pixel_format: str = "RGB888",
        cameras: list[dict[str, Any]] | None = None,
        start_error: Exception | None = None,
    ) -> None:
        self.array = array
        self.calls: list[str] = []
        self.wanted: dict[str, Any] = {}
        self.timeouts: list[float | None] = []
        self._format = pixel_format
        self._cameras = cameras
        self._start_error = start_error

    @property
    def Picamera2(self) -> "FakePicamera2":  # noqa: N802  picamera2's name
        """The class in the module."""
        return self

    def __call__(self, number: int) -> "FakePicamera2":
        """Open a camera."""
        self.calls.append(f"Picamera2({number})")
        return self

    def global_camera_info(self) -> list[dict[str, Any]]:
        """The cameras."""
        if self._cameras is not None:
            return self._cameras
        return [{"Num": 0, "Id": "/base/soc/i2c0mux/i2c@1/imx219@10", "Model": "imx219"}]

    def create_video_configuration(self, **wanted: Any) -> dict[str, Any]:
        """Record the wish."""
        self.wanted = wanted
        return wanted

    def configure(self, configuration: dict[str, Any]) -> None:
        """Only recorded."""
        self.calls.append(f"configure({configuration['main']['format']})")

    def camera_configuration(self) -> dict[str, Any]:
        """The wish, its format adjusted."""
        return {"main": {**self.wanted["main"], "format": self._format}}

    def start(self) -> None:
        """Succeed or fail."""
        self.calls.append("start")
        if self._start_error is not None:
            raise self._start_error

    def capture_array(self, name: str, wait: bool = True) -> object:
        """Begin a capture."""
        self.calls.append(f"capture_array({name}, wait={wait})")
        return self.array

    def wait(self, job: object, timeout: float | None = None) -> object:
        """End a capture."""
        self.timeouts.append(timeout)
        if isinstance(job, Exception):
            raise job
        return job

    def stop(self) -> None:
        """Only recorded."""
        self.calls.append("stop")

    def close(self) -> None:
        """Only recorded."""
        self.calls.append("close")
