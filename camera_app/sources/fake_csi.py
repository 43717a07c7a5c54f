"""A picamera2 that does what a test tells it, and records what was asked of it."""

import os
from collections import deque
from collections.abc import Iterable, Mapping
from typing import IO, Any

import numpy as np

from camera_app.arrays import NDArray


class FakePicamera2:
    """The picamera2 module and one of its cameras, all in one; its class is made for it.

    As the real one's, a camera opens a pipe before it is acquired, and closes it only if it was.

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
        pipes: read end, as a file, and write end of the pipe that each camera opened.
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
        self.pipes: list[tuple[IO[bytes], int]] = []
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
    def Picamera2(self) -> type:  # noqa: N802  picamera2's name
        """The class in the module."""
        fake = self

        class Picamera2:
            global_camera_info = fake.global_camera_info

            def __init__(self, number: int) -> None:
                """Open a camera, or fail."""
                fake.calls.append(f"Picamera2({number})")
                notifyme_r, self.notifyme_w = os.pipe2(os.O_NONBLOCK)
                self.notifymeread = os.fdopen(notifyme_r, "rb")
                fake.pipes.append((self.notifymeread, self.notifyme_w))
                self.is_open = fake._open_error is None
                if fake._open_error is not None:
                    raise fake._open_error

            def __getattr__(self, name: str) -> Any:
                return getattr(fake, name)

            def close(self) -> None:
                """Close what is open."""
                if not self.is_open:
                    return
                self.is_open = False
                fake.close()
                self.notifymeread.close()
                os.close(self.notifyme_w)

        return Picamera2

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
