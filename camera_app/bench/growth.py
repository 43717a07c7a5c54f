"""Whether what the program holds grows with the frames it has seen."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from camera_app.bench.clip import moving_pictures, play
from camera_app.bench.memory import Memory, in_megabytes, memory_of
from camera_app.bench.session import Session
from camera_app.bench.watch import Watch
from camera_app.frame import Result
from camera_app.inference.classifier import Classifier
from camera_app.inference.smoothing import Smoother
from camera_app.loop import Limits, Loop
from camera_app.outputs.base import Output
from camera_app.sources.base import Source

PICTURE_SIZE = (160, 120)
PICTURES = 30

SETTLED = 0.1
"""Share of the frames after which everything that is made once has been made."""


@dataclass(frozen=True)
class Growth:
    """Memory early on and in the end.

    Attributes:
        frames: labelled in all.
        early: after a tenth of them.
        late: after the last.
    """

    frames: int
    early: Memory
    late: Memory

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)

    def as_text(self) -> str:
        """Three lines."""
        return (
            f"after {_settled(self.frames)} frames: {in_megabytes(self.early)}\n"
            f"after {self.frames} frames: {in_megabytes(self.late)}\n"
            f"growth: {self._growth()}"
        )

    def _growth(self) -> str:
        if self.early.resident_mb is None or self.late.resident_mb is None:
            return "not known on this system"
        return f"{self.late.resident_mb - self.early.resident_mb:+.2f} MB resident"


def measure_growth(session: Session, frames: int) -> Growth:
    """What the process holds after a tenth of ``frames`` small pictures, and after all of them."""
    growth = GrowthLoop(frames, memory_of)
    session.run(growth.make_loop, Limits(frames=frames), source=small_pictures(frames))
    return Growth(frames, growth.early, growth.late)


def small_pictures(frames: int) -> Source:
    """A recording of so many frames that takes next to nothing to read."""
    return play(list(moving_pictures(PICTURES, *PICTURE_SIZE)), frames)


class GrowthLoop:
    """Makes a loop, and looks at what the process holds while it runs.

    Args:
        frames: how many there will be.
        probe: what is looked at, after a tenth of the frames and after the last.

    Attributes:
        early: what the probe gave first.
        late: what it gave in the end.
    """

    def __init__(self, frames: int, probe: Callable[[], Any]) -> None:
        self._frames = frames
        self._probe = probe
        self._seen = 0
        self.early: Any = None
        self.late: Any = None

    def make_loop(
        self,
        source: Source,
        classifier: Classifier,
        smoother: Smoother,
        outputs: Sequence[Output],
        **options: Any,
    ) -> Loop:
        """A :class:`~camera_app.loop.Loop` of these parts."""
        return Loop(source, classifier, smoother, [*outputs, Watch(self._note)], **options)

    def _note(self, result: Result) -> None:  # noqa: ARG002  that there is one is enough
        self._seen += 1
        if self._seen == _settled(self._frames):
            self.early = self._probe()
        if self._seen == self._frames:
            self.late = self._probe()


def _settled(frames: int) -> int:
    """After so many of them memory is looked at first."""
    return max(1, round(frames * SETTLED))
