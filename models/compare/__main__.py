"""Compare FastNet with other architectures: ``python -m models.compare --out FOLDER``.

Each is built with random weights, which its speed does not depend on, converted to int8 and float
TensorFlow Lite, and timed with LiteRT in turn with all the others, on one thread and on all.
"""

import importlib.metadata
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from camera_app.arguments import Parser
from camera_app.errors import ModelError, OutputError, UsageError
from camera_app.inference.selection import usable_cores
from models.command import chosen, command
from models.compare.files import PRECISIONS, Converted, Precision, converted
from models.compare.litert import Net
from models.compare.memory import measured_peak_mb
from models.compare.picture import draw
from models.compare.processor import processor
from models.compare.rows import Measured, Row, accuracies
from models.compare.table import as_csv, as_markdown
from models.compare.turns import Timing, steadiness, time_in_turn
from models.zoo.registry import ENTRIES, FASTNET

REPEATS = 20
"""Rounds; their medians settle to about a per cent on a quiet machine."""


def compare(
    names: Sequence[str], folder: Path, threads: Sequence[int], repeats: int, memory: bool = True
) -> list[Row]:
    """Measure architectures.

    Args:
        names: of the registry, :data:`FASTNET` among them.
        folder: for the nets, which take a gigabyte when all are asked for.
        threads: numbers of threads to time, each in a pass of its own.
        repeats: rounds a pass.
        memory: measure that too.

    Returns:
        A row for each name; what could not be converted or run says so in its row.

    Raises:
        RuntimeUnavailableError: LiteRT is not installed.
        ModelError: FastNet itself cannot be converted or run, so there is nothing to compare with.
    """
    bar = tqdm(names, desc="converting", unit="net", leave=False)
    nets = {name: converted(name, folder) for name in bar}
    failures = {name: list(nets[name].failures) for name in names}
    measured: dict[str, dict[Precision, Measured]] = {name: {} for name in names}
    for precision in PRECISIONS:
        results = _measure(nets, precision, threads, repeats, failures)
        for name, result in results.items():
            measured[name][precision] = result
    if memory:
        _add_memory(nets, measured)
    return [
        Row(
            name,
            ENTRIES[name],
            accuracies(name, ENTRIES[name]),
            nets[name].parameters,
            nets[name].multiply_adds,
            measured[name],
            (*failures[name], *([ENTRIES[name].note] if ENTRIES[name].note else ())),
        )
        for name in names
    ]


def _measure(
    nets: Mapping[str, Converted],
    precision: Precision,
    threads: Sequence[int],
    repeats: int,
    failures: Mapping[str, list[str]],
) -> dict[str, Measured]:
    """Time all files of one precision; a net that does not run adds to its ``failures``."""
    partitions: dict[str, int | None] = {}
    timings: dict[str, dict[int, Timing]] = {}
    for count in threads:
        opened: dict[str, Net] = {}
        for name, net in nets.items():
            if precision not in net.files or (timings and name not in timings):
                continue
            try:
                opened[name] = Net(net.files[precision], count)
            except ModelError as error:
                failures[name].append(str(error))
        if FASTNET not in opened:
            raise ModelError(f"there is nothing to compare with: {'; '.join(failures[FASTNET])}")
        runs = {name: net.run for name, net in opened.items()}
        description = f"{precision}, threads: {count}"
        for name, timing in time_in_turn(runs, FASTNET, repeats, description=description).items():
            timings.setdefault(name, {})[count] = timing
            partitions[name] = opened[name].partitions
    return {
        name: Measured(
            nets[name].files[precision].stat().st_size / 1e6, timings[name], partitions[name], None
        )
        for name in timings
    }


def _add_memory(
    nets: Mapping[str, Converted], measured: Mapping[str, dict[Precision, Measured]]
) -> None:
    bar = tqdm(measured.items(), desc="memory", unit="net", leave=False)
    for name, results in bar:
        for precision, result in results.items():
            peak = measured_peak_mb(nets[name].files[precision])
            results[precision] = Measured(result.size_mb, result.timings, result.partitions, peak)


def machine() -> str:
    """What it was measured on, in a few words."""
    return f"LiteRT {importlib.metadata.version('ai-edge-litert')}, {processor()}"


def _heading(rows: Sequence[Row], threads: Sequence[int], repeats: int) -> str:
    (ours,) = (row for row in rows if row.name == FASTNET)
    spread = max(
        timing.spread for measured in ours.measured.values() for timing in measured.timings.values()
    )
    sentences = [
        f"{len(rows)} architectures on {machine()}.",
        f"Threads: {' and '.join(map(str, threads))}; medians of {repeats} rounds, nets in turn.",
        "Latencies are multiples of what FastNet, as deployed, took in the same round.",
        *steadiness("FastNet", spread),
    ]
    return " ".join(sentences)


def _chosen(only: Sequence[str] | None) -> list[str]:
    """Names in the registry's order, FastNet always among them."""
    wanted = chosen(only, ENTRIES, "architecture")
    return [name for name in ENTRIES if name in wanted or name == FASTNET]


def _write(folder: Path, rows: Sequence[Row], threads: Sequence[int], heading: str) -> None:
    try:
        (folder / "compare.md").write_text(as_markdown(rows, threads, heading), encoding="utf-8")
        (folder / "compare.csv").write_text(as_csv(rows, threads), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write the comparison to {folder}: {error}") from error
    draw(rows, folder / "compare.png", machine())


@command("models.compare")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser(
        "python -m models.compare",
        description="Measure FastNet beside other architectures: size, speed and memory.",
    )
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help=f"of {', '.join(ENTRIES)}; FastNet always is"
    )
    parser.add_argument(
        "--threads", type=int, metavar="N", help="time on N beside 1; default: as many as cores"
    )
    parser.add_argument("--repeats", type=int, default=REPEATS, metavar="N", help="rounds")
    parser.add_argument("--out", type=Path, default=Path("runs/compare"), metavar="FOLDER")
    parser.add_argument("--skip-memory", action="store_true", help="leave peak memory out")
    options = parser.parse_args(arguments)
    if options.repeats < 1 or (options.threads is not None and options.threads < 1):
        raise UsageError("--threads and --repeats must be positive")
    names = _chosen(options.only)
    threads = sorted({1, options.threads or usable_cores()})
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        nets = tempfile.TemporaryDirectory(dir=options.out, prefix="nets-")
    except OSError as error:
        raise OutputError(f"cannot write to {options.out}: {error}") from error
    with nets:
        rows = compare(names, Path(nets.name), threads, options.repeats, not options.skip_memory)
    heading = _heading(rows, threads, options.repeats)
    try:
        print(as_markdown(rows, threads, heading), end="")
    finally:  # an hour of measuring is kept in the one place where the other cannot be written
        _write(options.out, rows, threads, heading)
    return 0


if __name__ == "__main__":
    sys.exit(main())
