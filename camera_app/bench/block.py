"""One turn of one alternative in a comparison."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """What some frames in a row took.

    Attributes:
        frame_seconds: of each frame, from asking for it to asking for the next one.
        call_seconds: of each interpreter's call.
        processor_ms: processor time a frame, of all threads.
    """

    frame_seconds: Sequence[float]
    call_seconds: Sequence[float]
    processor_ms: float

    @property
    def medians(self) -> tuple[float, float, float]:
        """Milliseconds: of a frame, of a call, and of processor time a frame."""
        return (
            statistics.median(self.frame_seconds) * 1e3,
            statistics.median(self.call_seconds) * 1e3,
            self.processor_ms,
        )
