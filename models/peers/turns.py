"""Peers take turns, each in its process; what they answer becomes rows."""

import contextlib
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tqdm import tqdm

from camera_app.errors import ModelError
from models.compare.turns import Timing, timings
from models.peers.registry import NET, PEERS, PROGRAM, Kind, Peer

REFERENCES: Mapping[Kind, str] = {"net": NET, "program": PROGRAM}
"""Whom the others of a kind are compared with."""


class Running(Protocol):
    """A peer at work; see :class:`models.peers.process.Process`."""

    def ask(self) -> None:
        """Let it run a block."""

    def answer(self) -> dict[str, Any]:
        """Its next answer. Raises ModelError where there is none."""

    def close(self) -> None:
        """End it; may be called twice."""


@dataclass(frozen=True)
class Row:
    """What was measured of one peer.

    Attributes:
        name: in the registry.
        peer: of the registry.
        latency: of a label, from asking to having it; None where it did not run.
        processor: processor time of a label, of all threads; None likewise.
        peak_mb: the most that the process held, in megabytes of 10^6 bytes; None where the system
            does not tell.
        same_labels: share of the pictures that it calls as ours does; None where that says nothing.
        remarks: sentences: why it did not run, and how it differs.
    """

    name: str
    peer: Peer
    latency: Timing | None = None
    processor: Timing | None = None
    peak_mb: float | None = None
    same_labels: float | None = None
    remarks: tuple[str, ...] = ()

    @property
    def labels_per_second(self) -> float | None:
        """Labels by second of processor time."""
        return None if self.processor is None else 1e3 / self.processor.ms


@dataclass
class _Taken:
    """The answers of one peer so far."""

    labels: Sequence[int] | None = None
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    peak_mb: float | None = None


def measure(
    names: Sequence[str],
    failures: Mapping[str, str],
    start: Callable[[str], Running],
    rounds: int,
) -> list[Row]:
    """Give each peer a block in each round, every other round in reverse.

    Args:
        names: of the registry, in order.
        failures: by name, why a peer need not be started.
        start: starts a peer's process.
        rounds: how many.

    Returns:
        A row for each name; what did not run to the end says so in its row.

    Raises:
        ModelError: what the others are compared with did not run.
    """
    failed = dict(failures)
    running: dict[str, Running] = {}
    taken: dict[str, _Taken] = {}
    try:
        for name in tqdm(names, desc="opening", unit="peer", leave=False):
            if name not in failed:
                running[name] = start(name)
                with _failure_noted(name, failed):
                    taken[name] = _Taken(running[name].answer()["labels"])
        for number in tqdm(range(rounds), desc="turns", unit="round", leave=False):
            for name in names if number % 2 == 0 else reversed(names):
                if name not in failed:
                    with _failure_noted(name, failed):
                        _take(running[name], taken[name])
    finally:
        for process in running.values():
            process.close()
    lived = {name: of for name, of in taken.items() if name not in failed}
    return _rows(names, lived, failed)


@contextlib.contextmanager
def _failure_noted(name: str, failed: dict[str, str]) -> Iterator[None]:
    try:
        yield
    except ModelError as error:
        failed[name] = str(error)


def _take(process: Running, taken: _Taken) -> None:
    process.ask()
    answer = process.answer()
    taken.seconds.append(answer["frame_ms"] / 1e3)
    taken.processor_seconds.append(answer["processor_ms"] / 1e3)
    taken.peak_mb = answer["peak_mb"]


def _rows(
    names: Sequence[str], taken: Mapping[str, _Taken], failed: Mapping[str, str]
) -> list[Row]:
    latency: dict[str, Timing] = {}
    processor: dict[str, Timing] = {}
    for kind, reference in REFERENCES.items():
        of_kind = [name for name in names if PEERS[name].kind == kind]
        lived = [name for name in of_kind if name in taken]
        if reference in of_kind and reference not in lived:
            raise ModelError(f"there is nothing to compare with: {failed[reference]}")
        latency |= timings({name: taken[name].seconds for name in lived}, reference)
        processor |= timings({name: taken[name].processor_seconds for name in lived}, reference)
    ours = taken[NET].labels if NET in taken else None
    return [_row(name, taken.get(name), ours, latency, processor, failed) for name in names]


def _row(
    name: str,
    taken: _Taken | None,
    ours: Sequence[int] | None,
    latency: Mapping[str, Timing],
    processor: Mapping[str, Timing],
    failed: Mapping[str, str],
) -> Row:
    peer = PEERS[name]
    note = (peer.note,) if peer.note else ()
    if taken is None:
        return Row(name, peer, remarks=(failed[name], *note))
    return Row(
        name,
        peer,
        latency[name],
        processor[name],
        taken.peak_mb,
        _share(taken.labels, ours),
        note,
    )


def _share(labels: Sequence[int] | None, ours: Sequence[int] | None) -> float | None:
    if not labels or not ours:
        return None
    # A program is shown the first of them.
    return statistics.fmean(a == b for a, b in zip(labels, ours, strict=False))
