"""Cameras that do what a test tells them, and record what was done to them."""

import threading
from collections import deque
from collections.abc import Iterable, Mapping
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
        calls: ``open``, ``read``, ``skip`` and ``close``, in the order in which they were called.
        description: what it calls itself.
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
        self.description = "fake camera"
        self._opens = deque(opens)
        self._items = deque(items)
        self._changed = threading.Condition()
        self._hanging = False

    def describe(self) -> str:
        """The description."""
        return self.description

    def open(self) -> None:
        """Succeed or fail, as ``opens`` says."""
        self.calls.append("open")
        outcome = self._opens.popleft() if self._opens else None
        if outcome is not None:
            raise outcome

    def read(self) -> tuple[Pixels, str | None] | None:
        """Play the next item of the script."""
        self.calls.append("read")
        return self._next()

    def skip(self) -> None:
        """Play the next item of the script, for nobody."""
        self.calls.append("skip")
        self._next()

    def close(self) -> None:
        """Only recorded."""
        self.calls.append("close")

    def _next(self) -> tuple[Pixels, str | None] | None:
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
        picture: what comes, over and over; None is a cable that was pulled out.
        torn: so many pictures at the start cannot be decoded.
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
        torn: int = 0,
        opened: bool = True,
    ) -> None:
        self.picture = picture
        self._torn = torn
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
        return self.retrieve() if self.grab() else (False, None)

    def grab(self) -> bool:
        """Whether there is a picture."""
        return self.picture is not None

    def retrieve(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """The picture, once the torn ones are over."""
        if self._torn:
            self._torn -= 1
            return False, None
        return True, self.picture

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
        grants: the sizes, (width, height), that the pipeline turns wishes into; others are granted.
        cameras: what ``global_camera_info`` lists; one camera by default.
        modes: what ``sensor_modes`` lists; an exception is raised.
        controls: what ``camera_controls`` offers: (smallest, largest, default) by name.
        open_error: raised by the class.
        configure_errors: raised by each call of configure, in order; None succeeds, as do all
            further calls.
        start_error: raised when the camera is started.
        stop_error: raised when it is stopped.

    Attributes:
        calls: names of what was called, in order.
        wanted: the arguments of the last create_video_configuration.
        set: what set_controls was given.
        timeouts: of each wait, seconds.
    """

    def __init__(
        self,
        array: NDArray[np.uint8] | Exception,
        *,
        pixel_format: str = "RGB888",
        grants: Mapping[tuple[int, int], tuple[int, int]] | None = None,
        cameras: list[dict[str, Any]] | None = None,
        modes: list[dict[str, Any]] | Exception | None = None,
        controls: dict[str, tuple[Any, Any, Any]] | None = None,
        open_error: Exception | None = None,
        configure_errors: Iterable[Exception | None] = (),
        start_error: Exception | None = None,
        stop_error: Exception | None = None,
    ) -> None:
        self.array = array
        self.calls: list[str] = []
        self.wanted: dict[str, Any] = {}
        self.set: dict[str, Any] = {}
        self.timeouts: list[float | None] = []
        self.camera_controls = controls or {}
        self._format = pixel_format
        self._grants = grants or {}
        self._cameras = cameras
        self._modes = modes or []
        self._open_error = open_error
        self._configure_errors = deque(configure_errors)
        self._start_error = start_error
        self._stop_error = stop_error

    @property
    def Picamera2(self) -> "FakePicamera2":  # noqa: N802  picamera2's name
        """The class in the module."""
        return self

    def __call__(self, number: int) -> "FakePicamera2":
        """Open a camera, or fail."""
        self.calls.append(f"Picamera2({number})")
        if self._open_error is not None:
            raise self._open_error
        return self

    def global_camera_info(self) -> list[dict[str, Any]]:
        """The cameras."""
        if self._cameras is not None:
            return self._cameras
        return [{"Num": 0, "Id": "/base/soc/i2c0mux/i2c@1/imx219@10", "Model": "imx219"}]

    @property
    def sensor_modes(self) -> list[dict[str, Any]]:
        """The sensor's modes."""
        if isinstance(self._modes, Exception):
            raise self._modes
        return self._modes

    def create_video_configuration(self, **wanted: Any) -> dict[str, Any]:
        """Record the wish."""
        self.wanted = wanted
        return wanted

    def configure(self, configuration: dict[str, Any]) -> None:
        """Succeed or fail."""
        width, height = configuration["main"]["size"]
        self.calls.append(f"configure({width}x{height} {configuration['main']['format']})")
        error = self._configure_errors.popleft() if self._configure_errors else None
        if error is not None:
            raise error

    def camera_configuration(self) -> dict[str, Any]:
        """The wish, its format and size adjusted."""
        main = self.wanted["main"]
        size = self._grants.get(main["size"], main["size"])
        return {"main": {**main, "size": size, "format": self._format}}

    def set_controls(self, controls: dict[str, Any]) -> None:
        """Only recorded."""
        self.set.update(controls)

    def start(self) -> None:
        """Succeed or fail."""
        self.calls.append("start")
        if self._start_error is not None:
            raise self._start_error

    def capture_array(self, name: str, wait: bool = True) -> object:
        """Begin a capture."""
        self.calls.append(f"capture_array({name}, wait={wait})")
        return self.array

    def capture_metadata(self, wait: bool = True) -> object:
        """Begin a capture of what is known about a picture."""
        self.calls.append(f"capture_metadata(wait={wait})")
        return self.array if isinstance(self.array, Exception) else {}

    def wait(self, job: object, timeout: float | None = None) -> object:
        """End a capture."""
        self.timeouts.append(timeout)
        if isinstance(job, Exception):
            raise job
        return job

    def cancel_all_and_flush(self) -> None:
        """Only recorded."""
        self.calls.append("cancel_all_and_flush")

    def stop(self) -> None:
        """Succeed or fail."""
        self.calls.append("stop")
        if self._stop_error is not None:
            raise self._stop_error

    def close(self) -> None:
        """Only recorded."""
        self.calls.append("close")
