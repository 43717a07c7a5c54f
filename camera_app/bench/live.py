"""The program in front of a camera: how old a label is, what is dropped, and what it takes."""

import dataclasses
import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from camera_app.bench.camera import PacedCamera, moving_scene
from camera_app.bench.session import Header, Session
from camera_app.bench.stages import CALL, REST, SOURCE, Spread, StageTimes, spread
from camera_app.bench.watch import Watch
from camera_app.config import Config
from camera_app.errors import SourceError
from camera_app.frame import Result
from camera_app.loop import Limits
from camera_app.sources.live import LiveSource

RATES = (30, 60, 120)
"""Pictures a second: a webcam's, a Pi camera's, and more than a small board can name."""

SETTLE_SECONDS = 1.0
"""Before anything counts: threads start, and caches fill."""


@dataclass(frozen=True)
class LiveFigures:
    """What the program took in front of a camera, and what came of it.

    Attributes:
        labels_per_second: that it gave.
        spared: share of the labels for which the net rested.
        dropped: share of the camera's pictures that were not labelled, since newer ones had come.
        age: of a label, from when the camera had its picture; waking the program up and
            converting the picture are in it.
        processor: processor time of all threads by wall time; 1 is one core at work all the time.
        processor_ms: processor time a label.
        stages: what the loop did for a label, by name; it waited besides.
    """

    labels_per_second: float
    spared: float
    dropped: float
    age: Spread
    processor: float
    processor_ms: float
    stages: dict[str, Spread]


@dataclass(frozen=True)
class Live:
    """A camera at several rates.

    Attributes:
        source: description of the camera.
        model: the bundle's name.
        runtime: what ran it.
        rates: what was measured, by pictures a second.
    """

    source: str
    model: str
    runtime: str
    rates: dict[int, LiveFigures]

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)

    def as_text(self) -> str:
        """A table, a line for each rate."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.source
        yield f"{self.model} on {self.runtime}"
        yield ""
        yield (
            "pictures  labels            age of a label, ms       call   processor time\n"
            "a second  a second dropped    p50    p95    p99    ms p50  a label   of a core"
        )
        for rate, figures in self.rates.items():
            age = figures.age
            yield (
                f"{rate:>8}{figures.labels_per_second:>10.1f}{figures.dropped:>8.1%}"
                f"{age.p50:>7.2f}{age.p95:>7.2f}{age.p99:>7.2f}"
                f"{figures.stages[CALL].p50:>10.2f}{figures.processor_ms:>6.2f} ms"
                f"{figures.processor:>12.1%}"
            )


def measure_live(session: Session, rates: Sequence[int], seconds: float) -> Live:
    """What the program does in front of a camera whose every picture is another.

    Args:
        session: the program.
        rates: pictures a second, one after the other.
        seconds: for each.
    """
    source = session.config.source
    pictures = moving_scene(source.width // 2 * 2, source.height)
    figures = {}
    for rate in rates:
        camera = PacedCamera("pictures from memory as a camera gives them", pictures, rate)
        figures[rate], header = watch(session, camera, seconds, SETTLE_SECONDS)
    description = header["source"].rpartition(" at ")[0]
    return Live(description, header["model"], header["runtime"], figures)


def watch(
    session: Session,
    camera: PacedCamera,
    seconds: float,
    settle_seconds: float,
    config: Config | None = None,
) -> tuple[LiveFigures, Header]:
    """Run the program in front of ``camera`` for ``seconds`` that count.

    Args:
        session: the program.
        camera: not yet open.
        seconds: that count.
        settle_seconds: that come before and do not.
        config: taken instead of the session's.

    Raises:
        SourceError: no labels came in time.
    """
    watched = _Watched(camera, settle_seconds)
    times = StageTimes(1, [Watch(watched.note)])
    limits = Limits(seconds=settle_seconds + seconds)
    header = session.run(times.make_loop, limits, config=config, source=LiveSource(camera))
    if not (watched.labels and times.frames):
        raise SourceError("no label came in time; give it more seconds")
    stages = {name: of for name, of in times.stages().items() if name not in (SOURCE, REST)}
    return watched.figures(stages), header


class _Watched:
    """Adds up what comes of a camera.

    Args:
        camera: says when it had each picture.
        settle_seconds: what comes before does not count.
    """

    def __init__(self, camera: PacedCamera, settle_seconds: float) -> None:
        self._camera = camera
        self._settle_seconds = settle_seconds
        # Wall time, the camera's, and processor time of all threads of the process.
        self._clocks = (time.monotonic, time.process_time)
        self._started: float | None = None
        self._begin: tuple[float, ...] = ()
        self._end: tuple[float, ...] = ()
        self._ages = array("d")
        self._spared = 0

    @property
    def labels(self) -> int:
        """That counted."""
        return len(self._ages)

    def note(self, result: Result) -> None:
        """Told of every label."""
        taken = self._camera.taken[result.frame.index]
        now = (*(clock() for clock in self._clocks), taken)
        if self._started is None or now[0] - self._started < self._settle_seconds:
            self._started = self._started or now[0]
            self._begin = now
            return
        self._ages.append(result.frame.captured_at + result.age_seconds - taken)
        self._spared += result.prediction.spared
        self._end = now

    def figures(self, stages: dict[str, Spread]) -> LiveFigures:
        """What it adds up to."""
        wall, processor, shown = (
            end - begin for begin, end in zip(self._begin, self._end, strict=True)
        )
        return LiveFigures(
            labels_per_second=self.labels / wall,
            spared=self._spared / self.labels,
            dropped=1 - self.labels / round(shown * self._camera.fps),
            age=spread(self._ages),
            processor=processor / wall,
            processor_ms=processor * 1e3 / self.labels,
            stages=stages,
        )
