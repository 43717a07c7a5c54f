"""Tables of what count.sh has counted, beside the least that paper allows, and what was to be.

    python -m tests.board.counts FOLDER    reads FOLDER/CORE.jsonl of each core, prints Markdown

Needs nothing but Python. Ends with status 1 if something that was to be counted was not.
"""

import json
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CORES = {
    "cortex-a53": "A53 (Pi 3, Zero 2 W)",
    "cortex-a72": "A72 (Pi 4)",
    "cortex-a76": "A76 (Pi 5)",
}
FULL, HALF = "fastnet-cifar10", "fastnet-cifar10-half"
RUNTIMES = ("tflite-runtime", "litert", "ncnn", "ncnn-float16")
PROGRAM, FILM = "memory", "film"

WINOGRAD = 36 / (16 * 9)
"""Multiplications of F(4x4, 3x3) by those of the convolution: 36 for 16 outputs of 9 each. All of
the nets' maps that 3x3 kernels run over have sides that 4 divides, so no tile is cut; their 1x1
kernels, 0.04 % of the multiplications, are taken for 3x3."""

Counts = dict[str, float]
"""Instructions by core."""


@dataclass(frozen=True)
class Floor:
    """The fewest instructions for a net's multiply-adds; loads, stores and sums are not in it.

    Attributes:
        name: how it is calculated.
        share: of the multiply-adds that are left to do.
        each: multiply-adds that an instruction does.
        cores: that can.
    """

    name: str
    share: float
    each: float
    cores: Sequence[str]


FLOORS = (
    # SMULL and SMLAL multiply 8 bytes each; two products fill 16 bits, and SADALP must add them up.
    Floor("int8 without dot products", 1, 16 / 3, ("cortex-a53", "cortex-a72")),
    Floor("int8 with dot products (SDOT)", 1, 16, ("cortex-a76",)),
    # What Winograd's method makes of bytes takes 16 bits: SMLAL multiplies 4 of these.
    Floor("int8 by Winograd, F(4x4, 3x3)", WINOGRAD, 4, tuple(CORES)),
    Floor("halves by Winograd (FMLA)", WINOGRAD, 8, ("cortex-a76",)),
)


@dataclass
class Counted:
    """Of one net on one runtime, by core.

    Attributes:
        call: the runtime's own, the median.
        label: the whole program's, by where the pictures come from.
        apart: by how much of a count the turns differ at most.
    """

    call: Counts = field(default_factory=dict)
    label: dict[str, Counts] = field(default_factory=lambda: {PROGRAM: {}, FILM: {}})
    apart: dict[str, float] = field(default_factory=lambda: {"call": 0.0, "label": 0.0})


@dataclass
class Report:
    """What was counted of all nets.

    Attributes:
        of: by net and runtime.
        multiply_adds: by net.
        handed_over: share of CIFAR-10's test pictures of which the half net is unsure.
        missing: what was not counted, and why.
    """

    of: dict[tuple[str, str], Counted]
    multiply_adds: dict[str, int] = field(default_factory=dict)
    handed_over: float | None = None
    missing: list[str] = field(default_factory=list)


Pick = Callable[[Counted], Counts]
"""One of the things that were counted."""


def read(folder: Path) -> Report:
    """Read the counts of each core."""
    report = Report({(net, runtime): Counted() for net in (FULL, HALF) for runtime in RUNTIMES})
    for core in CORES:
        file = folder / f"{core}.jsonl"
        text = file.read_text() if file.exists() else ""
        # What follows the last line's end is nothing, or a line that was cut off.
        lines = [json.loads(line) for line in text.split("\n")[:-1]]
        for net, runtime in report.of:
            turns = [line for line in lines if (line["model"], line["runtime"]) == (net, runtime)]
            _enter(report, core, net, runtime, turns)
    return report


