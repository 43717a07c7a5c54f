"""What was measured, as JSON for programs and as a table for people."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from camera_app.bench.idle import Rest
from camera_app.bench.memory import Memory
from camera_app.bench.stages import CALL, Spread
from camera_app.bench.start import Start


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
        process_processor_ms: the same of all threads: decoding and the log's too.
        decode_ms: a frame of the source when nothing else is done.
        decode_processor_ms: the same in processor time of all threads.
        draw: drawing the overlay; it is not part of the frame, since nobody looks.
        start: the program as a process of its own.
        memory: of that process.
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
    decode_ms: float
    decode_processor_ms: float
    draw: Spread
    start: Start
    memory: Memory

    @property
    def beside_call_share(self) -> float:
        """Everything but the interpreter's call as a share of it: medians of wall time."""
        return self.beside_call.p50 / self.stages[CALL].p50

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return {**dataclasses.asdict(self), "beside_call_share": self.beside_call_share}

    def as_text(self) -> str:
        """A table, and beneath it what is not a stage."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.source}"
        yield f"{self.model} on {self.runtime}, {self.frames} frames"
        yield ""
        yield f"{'ms a frame':<16}{'p50':>8}{'p95':>8}{'mean':>8}{'of the call':>14}"
        for stage, times in self.stages.items():
            yield self._row(stage, times)
        yield self._row("all but the call", self.beside_call)
        yield self._row("frame", self.frame)
        yield ""
        yield "Wall time of the loop's thread. Pictures are decoded ahead in another thread:"
        yield (
            f"decode           {self.decode_ms:.2f} ms a frame when nothing else is done, "
            f"{self.decode_processor_ms:.2f} ms of processor time"
        )
        yield (
            f"processor time   {self.loop_processor_ms:.2f} ms a frame of the loop's thread, "
            f"{self.process_processor_ms:.2f} ms of the whole process"
        )
        yield (
            f"draw             {self.draw.p50:.2f} ms (p95 {self.draw.p95:.2f}), "
            "only while somebody looks"
        )
        yield f"labels           {self.labels_per_second:.1f} a second"
        yield f"memory           {_megabytes(self.memory)}"
        yield (
            f"first label      {self.start.first_label_seconds:.2f} s after the start; "
            f"importing OpenCV and the runtime alone takes {self.start.imports_seconds:.2f} s"
        )

    def _row(self, name: str, times: Spread) -> str:
        share = times.p50 / self.stages[CALL].p50
        return f"{name:<16}{times.p50:>8.3f}{times.p95:>8.3f}{times.mean:>8.3f}{share:>13.1%}"


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
            f"after {self.frames // 10} frames: {_megabytes(self.early)}\n"
            f"after {self.frames} frames: {_megabytes(self.late)}\n"
            f"growth: {_growth(self.early, self.late)}"
        )


@dataclass(frozen=True)
class Idle:
    """A still scene, with the net resting and without.

    Attributes:
        source: description of the camera.
        runtime: what ran the net.
        active: the net run on every picture.
        idle: as configured.
    """

    source: str
    runtime: str
    active: Rest
    idle: Rest

    @property
    def share(self) -> float:
        """Processor time in idle as a share of that without."""
        return self.idle.processor / self.active.processor

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return {**dataclasses.asdict(self), "share": self.share}

    def as_text(self) -> str:
        """Four lines."""
        return (
            f"{self.source}; {self.runtime}\n"
            f"active: {_rest(self.active)}\n"
            f"idle:   {_rest(self.idle)}\n"
            f"idle takes {self.share:.1%} of active"
        )


def _rest(rest: Rest) -> str:
    return (
        f"{rest.processor:6.2%} of a core, {rest.labels_per_second:.1f} labels a second, "
        f"{rest.spared:.0%} of them without the net"
    )


def _megabytes(memory: Memory) -> str:
    if memory.resident_mb is None or memory.peak_mb is None:
        return "not known on this system, or the run was too short to see"
    return f"{memory.resident_mb:.1f} MB resident, {memory.peak_mb:.1f} MB at most"


def _growth(early: Memory, late: Memory) -> str:
    if early.resident_mb is None or late.resident_mb is None:
        return "not known on this system"
    return f"{late.resident_mb - early.resident_mb:+.2f} MB resident"
