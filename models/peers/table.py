"""The comparison as a Markdown page and as CSV."""

from collections.abc import Sequence

from models.compare.cells import DASH, csv_text, line, number, remarks, significant, times
from models.peers.registry import Kind
from models.peers.turns import Row

TITLES = ("", "runs", "a label", "labels per CPU-second", "peak memory, MB", "same label as ours")

KINDS: dict[Kind, str] = {
    "net": "*a picture of the net's size in, a label out*",
    "program": "*a film of such pictures in, a label for each frame out*",
}


def as_markdown(rows: Sequence[Row], heading: str) -> str:
    """A page: one table, who is ahead, and remarks.

    Args:
        rows: in order.
        heading: sentences on how and where it was measured.
    """
    lines = [heading, "", line(TITLES), line(["---", "---", *["---:"] * (len(TITLES) - 2)])]
    for kind, words in KINDS.items():
        of_kind = [row for row in rows if row.peer.kind == kind]
        if of_kind:
            lines.append(line([words, *[""] * (len(TITLES) - 1)]))
        lines += [line(_cells(row)) for row in of_kind]
    lines += ["", *verdicts(rows)]
    lines += remarks((_title(row), row.remarks) for row in rows)
    return "\n".join(lines) + "\n"


def as_csv(rows: Sequence[Row]) -> str:
    """The same with every figure unrounded; what is not known is empty."""
    return csv_text([_record(row) for row in rows])


def verdicts(rows: Sequence[Row]) -> list[str]:
    """For nets and for programs: the best of ours by the best of the others with its weights."""
    return [words for kind in KINDS if (words := _verdict(rows, kind))]


def _verdict(rows: Sequence[Row], kind: Kind) -> str | None:
    ours, others = (
        # By their ratios to the reference: what a slow minute did to both has cancelled out.
        min(
            (
                (row.processor.ratio, _title(row))
                for row in rows
                if row.processor and _competes(row, kind) and row.peer.ours == mine
            ),
            default=None,
        )
        for mine in (True, False)
    )
    if ours is None or others is None:
        return None
    return (
        f"The best {kind} of ours ({ours[1]}) gives {others[0] / ours[0]:.2f} times as many labels "
        f"per CPU-second as the best of the others ({others[1]})."
    )


def _competes(row: Row, kind: Kind) -> bool:
    return row.peer.kind == kind and row.peer.same_weights


def _title(row: Row) -> str:
    return f"{row.peer.title.replace('*', '')}, {row.peer.runs}"


def _cells(row: Row) -> list[str]:
    labels = DASH
    if row.processor is not None:
        labels = f"{1 / row.processor.ratio:.2f}x ({significant(row.labels_per_second)})"
    return [
        row.peer.title,
        row.peer.runs,
        DASH if row.latency is None else times(row.latency),
        labels,
        number(row.peak_mb, 0),
        DASH if row.same_labels is None else f"{row.same_labels:.1%}",
    ]


def _record(row: Row) -> dict[str, object]:
    latency, processor = row.latency, row.processor
    return {
        "name": row.name,
        "title": row.peer.title.replace("*", ""),
        "kind": row.peer.kind,
        "runs": row.peer.runs,
        "ms": latency and latency.ms,
        "ratio": latency and latency.ratio,
        "spread": latency and latency.spread,
        "processor_ms": processor and processor.ms,
        "processor_ratio": processor and processor.ratio,
        "labels_per_cpu_second": row.labels_per_second,
        "peak_mb": row.peak_mb,
        "same_labels": row.same_labels,
        "remarks": " ".join(row.remarks),
    }
