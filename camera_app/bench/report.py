"""What was measured on a recording, as JSON for programs and as a table for people."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from camera_app.bench.limit import Limit
from camera_app.bench.memory import Memory, in_megabytes
from camera_app.bench.picture import write_picture
from camera_app.bench.stages import CALL, Spread
from camera_app.bench.start import Start

BESIDE_CALL = "all but the call"


@dataclass(frozen=True)
class FileFigures:
    """What a file costs beside the loop.

    Attributes:
        decode_ms: a frame when nothing else is done.
        decode_processor_ms: the same in processor time of all threads.
        start: the program as a process of its own.
        memory: of that process.
    """

    decode_ms: float
    decode_processor_ms: float
    start: Start
    memory: Memory


@dataclass(frozen=True)
class Report:
    """One benchmark; milliseconds are of wall time unless they are called processor time.

    Attributes:
        version: of the program.
        source: description of what was labelled.
        model: the bundle's name.
        runtime: what ran it.
        frames: that counted.
        stages: by name, in the order in which a frame meets them.
        frame: all stages together.
        beside_call: a frame without its interpreter call.
        labels_per_second: one frame after the other.
        loop_processor_ms: processor time of the loop's thread a frame.
        process_processor_ms: what a label costs: the same of all threads, decoding and the log's
            too.
        crop: making a picture as small as the net takes it; it is not part of the frame, since
            another thread does it ahead.
        draw: drawing the overlay; it is not part of the frame, since nobody looks.
        show: showing it in a window and looking at its keys, likewise; None without a display.
        limit: what the call cannot be faster than; None unless it has one core alone, of which
            that is known.
        file: what is measured of a file only, and not of pictures in memory.
    """

    version: str
    source: str
    model: str
    runtime: str
    frames: int
    stages: dict[str, Spread]
    frame: Spread
    beside_call: Spread
    labels_per_second: float
    loop_processor_ms: float
    process_processor_ms: float
    crop: Spread
    draw: Spread
    show: Spread | None
    limit: Limit | None
    file: FileFigures | None

    @property
    def beside_call_share(self) -> float:
        """Everything but the interpreter's call as a share of it: medians of wall time."""
        return self.beside_call.p50 / self.stages[CALL].p50

    @property
    def limit_reached(self) -> float | None:
        """The limit as a share of what the call takes; 1 would be perfect."""
        return None if self.limit is None else self.limit.milliseconds / self.stages[CALL].p50

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return {
            **dataclasses.asdict(self),
            "beside_call_share": self.beside_call_share,
            "limit_ms": self.limit and self.limit.milliseconds,
            "limit_reached": self.limit_reached,
        }

    def draw_to(self, path: Path) -> None:
        """Draw the stages as bars.

        Raises:
            OutputError: the picture cannot be written.
        """
        of_all = {**self.stages, BESIDE_CALL: self.beside_call, "frame": self.frame}
        subtitle = (
            f"{self.labels_per_second:.0f} labels a second, "
            f"{self.process_processor_ms:.2f} ms of processor time each"
        )
        write_picture(path, f"{self.model} on {self.runtime}; {self.source}", subtitle, of_all)

    def as_text(self) -> str:
        """A table, and beneath it what is not a stage."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.source}"
        yield f"{self.model} on {self.runtime}, {self.frames} frames"
        yield ""
        yield f"{'ms a frame':<16}{'p50':>8}{'p95':>8}{'p99':>8}{'mean':>8}{'of the call':>14}"
        for stage, times in self.stages.items():
            yield self._row(stage, times)
        yield self._row(BESIDE_CALL, self.beside_call)
        yield self._row("frame", self.frame)
        yield ""
        yield (
            "Wall time of the loop's thread. Pictures are read, and made small, ahead in another."
        )
        if self.limit is not None:
            yield f"limit            {self.limit}; the call reaches {self.limit_reached:.0%}"
        if self.file is not None:
            yield (
                f"decode           {self.file.decode_ms:.2f} ms a frame when nothing else is done, "
                f"{self.file.decode_processor_ms:.2f} ms of processor time"
            )
        yield f"crop+resize      {self.crop.p50:.2f} ms (p95 {self.crop.p95:.2f}), ahead"
        for name, of_picture in {"draw": self.draw, "show": self.show}.items():
            if of_picture is not None:
                yield (
                    f"{name:<17}{of_picture.p50:.2f} ms (p95 {of_picture.p95:.2f}), "
                    "only while somebody looks"
                )
        yield (
            f"labels           {self.labels_per_second:.1f} a second, for "
            f"{self.process_processor_ms:.2f} ms of processor time each, "
            f"{self.loop_processor_ms:.2f} ms of it the loop's"
        )
        if self.file is not None:
            start = self.file.start
            yield f"memory           {in_megabytes(self.file.memory)}"
            yield (
                f"first label      {start.first_label_seconds:.2f} s after the start; "
                f"importing OpenCV and the runtime alone takes {start.imports_seconds:.2f} s"
            )

    def _row(self, name: str, times: Spread) -> str:
        share = times.p50 / self.stages[CALL].p50
        of_all = (times.p50, times.p95, times.p99, times.mean)
        return f"{name:<16}{''.join(f'{ms:>8.3f}' for ms in of_all)}{share:>13.1%}"
