"""tests/board/counts.py, which judges what was counted, is judged here without a board."""

import json
from pathlib import Path

import pytest

from tests.board.counts import CORES, FILM, FULL, HALF, PROGRAM, RUNTIMES, main

CALLS = {"tflite-runtime": 140, "litert": 60, "ncnn": 45, "ncnn-float16": 30}
"""Millions of instructions, full width."""


def write_counts(folder: Path, **calls: int) -> None:
    """Of every core; the last one alone has half precision. Half width takes a quarter."""
    for core in CORES:
        lines = []
        for net, share in ((FULL, 4), (HALF, 1)):
            for runtime in RUNTIMES:
                line: dict[str, object] = {"model": net, "runtime": runtime}
                if runtime == "ncnn-float16" and core != "cortex-a76":
                    line["refused"] = "no halves"
                else:
                    call = (CALLS | calls)[runtime] * 250_000 * share
                    line |= {
                        "multiply_adds": 128_000_000 * share,
                        "handed_over": 0.2 if net == HALF else None,
                        "calls": [call + 9, call, call],
                        "label": {PROGRAM: call + 5_000_000, FILM: call + 30_000_000},
                    }
                lines += [line | {"turn": turn} for turn in range(2)]
        (folder / f"{core}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def table_of(capsys: pytest.CaptureFixture[str]) -> dict[str, list[list[str]]]:
    """The cells behind the first one of each row, by that one; by three, a core each."""
    rows: dict[str, list[list[str]]] = {}
    for line in capsys.readouterr().out.splitlines():
        if line.startswith("|"):
            first, *rest = (cell.strip() for cell in line.strip("|").split("|"))
            rows.setdefault(first, []).extend(rest[at : at + 3] for at in range(0, len(rest), 3))
    return rows


def test_calls_labels_and_floors_stand_beside_each_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_counts(tmp_path)

    assert main([str(tmp_path)]) == 0

    rows = table_of(capsys)
    assert rows[f"{FULL}, ncnn"] == [["45.0", "50.0", "75.0"]] * 3
    none = ["", "", ""]
    assert rows[f"{FULL}, ncnn-float16"] == [none, none, ["30.0", "35.0", "60.0"]]
    # 512 M multiply-adds: three instructions for 16, one for 16, and a quarter of them by fours.
    direct, dots, winograd, halves = ([least, "", ""] for least in ("96.0", "32.0", "32.0", "16.0"))
    assert rows["*floor: int8 without dot products*"][:3] == [direct, direct, none]
    assert rows["*floor: int8 with dot products (SDOT)*"][:3] == [none, none, dots]
    assert rows["*floor: int8 by Winograd, F(4x4, 3x3)*"][:3] == [winograd] * 3
    assert rows["*floor: halves by Winograd (FMLA)*"][:3] == [none, none, halves]
    # 11.25 + 0.2 x 45, and on the last core in halves 7.5 + 0.2 x 30.
    pairs = [["20.2", "25.2", "50.2"]] * 2 + [["13.5", "18.5", "43.5"]]
    assert rows["half, then full for 20.0%"] == pairs


def test_an_aim_is_met_or_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_counts(tmp_path, litert=44)

    main([str(tmp_path)])

    rows = table_of(capsys)
    assert rows[f"{CORES['cortex-a53']}: at most 33.3%"][0] == [
        "tflite-runtime, full width",
        "31.4% (litert): met",
        "33.8% (litert): not met",
    ]
    assert rows[f"{CORES['cortex-a76']}: at most 66.7%"][0][1] == "68.2% (ncnn-float16): not met"


@pytest.mark.parametrize("lost", ['"turn": 1', '"refused"'])
def test_what_was_not_counted_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lost: str
) -> None:
    write_counts(tmp_path)
    file = tmp_path / "cortex-a53.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if lost not in line))

    assert main([str(tmp_path)]) == 1

    assert "cortex-a53: not to its end" in capsys.readouterr().err


def test_a_board_that_was_cut_off_or_never_started_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_counts(tmp_path)
    file = tmp_path / "cortex-a53.jsonl"
    file.write_text(file.read_text()[:-20])
    (tmp_path / "cortex-a72.jsonl").unlink()

    assert main([str(tmp_path)]) == 1

    told = capsys.readouterr().err
    assert f"{HALF} on ncnn-float16, cortex-a53" in told
    assert f"{FULL} on ncnn, cortex-a53" not in told
    assert f"{FULL} on ncnn, cortex-a72" in told
