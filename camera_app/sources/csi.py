"""The Raspberry Pi's own camera, through picamera2 and libcamera."""

import concurrent.futures
import contextlib
import importlib
import logging
import os
from collections.abc import Callable
from typing import Any

from camera_app.errors import SourceError
from camera_app.sources.base import Pixels
from camera_app.sources.csi_stream import configure
from camera_app.sources.pixels import to_bgr
from camera_app.sources.v4l2_device import pi_camera_holders

logger = logging.getLogger(__name__)

# libcamera's names read from the highest byte down: its RGB888 is B, G, R in memory. Those that
# OpenCV sees in the same order as ours are not listed.
_FOURCC = {"NV12": "NV12", "NV21": "NV21", "YUV420": "I420", "YVU420": "YV12"}
_FOURCC |= {"YUYV": "YUYV", "YVYU": "YVYU", "UYVY": "UYVY"}
_RED_FIRST = ("BGR888", "XBGR8888")


def import_picamera2() -> Any:
    """The picamera2 module.

    Raises:
        SourceError: it cannot be imported; says how to get it.
    """
    # It logs an error for each attempt at a lost camera; ours are said once, and say what to do.
    if not logger.isEnabledFor(logging.DEBUG):
        logging.getLogger("picamera2").setLevel(logging.CRITICAL)
    try:
        return importlib.import_module("picamera2")
    except Exception as error:  # compiled against another numpy, it may raise anything
        logger.debug("picamera2 cannot be imported: %r", error)
        raise SourceError(
            "the Raspberry Pi camera needs picamera2, which cannot be imported here "
            f"({_words(error)}): run `sudo apt install python3-picamera2`, then "
            "`sh deploy/run.sh`, or `sudo sh deploy/install.sh` for the service, once more; an "
            "environment of your own is made by `/usr/bin/python3 -m venv --system-site-packages "
            "FOLDER`"
        ) from error


def pi_cameras(picamera2: Any) -> dict[int, dict[str, Any]]:
    """What libcamera knows of the board's own cameras, by the number that opens each.

    That is the place in picamera2's list, as in the one of ``rpicam-hello --list-cameras``, and
    not the ``Num`` in it, which is libcamera's own. USB cameras, which it lists last, are left out.
    """
    everything: list[dict[str, Any]] = picamera2.Picamera2.global_camera_info()
    return {
        number: camera
        for number, camera in enumerate(everything)
        if "usb" not in str(camera.get("Id", "")).lower()
    }


def _open(camera_class: Any, number: int) -> Any:
    """``camera_class(number)``, which leaves nothing open where it fails.

    picamera2 makes a pipe before it acquires the camera, and closes it only if it got that: while
    another program holds the camera, each attempt would cost a file descriptor, and the process has
    a thousand.
    """
    camera = camera_class.__new__(camera_class)
    try:
        camera.__init__(number)
    except BaseException:
        with contextlib.suppress(Exception):
            camera.close()
        with contextlib.suppress(AttributeError, OSError):
            if not camera.notifymeread.closed:
                camera.notifymeread.close()
                os.close(camera.notifyme_w)
        raise
    return camera


