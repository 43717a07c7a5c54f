"""What every output looks like to the loop."""

from typing import Protocol

from camera_app.frame import Result
from camera_app.sources.base import SourceState


class Output(Protocol):
    """Somewhere results go: a window, a log, a video, the terminal."""

    def write(self, result: Result) -> None:
        """Take one result; never blocks for long, never raises for what a disk or network does."""

    def idle(self) -> None:
        """Told about ten times a second while no frame comes: a window looks at its keys here."""

    def source_changed(self, state: SourceState, message: str) -> None:
        """Told when the source is lost, found again or ended; ``message`` says which and why.

        Of a source that is lost for another reason than before, it is told again.
        """

    def close(self) -> None:
        """Write what is left and let go; may be called twice."""
