"""How much memory the program holds, and whether that grows with the frames it has seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from camera_app.bench.clip import MemoryReader, moving_pictures
from camera_app.frame import Result
from camera_app.inference.classifier import Classifier
from camera_app.inference.smoothing import Smoother
from camera_app.loop import Loop
from camera_app.outputs.base import Output
from camera_app.sources.ahead import ReadAhead
from camera_app.sources.base import Source, SourceState
from camera_app.sources.recorded import RecordedSource

PICTURE_SIZE = (160, 120)
PICTURES = 30

SETTLED = 0.1
"""Share of the frames after which everything that is made once has been made."""


@dataclass(frozen=True)
class Memory:
    """Of one process, in megabytes of 10^6 bytes; None where the system does not tell."""

    resident_mb: float | None
    peak_mb: float | None


def memory_of(process: int | str = "self") -> Memory:
    """What Linux counts for a process: VmRSS and VmHWM of /proc/PID/status (see proc(5))."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return Memory(None, None)
    # A process that has ended and waits for its parent has a status and no memory.
    fields = dict(line.split(":", 1) for line in status.splitlines() if line.startswith("Vm"))
    resident, peak = (
        int(fields[name].split()[0]) * 1024 / 1e6 if name in fields else None
        for name in ("VmRSS", "VmHWM")
    )
    return Memory(resident, peak)


class GrowthLoop:
    """Makes a loop that plays pictures from memory and looks at what the process holds.

    Args:
        frames: how many pictures are played.
        probe: what is looked at, after a tenth of the frames and after the last.

    Attributes:
        early: what the probe gave first.
        late: what it gave in the end.
    """

    def __init__(self, frames: int, probe: Callable[[], Any]) -> None:
        self._frames = frames
        self._probe = probe
        self.early: Any = None
        self.late: Any = None

    def make_loop(
        self,
        source: Source,  # noqa: ARG002  the app's; ours takes its place
        classifier: Classifier,
        smoother: Smoother,
        outputs: Sequence[Output],
        **options: Any,
    ) -> Loop:
        """A :class:`~camera_app.loop.Loop` of these parts on pictures from memory."""
        pictures = list(moving_pictures(PICTURES, *PICTURE_SIZE))
        recording = RecordedSource(ReadAhead(MemoryReader(pictures, self._frames)))
        recording.start()
        return Loop(recording, classifier, smoother, [*outputs, _Probe(self)], **options)

    def look(self, frames: int) -> None:
        """Told of every frame that has been labelled."""
        if frames == max(1, round(self._frames * SETTLED)):
            self.early = self._probe()
        if frames == self._frames:
            self.late = self._probe()


class _Probe:
    """An output that counts frames."""

    def __init__(self, growth: GrowthLoop) -> None:
        self._growth = growth
        self._frames = 0

    def write(self, result: Result) -> None:  # noqa: ARG002  that there is one is enough
        self._frames += 1
        self._growth.look(self._frames)

    def idle(self) -> None:
        """Nothing."""

    def source_changed(self, state: SourceState, message: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""
