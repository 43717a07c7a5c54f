"""The two faces of where frames come from.

A :class:`Reader` is one kind of camera, stream or file: it opens, reads and closes, blocks while
it does so, and knows nothing of threads. A :class:`Source` is what the program's loop sees. Two
classes turn any reader into a source, and they are the one difference between live and recorded:
:class:`~camera_app.sources.live.LiveSource` keeps the newest frame only, and
:class:`~camera_app.sources.recorded.RecordedSource` never drops one.
"""

from enum import Enum
from typing import Protocol

import numpy as np

from camera_app.arrays import NDArray
from camera_app.frame import Frame

Pixels = NDArray[np.uint8]


class SourceState(Enum):
    """Where a source stands; losing a camera is a state, not an exit."""

    CONNECTING = "connecting"
    STREAMING = "streaming"
    LOST = "lost"
    ENDED = "ended"


class Reader(Protocol):
    """One kind of place where pixels come from."""

    live: bool
    """Whether pictures arrive by themselves (camera, stream) or wait to be read (files)."""

    @property
    def frames_per_second(self) -> float | None:
        """A recording's own rate; None for what is live and for pictures that stand alone."""

    def describe(self) -> str:
        """A few words for a person, e.g. ``USB camera /dev/video0, 640x480 at 30 fps``."""

    def open(self) -> None:
        """Get ready to read.

        Raises:
            SourceError: it cannot be opened; the message says why and what to do.
        """

    def read(self) -> tuple[Pixels, str | None] | None:
        """Wait for the next picture: (H, W, 3) uint8 BGR and, for a folder, its file's name.

        Returns:
            None at the end of a recording; a live reader never returns None.

        Raises:
            SourceError: the camera or stream is gone.
            FrameError: what arrived is no picture.
        """

    def close(self) -> None:
        """Let go of the device; may be called twice, and on a reader that never opened."""


class RecordedReader(Reader, Protocol):
    """A file or a folder, whose pictures wait to be read."""

    @property
    def position_seconds(self) -> float | None:
        """Where in the recording the picture read last has its place; None where nothing says."""


class LiveReader(Reader, Protocol):
    """A camera or a stream, whose pictures come whether they are wanted or not."""

    def skip(self) -> None:
        """Wait for the next picture and let it go, without the work of decoding it.

        Raises:
            SourceError: as read does.
        """


class Source(Protocol):
    """What the program's loop takes frames from."""

    live: bool

    @property
    def frames_per_second(self) -> float | None:
        """The reader's."""

    @property
    def state(self) -> SourceState:
        """Where the source stands now."""

    @property
    def problem(self) -> str | None:
        """Why frames do not come, in words, while the state is LOST; None otherwise."""

    @property
    def skipped(self) -> int:
        """Frames dropped: newer ones had come, the camera was lost, or they cannot be read."""

    @property
    def responsive(self) -> bool:
        """Whether frames come, or will be looked for again, by themselves.

        False once a call into a driver has not returned for so long that it never will: nothing
        inside the process can end such a call, so whoever watches the process should restart it.
        """

    def describe(self) -> str:
        """The reader's description."""

    def start(self) -> None:
        """Open the reader and begin.

        Raises:
            SourceError: it cannot be opened in the first place.
        """

    def next_frame(self, timeout: float) -> Frame | None:
        """The next frame; None if none came within ``timeout`` seconds or the source has ENDED."""

    def rest(self, seconds: float) -> None:
        """Take notice that no frame is wanted for so long."""

    def stop(self) -> None:
        """Stop and close, within two seconds even if the driver hangs."""
