"""The table is for people and the CSV for programs; both say what is not known."""

import csv
import io

from models.compare.cells import DASH
from models.compare.rows import Row
from models.compare.table import as_csv, as_markdown


def cells(page: str, title: str) -> dict[str, str]:
    """A row of the Markdown table by its columns' titles."""
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("|")]
    (row,) = (line for line in lines if line[0] == title)
    return dict(zip(lines[0], row, strict=True))


def test_markdown_has_sizes_speeds_and_accuracies(rows: list[Row]) -> None:
    page = as_markdown(rows, [1, 4], "How it was measured.")

    ours, wide = cells(page, "FastNet, as deployed"), cells(page, "Wide ResNet-28-10")
    assert page.startswith("How it was measured.\n\n| architecture")
    assert ours["parameters, M"] == "1.60"
    assert ours["its paper, M"] == "1.6"
    assert ours["multiply-adds, M"] == "526"
    assert ours["int8, 1 thread"] == "1.00x (2.50 ms)"
    assert ours["int8, 4 threads"] == "1.00x (1.00 ms)"
    assert ours["int8 peak, MB"] == "3.25"
    assert ours["int8 partitions"] == "1"
    assert wide["int8, 1 thread"] == "12.5x (31.2 ms)"
    assert wide["CIFAR-10, %"] == "96.00"
    assert "- Wide ResNet-28-10 (Zagoruyko and Komodakis, arXiv 1605.07146): arXiv" in page


def test_markdown_has_a_dash_for_what_is_not_known(rows: list[Row]) -> None:
    page = as_markdown(rows, [1, 4], "")

    assert cells(page, "FastNet, as deployed")["float peak, MB"] == DASH
    wide = cells(page, "Wide ResNet-28-10")
    assert [wide[column] for column in ("int8, 4 threads", "int8 partitions")] == [DASH, DASH]
    assert {wide[column] for column in wide if column.startswith("float")} == {DASH}
    fractional = cells(page, "Fractional Max-Pooling, 160n")
    assert fractional["parameters, M"] == fractional["its paper, M"] == DASH


def test_markdown_says_why_a_net_is_missing(rows: list[Row]) -> None:
    page = as_markdown(rows, [1], "")

    assert "- Wide ResNet-28-10: no float TFLite of it can be made (out of | memory)" in page
    assert "- Fractional Max-Pooling, 160n: its conversion was killed by signal 9" in page


def test_csv_has_the_same_unrounded(rows: list[Row]) -> None:
    ours, wide, fractional = csv.DictReader(io.StringIO(as_csv(rows, [1, 4])))

    assert ours["parameters"] == "1602314"
    assert ours["paper_parameters"] == "1600000.0"
    assert float(ours["int8_4_threads_ms"]) == 1.0
    assert float(ours["int8_4_threads_spread"]) == 0.02
    assert float(ours["int8_peak_mb"]) == 3.25
    assert float(wide["int8_1_threads_ratio"]) == 12.5
    assert wide["float_mb"] == wide["int8_4_threads_ms"] == wide["int8_partitions"] == ""
    assert fractional["parameters"] == fractional["cifar100_percent"] == ""
    assert fractional["remarks"] == "its conversion was killed by signal 9"
