"""Cameras that do what a test tells them, and record what was done to them."""

import threading
from collections import deque
from collections.abc import Iterable

import cv2
import numpy as np

from camera_app.arrays import NDArray
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
        position_seconds: as in :class:`~camera_app.sources.base.RecordedReader`.
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
        self.position_seconds: float | None = None
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
