"""The command, from architectures to files: the smallest for true, the others pretended."""

import csv
import dataclasses
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import models.compare.__main__ as command
from camera_app.errors import ModelError, RuntimeUnavailableError
from models.compare import files, litert
from models.compare.__main__ import main
from models.compare.files import Converted
from models.compare.rows import accuracies
from models.compare.turns import Timing
from models.zoo.registry import ENTRIES, FASTNET, FASTNET_HALF

patiently = pytest.mark.timeout(900)
"""Eight processes load TensorFlow or LiteRT: 20 s on a quiet machine, minutes beside a training."""


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comparing the two smallest wrote."""
    folder = tmp_path_factory.mktemp("compared") / "new"
    arguments = ["--only", "resnet8", "--repeats", "1", "--threads", "2", "--out", str(folder)]
    assert main(arguments) == 0
    return folder


def read(folder: Path) -> list[dict[str, str]]:
    with (folder / "compare.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@patiently
def test_two_nets_are_converted_and_measured(compared: Path) -> None:
    rows = read(compared)

    assert [row["name"] for row in rows] == [FASTNET, "resnet8"]
    for row in rows:
        for precision in ("int8", "float"):
            assert float(row[f"{precision}_1_threads_ms"]) > 0
            assert float(row[f"{precision}_2_threads_ratio"]) > 0
            assert float(row[f"{precision}_peak_mb"]) > 0
            # The whole of either net is XNNPACK's.
            assert row[f"{precision}_partitions"] == "1"
    ours, resnet8 = rows
    assert float(ours["int8_1_threads_ratio"]) == 1
    assert resnet8["parameters"] == "78186"
    # A byte a weight, or four, and the description of 9 and 15 convolutions.
    assert 0.078 < float(resnet8["int8_mb"]) < 0.12
    assert 4 * 1.6 < float(ours["float_mb"]) < 4 * 1.6 + 0.1


@patiently
def test_only_the_results_are_left(compared: Path) -> None:
    names = sorted(path.name for path in compared.iterdir())

    assert names == ["compare.csv", "compare.md", "compare.png"]
    page = (compared / "compare.md").read_text(encoding="utf-8")
    assert "| ResNet-8 of MLPerf Tiny |" in page
    assert "medians of 1 rounds" in page


class FakeNet:
    """A net that runs without a file; the one called broken does not."""

    partitions = 3

    def __init__(self, path: Path, threads: int) -> None:  # noqa: ARG002
        if path.name.startswith("resnet8.int8"):
            raise ModelError("LiteRT cannot run resnet8.int8.tflite (operation FOO is unknown)")

    def run(self) -> None:
        """Nothing."""


def pretend(monkeypatch: pytest.MonkeyPatch, nets: Mapping[str, Converted]) -> None:
    """Convert and run nothing."""

    def fake_converted(name: str, folder: Path) -> Converted:  # noqa: ARG001
        for path in nets[name].files.values():
            path.write_bytes(b"net")
        return nets[name]

    monkeypatch.setattr(command, "converted", fake_converted)
    monkeypatch.setattr(command, "Net", FakeNet)


def both(folder: Path, name: str) -> Converted:
    return Converted(
        1000,
        2000,
        {precision: folder / f"{name}.{precision}.tflite" for precision in files.PRECISIONS},
        (),
    )


def test_a_net_that_fails_has_a_row_that_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nets = {
        FASTNET: both(tmp_path, FASTNET),
        "maxout": Converted(None, None, {}, ("its conversion was killed by signal 9",)),
        "resnet8": both(tmp_path, "resnet8"),
    }
    pretend(monkeypatch, nets)

    asked = ["--only", "maxout,resnet8", "--repeats", "1", "--skip-memory"]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0

    ours, maxout, resnet8 = read(tmp_path / "out")
    assert maxout["remarks"] == "its conversion was killed by signal 9"
    assert maxout["int8_1_threads_ms"] == maxout["float_mb"] == ""
    assert "operation FOO is unknown" in resnet8["remarks"]
    assert resnet8["remarks"].count("FOO") == 1
    assert resnet8["int8_mb"] == ""
    assert resnet8["float_partitions"] == "3"
    assert ours["int8_peak_mb"] == ""
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(("spread", "busy"), [(0.02, False), (0.4, True)])
def test_the_page_says_when_the_machine_was_busy(
    spread: float, busy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, {name: both(tmp_path, name) for name in (FASTNET, "maxout")})
    timings = {name: Timing(1, 1, spread) for name in (FASTNET, "maxout")}
    monkeypatch.setattr(command, "time_in_turn", lambda *_, **__: timings)

    assert main(["--only", "maxout", "--skip-memory", "--out", str(tmp_path / "out")]) == 0

    page = (tmp_path / "out" / "compare.md").read_text(encoding="utf-8")
    assert f"spans {spread:.0%}" in page
    assert ("The machine was busy" in page) == busy


def test_fail_without_fastnet_there_is_nothing_to_compare_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nets = {name: both(tmp_path, name) for name in (FASTNET, "resnet8")}
    nets[FASTNET] = dataclasses.replace(nets[FASTNET], files={}, failures=("the disk is full",))
    pretend(monkeypatch, nets)

    assert main(["--only", "resnet8", "--out", str(tmp_path / "out")]) == 1

    assert "the disk is full" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--only", "alexnet"], "there is no architecture alexnet; known are fastnet"),
        (["--repeats", "0"], "--repeats must be positive"),
        (["--threads", "-1"], "--threads and"),
    ],
)
def test_fail_usage(wrong: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(wrong) == 2

    assert words in capsys.readouterr().err


def test_fail_folder_that_cannot_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    assert main(["--out", str(tmp_path / "file" / "out")]) == 1

    assert "cannot write to" in capsys.readouterr().err


def process(status: int, errors: str) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], status, "", errors)


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (process(-9, ""), "was killed by signal 9"),
        (process(1, "Traceback:\nMemoryError: no\n"), "failed (MemoryError: no)"),
        (process(3, ""), "failed (exit status 3)"),
    ],
)
def test_a_converter_that_crashes_is_a_sentence(
    ended: subprocess.CompletedProcess[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "run_module", lambda *_: ended)

    failures = (f"its int8 conversion {words}", f"its float conversion {words}")
    assert files.converted("maxout", tmp_path) == Converted(None, None, {}, failures)


def test_what_cannot_be_converted_is_a_fact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"parameters": 1, "multiply_adds": 2, "failure": "no int8 TFLite of it can be made"}
    files.facts_file(tmp_path, "maxout", "int8").write_text(json.dumps(facts))
    files.facts_file(tmp_path, "maxout", "float").write_text(json.dumps({**facts, "failure": None}))
    monkeypatch.setattr(files, "run_module", lambda *_: process(0, ""))

    answer = files.converted("maxout", tmp_path)

    float_file = files.net_file(tmp_path, "maxout", "float")
    assert answer == Converted(1, 2, {"float": float_file}, ("no int8 TFLite of it can be made",))


def test_fail_file_that_is_no_net(tmp_path: Path) -> None:
    (tmp_path / "bad.tflite").write_bytes(b"not a net")

    with pytest.raises(ModelError, match=r"LiteRT cannot run bad\.tflite"):
        litert.Net(tmp_path / "bad.tflite", 1)


def test_fail_without_litert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)

    with pytest.raises(RuntimeUnavailableError, match="pip install ai-edge-litert"):
        litert.Net(tmp_path / "net.tflite", 1)


def test_the_shipped_nets_accuracy_is_the_measured_one(tmp_path: Path) -> None:
    entry = ENTRIES[FASTNET]

    shipped = accuracies(FASTNET, entry)

    assert shipped.cifar10 is not None
    assert shipped.source != entry.reported.source
    assert accuracies(FASTNET, entry, tmp_path) == entry.reported
    half = accuracies(FASTNET_HALF, ENTRIES[FASTNET_HALF]).cifar10
    assert half is not None
    assert half < shipped.cifar10
    assert accuracies("resnet8", ENTRIES["resnet8"]) == ENTRIES["resnet8"].reported


def test_what_was_measured_is_printed_where_it_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, {FASTNET: both(tmp_path, FASTNET), "resnet8": both(tmp_path, "resnet8")})
    (tmp_path / "out" / "compare.md").mkdir(parents=True)

    asked = ["--only", "resnet8", "--repeats", "1", "--skip-memory"]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 1

    told = capsys.readouterr()
    assert "| ResNet-8 of MLPerf Tiny |" in told.out
    assert "cannot write the comparison to" in told.err
