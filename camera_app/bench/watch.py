"""An output that does nothing but tell the measurement of every label."""

from collections.abc import Callable

from camera_app.frame import Result
from camera_app.sources.base import SourceState


class Watch:
    """Told of every result, and tells.

    Args:
        note: called with it.
    """

    def __init__(self, note: Callable[[Result], None]) -> None:
        self.write = note

    def idle(self) -> None:
        """Nothing."""

    def source_changed(self, state: SourceState, message: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
