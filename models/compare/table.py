"""The comparison as a Markdown table and as CSV."""

from collections.abc import Callable, Sequence

from models.compare.cells import DASH, csv_text, line, number, remarks, significant, times
from models.compare.files import PRECISIONS, Precision
from models.compare.rows import Measured, Row


def as_markdown(rows: Sequence[Row], threads: Sequence[int], heading: str) -> str:
    """A page with one table for people: sizes, then speed, then accuracy.

    Args:
        rows: in order.
        threads: numbers of threads that were timed.
        heading: sentences on how and where it was measured.
    """
    columns = _columns(threads)
    lines = [heading, "", line(list(columns)), line(["---", *["---:"] * (len(columns) - 1)])]
    lines += [line([show(row) for show in columns.values()]) for row in rows]
    lines += ["", "Who reports the accuracies:", ""]
    lines += [f"- {row.entry.title} ({row.entry.paper}): {row.reported.source}" for row in rows]
    lines += remarks((row.entry.title, row.remarks) for row in rows)
    return "\n".join(lines) + "\n"


def as_csv(rows: Sequence[Row], threads: Sequence[int]) -> str:
    """The same with every figure unrounded; what is not known is empty."""
    return csv_text([_record(row, threads) for row in rows])


def _columns(threads: Sequence[int]) -> dict[str, Callable[[Row], str]]:
    """Titles, and what to show below them."""
    columns: dict[str, Callable[[Row], str]] = {
        "architecture": lambda row: row.entry.title,
        "parameters, M": lambda row: significant(_million(row.parameters)),
        "its paper, M": _stated,
        "multiply-adds, M": lambda row: significant(_million(row.multiply_adds)),
    }
    for precision in PRECISIONS:
        columns[f"{precision}, MB"] = _of(precision, lambda m: significant(m.size_mb))
    for precision in PRECISIONS:
        for count in threads:
            columns[f"{precision}, {_threads(count)}"] = _of(precision, _latency(count))
    for precision in PRECISIONS:
        columns[f"{precision} peak, MB"] = _of(precision, lambda m: significant(m.peak_mb))
    for precision in PRECISIONS:
        columns[f"{precision} partitions"] = _of(precision, lambda m: number(m.partitions, 0))
    columns["CIFAR-10, %"] = lambda row: number(row.reported.cifar10, 2)
    columns["CIFAR-100, %"] = lambda row: number(row.reported.cifar100, 2)
    return columns


def _of(precision: Precision, show: Callable[[Measured], str]) -> Callable[[Row], str]:
    """The cell of a file that may not exist."""

    def cell(row: Row) -> str:
        measured = row.measured.get(precision)
        return DASH if measured is None else show(measured)

    return cell


def _latency(threads: int) -> Callable[[Measured], str]:
    """A cell such as "2.31x (6.45 ms)"."""

    def cell(measured: Measured) -> str:
        timing = measured.timings.get(threads)
        if timing is None:
            return DASH
        return times(timing)

    return cell


def _stated(row: Row) -> str:
    stated = row.entry.stated
    if stated is None:
        return DASH
    words = f"{'>' if stated.at_least else ''}{stated.parameters / 1e6:.3g}"
    return words if stated.classes == 10 else f"{words} ({stated.classes} classes)"


def _million(value: int | None) -> float | None:
    return None if value is None else value / 1e6


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _record(row: Row, threads: Sequence[int]) -> dict[str, object]:
    stated, reported = row.entry.stated, row.reported
    record: dict[str, object] = {
        "name": row.name,
        "title": row.entry.title,
        "paper": row.entry.paper,
        "parameters": row.parameters,
        "paper_parameters": stated and stated.parameters,
        "paper_parameters_classes": stated and stated.classes,
        "paper_parameters_source": stated and stated.source,
        "multiply_adds": row.multiply_adds,
        "cifar10_percent": reported.cifar10,
        "cifar100_percent": reported.cifar100,
        "accuracy_source": reported.source,
    }
    for precision in PRECISIONS:
        measured = row.measured.get(precision)
        record[f"{precision}_mb"] = measured and measured.size_mb
        record[f"{precision}_peak_mb"] = measured and measured.peak_mb
        record[f"{precision}_partitions"] = measured and measured.partitions
        for count in threads:
            timing = measured and measured.timings.get(count)
            record[f"{precision}_{count}_threads_ms"] = timing and timing.ms
            record[f"{precision}_{count}_threads_ratio"] = timing and timing.ratio
            record[f"{precision}_{count}_threads_spread"] = timing and timing.spread
    return {**record, "remarks": " ".join(row.remarks)}
