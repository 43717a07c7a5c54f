"""What the pages of comparisons are put together from: cells, lines, remarks and CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from models.compare.turns import Timing

DASH = "–"
"""Not known, or not measured."""


def line(cells: Sequence[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def number(value: float | None, digits: int) -> str:
    """With so many digits behind the point."""
    return DASH if value is None else f"{value:.{digits}f}"


def significant(value: float | None) -> str:
    """Three digits that count, such as 0.0787, 2.50 and 42.3; whole numbers above them."""
    if value is None:
        return DASH
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:#.3g}"


def times(timing: Timing) -> str:
    """As in "2.31x (6.45 ms)"."""
    return f"{significant(timing.ratio)}x ({significant(timing.ms)} ms)"


def remarks(said: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    """Lines below a table; none if nobody has any.

    Args:
        said: a row's title, and the sentences on it.
    """
    lines = [f"- {title}: {sentence}" for title, sentences in said for sentence in sentences]
    return ["", "Remarks:", "", *lines] if lines else []


def csv_text(records: Sequence[Mapping[str, object]]) -> str:
    """A line each, of the same keys, below a line with these; None is empty."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return file.getvalue()
