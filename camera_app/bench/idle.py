"""What a still scene costs: with the net resting, and without."""

import dataclasses
from dataclasses import dataclass

from camera_app.bench.camera import PacedCamera, still_scene
from camera_app.bench.live import LiveFigures, watch
from camera_app.bench.session import Session

SETTLE_SECONDS = 3.0
"""Before anything counts: longer than the program waits to believe that nothing moves."""


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
    active: LiveFigures
    idle: LiveFigures

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
            f"active: {_in_words(self.active)}\n"
            f"idle:   {_in_words(self.idle)}\n"
            f"idle takes {self.share:.1%} of active"
        )


def measure_idle(session: Session, seconds: float) -> Idle:
    """What the program takes in front of a scene in which nothing moves, for ``seconds`` each."""
    source = session.config.source
    pictures = still_scene(source.width // 2 * 2, source.height)
    measured = []
    for idle in (False, True):
        camera = PacedCamera("a still scene", pictures, source.fps)
        power = session.config.power._replace(idle=idle)
        config = session.config._replace(power=power)
        figures, header = watch(session, camera, seconds, SETTLE_SECONDS, config)
        measured.append(figures)
    return Idle(header["source"], header["runtime"], *measured)


def _in_words(figures: LiveFigures) -> str:
    return (
        f"{figures.processor:6.2%} of a core, {figures.labels_per_second:.1f} labels a second, "
        f"{figures.spared:.0%} of them without the net"
    )