class PiCameraReader:
    """A camera on the board's ribbon cable.

    Args:
        number: its place in picamera2's list, from 0.
        width: wanted, pixels; the pipeline may grant another.
        height: wanted, pixels.
        fps: wanted, frames per second.
        square: side in pixels of the middle square, where nothing more than that is looked at. The
            camera is then asked to cut it out and to scale it; what cannot gives the whole picture.
        read_timeout_seconds: the longest wait for one picture.
        load: gives the picamera2 module.
        holders: gives the programs that have the board's cameras open.
    """

    live = True
    frames_per_second = None

    def __init__(
        self,
        number: int = 0,
        *,
        width: int = 640,
        height: int = 480,
        fps: int = 30,
        square: int | None = None,
        read_timeout_seconds: float = 5.0,
        load: Callable[[], Any] = import_picamera2,
        holders: Callable[[], list[str]] = pi_camera_holders,
    ) -> None:
        self._number = number
        self._size = (width, height)
        self._fps = fps
        # Even, as picamera2 wants it, and no more than was asked for.
        self._square = None if square is None else min(square, width, height) // 2 * 2
        self._read_timeout_seconds = read_timeout_seconds
        self._load = load
        self._holders = holders
        self._camera: Any = None
        self._main: dict[str, Any] = {}
        self._model = ""

    def describe(self) -> str:
        """The camera's number and model, and once it is open what was granted."""
        what = f"Raspberry Pi camera csi:{self._number}{self._model}"
        main = self._main  # once: the grabber thread may close while another describes
        if not main:
            return what
        width, height = main["size"]
        return f"{what}, {width}x{height} {main['format']} at {self._fps} fps"

    def open(self) -> None:
        """Open and start the camera.

        Raises:
            SourceError: picamera2 is missing, there is no such camera, or it is busy.
        """
        self.close()
        picamera2 = self._load()
        cameras = pi_cameras(picamera2)
        if self._number not in cameras:
            there = ", ".join(f"csi:{number}" for number in cameras) or "none at all"
            raise SourceError(
                f"no Raspberry Pi camera csi:{self._number}: there is {there}; "
                "check the ribbon cable, and see `rpicam-hello --list-cameras`"
            )
        self._model = f" ({cameras[self._number].get('Model', 'unknown model')})"
        try:
            self._camera = _open(picamera2.Picamera2, self._number)
            self._main = configure(self._camera, self._size, self._fps, self._square)
            self._camera.start()
        except Exception as error:  # libcamera's binding raises what it likes
            logger.debug("picamera2 raised", exc_info=True)
            self.close()
            raise SourceError(
                f"Raspberry Pi camera csi:{self._number} cannot be started "
                f"({_words(error)}); {self._way_out()}"
            ) from error

    def read(self) -> tuple[Pixels, None]:
        """Wait for the next frame.

        Raises:
            SourceError: the camera sent nothing for too long, or failed.
            FrameError: what arrived is no picture.
        """
        array = self._wait_for(lambda camera: camera.capture_array("main", wait=False))
        width, height = self._main["size"]
        pixels = to_bgr(array, width, height, _FOURCC.get(self._main["format"]))
        if self._main["format"] in _RED_FIRST:
            pixels = pixels[:, :, ::-1]
        # YUV rows may be padded to a multiple of 64 bytes.
        return pixels[:height, :width], None

    def skip(self) -> None:
        """Wait for the next frame; it is not copied out of the camera's buffer.

        Raises:
            SourceError: as :meth:`read`.
        """
        self._wait_for(lambda camera: camera.capture_metadata(wait=False))

    def close(self) -> None:
        """Stop and close the camera; libcamera keeps one that is not closed for itself."""
        camera, self._camera, self._main = self._camera, None, {}
        if camera is None:
            return
        # A picture that never came is still waited for, and stopping would queue up behind it.
        for step in ("cancel_all_and_flush", "stop", "close"):
            try:
                getattr(camera, step)()
            except Exception:  # whatever fails, the next step is worth trying
                logger.debug("picamera2 raised while it was closed", exc_info=True)

    def _wait_for(self, begin: Callable[[Any], Any]) -> Any:
        """What the next frame gives the job that ``begin`` starts."""
        if self._camera is None:
            raise SourceError(f"{self.describe()} is not open")
        try:
            return self._camera.wait(begin(self._camera), timeout=self._read_timeout_seconds)
        except (TimeoutError, concurrent.futures.TimeoutError):
            raise SourceError(
                f"{self.describe()} sent no picture for {self._read_timeout_seconds:g} s; "
                "check the ribbon cable"
            ) from None
        except Exception as error:
            raise SourceError(f"{self.describe()} failed: {_words(error)}") from error

    def _way_out(self) -> str:
        if holders := self._holders():
            return f"it is in use by {', '.join(holders)}; close that first"
        return "close other programs that use it, such as rpicam-hello, or check the ribbon cable"


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
