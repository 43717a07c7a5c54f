"""The program on a file and on pictures in memory: every stage is there, and none is left out."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from camera_app.bench.clip import moving_pictures, write_film
from camera_app.bench.recording import Recording
from camera_app.bench.session import Session
from tests.bench.conftest import QUICK, Bench, numbers_in
from tests.end_to_end import RUNTIME

STAGES = ["source", "crop+resize", "call", "softmax", "decide", "log", "terminal", "loop"]


def check_stages(report: Any, frames: int) -> None:
    assert (report["frames"], report["runtime"]) == (frames, RUNTIME)
    assert sorted(report["stages"]) == sorted(STAGES)
    assert all(number >= 0 for number in numbers_in(report))
    assert report["labels_per_second"] > 0
    assert report["process_processor_ms"] > 0
    assert report["draw"]["p50"] > 0
    for times in [*report["stages"].values(), report["frame"], report["draw"]]:
        assert times["p50"] <= times["p95"] <= times["p99"]
    # Stages leave nothing out, so their means add up to the frame's.
    whole = sum(times["mean"] for times in report["stages"].values())
    assert whole == pytest.approx(report["frame"]["mean"])
    call = report["stages"]["call"]["mean"]
    assert report["beside_call"]["mean"] == pytest.approx(report["frame"]["mean"] - call)


def test_every_figure_of_a_file_is_there(bench: Bench, small_video: Path) -> None:
    report = bench("--source", small_video, "--frames", 20, "--starts", 1)
    check_stages(report, 20)
    assert "160x120" in report["source"]
    assert report["file"]["decode_ms"] > 0
    assert report["file"]["start"]["first_label_seconds"] > 0
    assert report["file"]["start"]["imports_seconds"] > 0


def test_pictures_in_memory_cost_no_decoding(bench: Bench) -> None:
    report = bench("--source", "memory", "--frames", 15)
    check_stages(report, 15)
    assert report["source"] == "pictures in memory, 1280x720"
    assert report["file"] is None
    assert (report["limit"] is None) == (report["limit_reached"] is None)
    if report["limit"]:
        assert report["limit"]["multiply_adds"] == 525_731_072
        call = report["stages"]["call"]["p50"]
        assert report["limit_reached"] == pytest.approx(report["limit_ms"] / call)


def test_the_table_names_every_stage(told: Callable[..., list[str]], small_video: Path) -> None:
    lines = told("--source", small_video, "--frames", 5, "--starts", 1)
    firsts = [line.split()[0] for line in lines if line]
    for word in [*STAGES, "frame", "decode", "draw", "labels", "memory", "first"]:
        assert word in firsts


def test_the_table_of_pictures_in_memory_has_nothing_of_files(
    told: Callable[..., list[str]],
) -> None:
    lines = told("--source", "memory", "--frames", 5)
    assert not [line for line in lines if line.startswith(("decode", "first", "memory"))]


@pytest.mark.parametrize("words", [["--starts", 2], ["--compare", "ours", "plain"]])
def test_what_is_recorded_goes_to_a_place_of_its_own(
    bench: Bench,
    small_video: Path,
    words: list[object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user.yaml").write_text("record: {file: flight.mkv}")
    bench("--source", small_video, "--frames", 5, *words, "--config", "user.yaml")
    assert [path.name for path in tmp_path.iterdir()] == ["user.yaml"]


def test_whoever_looks_is_shown_whole_pictures(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    write_film(film, moving_pictures(2, 640, 480))
    options = argparse.Namespace(source=str(film), model=None, config=None, set=QUICK[1::2])
    source = Recording(Session(tmp_path, options), 1, str(film)).whole()
    source.start()
    frame = source.next_frame(60.0)
    source.stop()
    assert frame is not None
    assert frame.pixels.shape == (480, 640, 3)
