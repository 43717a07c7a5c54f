"""The source that ``auto`` chose: says why, and is found again where its number has changed."""

from collections.abc import Callable

from camera_app.errors import NoCameraError
from camera_app.sources.base import LiveReader, Pixels


class ChosenReader:
    """A reader that another takes the place of once its own camera is gone.

    After a reset of the bus a USB camera may come back under another number, while its old one is
    still held by whoever read it.

    Args:
        reader: of what was chosen.
        remark: why it was, for the description.
        find_again: a reader of where the camera is now; None as long as it is nowhere.
    """

    live = True
    frames_per_second = None

    def __init__(
        self, reader: LiveReader, remark: str, find_again: Callable[[], LiveReader | None]
    ) -> None:
        self._reader = reader
        self._remark = remark
        self._find_again = find_again

    def describe(self) -> str:
        """The reader's description and the remark."""
        return f"{self._reader.describe()} ({self._remark})"

    def open(self) -> None:
        """Open the camera, where it was or else where it is now.

        Raises:
            SourceError: it is nowhere, busy, or may not be used.
        """
        try:
            self._reader.open()
        except NoCameraError:
            reader = self._find_again()
            if reader is None:
                raise
            reader.open()
            self._reader = reader

    def read(self) -> tuple[Pixels, str | None] | None:
        """The reader's next picture.

        Raises:
            SourceError: as the reader does.
            FrameError: likewise.
        """
        return self._reader.read()

    def skip(self) -> None:
        """Let the reader's next picture go.

        Raises:
            SourceError: as the reader does.
        """
        self._reader.skip()

    def close(self) -> None:
        """Let go of the camera."""
        self._reader.close()
