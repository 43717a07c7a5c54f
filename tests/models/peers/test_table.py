"""One table for nets and programs, in words who is ahead, and the same as CSV."""

import csv
import io

import pytest

from models.compare.turns import Timing
from models.peers.registry import PEERS
from models.peers.table import as_csv, as_markdown, verdicts
from models.peers.turns import Row


def row(name: str, ratio: float | None, **more: object) -> Row:
    timing = None if ratio is None else Timing(2 * ratio, ratio, 0.01)
    return Row(name, PEERS[name], timing, timing, **more)  # type: ignore[arg-type]


@pytest.fixture
def rows() -> list[Row]:
    return [
        row("litert", 1.0, peak_mb=91.4, same_labels=1.0),
        row("onnxruntime-float", None, remarks=("onnx | is not installed",)),
        row("ncnn-plain", 0.8, peak_mb=None, same_labels=0.999),
        row("resnet8", 0.1),
        row("program-litert", 1.0),
        row("mediapipe-program", 1.6),
    ]


def test_a_line_for_each_under_its_kind(rows: list[Row]) -> None:
    lines = as_markdown(rows, "Measured.").splitlines()

    table = [line for line in lines if line.startswith("|")]
    assert len({line.count("|") for line in table}) == 1
    assert lines[0] == "Measured."
    assert "| **ours**, LiteRT | int8 | 1.00x (2.00 ms) | 1.00x (500) | 91 | 100.0% |" in table
    plain = "| ncnn, as it comes | float | 0.800x (1.60 ms) | 1.25x (625) | – | 99.9% |"
    assert plain in table
    assert "| ONNX Runtime | float | – | – | – | – |" in table
    kinds = [number for number, line in enumerate(table) if line.startswith("| *")]
    first = [table[number + 1].split(",")[0] for number in kinds if "**" not in table[number]]
    assert first == ["| **ours**", "| **our program**"]
    assert "- ONNX Runtime, float: onnx | is not installed" in lines


def test_a_peer_that_is_ahead_is_named(rows: list[Row]) -> None:
    nets, programs = verdicts(rows)

    # The net that is there for scale has other weights and does not compete.
    assert "(ours, LiteRT, int8) gives 0.80 times" in nets
    assert "ncnn, as it comes, float" in nets
    assert "1.60 times as many labels" in programs


def test_nobody_to_compare_with_is_no_verdict(rows: list[Row]) -> None:
    assert verdicts(rows[:2]) == []


def test_csv_has_all_figures_unrounded(rows: list[Row]) -> None:
    records = list(csv.DictReader(io.StringIO(as_csv(rows))))

    assert [record["name"] for record in records] == [row.name for row in rows]
    assert float(records[2]["labels_per_cpu_second"]) == pytest.approx(625)
    assert float(records[2]["same_labels"]) == 0.999
    assert records[1]["ms"] == records[1]["peak_mb"] == ""
    assert records[1]["remarks"] == "onnx | is not installed"
    assert records[0]["title"] == "ours, LiteRT"
