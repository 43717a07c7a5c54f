"""What is known of one architecture after the comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from camera_app.errors import ModelError
from camera_app.inference.bundle import load_bundle
from models.compare.files import Precision
from models.compare.turns import Timing
from models.zoo.registry import FASTNET, FASTNET_HALF, Entry, Reported

BUNDLES = Path(__file__).parents[1]
"""Where the shipped models lie."""

_SHIPPED = {FASTNET: "fastnet-{}", FASTNET_HALF: "fastnet-{}-half"}
"""Their names by dataset."""


@dataclass(frozen=True)
class Measured:
    """What was measured of one file.

    Attributes:
        size_mb: of the file, in megabytes of 10^6 bytes.
        timings: by number of threads.
        partitions: of XNNPACK; None where it does not tell.
        peak_mb: memory that opening and running it took; None where it was not measured.
    """

    size_mb: float
    timings: Mapping[int, Timing]
    partitions: int | None
    peak_mb: float | None


@dataclass(frozen=True)
class Row:
    """One architecture.

    Attributes:
        name: in the registry.
        entry: of the registry.
        reported: accuracies; for the shipped net those that were measured, see :func:`accuracies`.
        parameters: that training changes; None where it could not be built.
        multiply_adds: of one picture; None likewise.
        measured: by precision, for those that could be made and run.
        remarks: sentences: why one could not, and how the measured net differs from the reported.
    """

    name: str
    entry: Entry
    reported: Reported
    parameters: int | None
    multiply_adds: int | None
    measured: Mapping[Precision, Measured]
    remarks: tuple[str, ...]


def accuracies(name: str, entry: Entry, bundles: Path = BUNDLES) -> Reported:
    """What an architecture scores: as reported, except where the shipped model's scores are known.

    Args:
        name: in the registry.
        entry: of the registry.
        bundles: folder with the shipped models' folders.
    """
    if name not in _SHIPPED:
        return entry.reported
    cifar10, cifar100 = (
        _top1(bundles / _SHIPPED[name].format(data)) for data in ("cifar10", "cifar100")
    )
    if cifar10 is None and cifar100 is None:
        return entry.reported
    return Reported(cifar10, cifar100, "the shipped int8 model, python -m models.evaluate")


def _top1(bundle: Path) -> float | None:
    """Per cent of the test pictures, from model.yaml; None where it has not been measured."""
    try:
        top1 = load_bundle(bundle).scores.get("top1_test")
    except ModelError:
        return None
    return None if top1 is None else round(100 * float(top1), 2)