def _enter(report: Report, core: str, net: str, runtime: str, turns: list[Any]) -> None:
    faults = [turn["failed"] for turn in turns if "failed" in turn]
    if len(turns) < 2 or faults:
        report.missing.append(f"{net} on {runtime}, {core}: {faults or 'not to its end'}")
        return
    if "refused" in turns[0]:
        return
    report.multiply_adds[net] = turns[0]["multiply_adds"]
    report.handed_over = turns[0]["handed_over"] or report.handed_over
    counted = report.of[net, runtime]
    calls = [statistics.median(turn["calls"]) for turn in turns]
    counted.call[core] = calls[0]
    counted.apart["call"] = max(counted.apart["call"], _apart(calls))
    for source, counts in counted.label.items():
        labels = [turn["label"][source] for turn in turns]
        counts[core] = labels[0]
        counted.apart["label"] = max(counted.apart["label"], _apart(labels))


def _apart(counts: list[float]) -> float:
    return (max(counts) - min(counts)) / min(counts)


def _of_call(counted: Counted) -> Counts:
    return counted.call


def _of_label(counted: Counted) -> Counts:
    return counted.label[PROGRAM]


def _of_film(counted: Counted) -> Counts:
    return counted.label[FILM]


PICKS = (_of_call, _of_label, _of_film)


def tables(report: Report) -> Iterator[str]:
    """Yield the lines of all of it."""
    heads = " | ".join(f"{name}: call | label | film" for name in CORES.values())
    yield f"| millions of instructions | {heads} |"
    yield "|---" * (1 + len(CORES) * len(PICKS)) + "|"
    for net in (FULL, HALF):
        for runtime in RUNTIMES:
            counted = report.of[net, runtime]
            yield _row(f"{net}, {runtime}", [pick(counted) for pick in PICKS])
        for floor in FLOORS:
            least = report.multiply_adds[net] * floor.share / floor.each
            yield _row(f"*floor: {floor.name}*", [dict.fromkeys(floor.cores, least), {}, {}])
    if report.handed_over is not None:
        asked = report.handed_over
        pairs = [{core: _pair(report, pick, core, asked) for core in CORES} for pick in PICKS]
        yield _row(f"half, then full for {asked:.1%}", pairs)
    yield ""
    for what in ("call", "label"):
        apart = max(counted.apart[what] for counted in report.of.values())
        yield f"A {what} in the second turn: the same to {apart:.2%}."
    yield ""
    yield from _targets(report)


def _row(name: str, counts: Sequence[Counts]) -> str:
    cells = (f"{of[core] / 1e6:.1f}" if core in of else "" for core in CORES for of in counts)
    return f"| {name} | {' | '.join(cells)} |"


def best(report: Report, net: str, core: str, pick: Pick) -> tuple[str, float]:
    """The runtime that takes the fewest instructions on a core, and how many."""
    found = {runtime: pick(report.of[net, runtime]).get(core) for runtime in RUNTIMES}
    counts = {runtime: count for runtime, count in found.items() if count is not None}
    return min(counts.items(), key=lambda pair: pair[1])


def _pair(report: Report, pick: Pick, core: str, asked: float) -> float:
    """Of the two nets in a row on the best runtime: at times the full one's call is added."""
    runtime, of_half = best(report, HALF, core, pick)
    return of_half + asked * report.of[FULL, runtime].call[core]


def _targets(report: Report) -> Iterator[str]:
    yield "| aim | of | call | label |"
    yield "|---|---|---|---|"
    for core, name in CORES.items():
        other, most = ("litert", 2 / 3) if core == "cortex-a76" else ("tflite-runtime", 1 / 3)
        full, half = [], []
        for pick in (_of_call, _of_label):
            runtime, fewest = best(report, FULL, core, pick)
            full.append(_judged(runtime, fewest / pick(report.of[FULL, other])[core], most))
            runtime, fewest_of_half = best(report, HALF, core, pick)
            half.append(_judged(runtime, fewest_of_half / fewest, 1 / 3))
        yield f"| {name}: at most {most:.1%} | {other}, full width | {' | '.join(full)} |"
        yield f"| {name}: at most {1 / 3:.1%} | full width | {' | '.join(half)} |"


def _judged(runtime: str, share: float, most: float) -> str:
    return f"{share:.1%} ({runtime}): {'met' if share <= most else 'not met'}"


def main(words: list[str]) -> int:
    """Print the tables of a folder; returns the exit status."""
    report = read(Path(words[0]))
    if report.missing:
        print("\n".join(report.missing), file=sys.stderr)
        return 1
    print("\n".join(tables(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
