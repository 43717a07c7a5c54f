"""The benchmark on the real program; no test here asserts how long anything takes."""

import gc
import io
import json
import math
import tracemalloc
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from camera_app.app import run
from camera_app.bench.clip import HEIGHT, WIDTH, moving_pictures, write_clip
from camera_app.bench.memory import GrowthLoop, memory_of
from camera_app.bench.stages import spread
from camera_app.cli import main
from camera_app.config import Override, load_config
from camera_app.loop import Limits
from camera_app.outputs.terminal import Terminal
from camera_app.service import StopEvent

QUICK = ["--starts", "1", "--set", "model.runtime=litert", "--set", "model.threads=1"]
"""Measures one candidate instead of choosing among all."""

STAGES = ["source", "crop+resize", "call", "softmax", "decide", "screen", "log", "terminal", "loop"]


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 pictures, 160x120."""
    path = tmp_path_factory.mktemp("bench") / "small.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (160, 120))
    for picture in moving_pictures(40, 160, 120):
        writer.write(picture)
    writer.release()
    return path


def numbers_in(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers_in(inner)]
    return [value] if isinstance(value, int | float) else []


def test_every_figure_is_there(small_video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--source", str(small_video), "--frames", "20", "--json", *QUICK]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["frames"] == 20
    assert report["runtime"] == "litert"
    assert "160x120" in report["source"]
    assert sorted(report["stages"]) == sorted(STAGES)
    assert all(math.isfinite(number) and number >= 0 for number in numbers_in(report))
    assert report["labels_per_second"] > 0
    assert report["decode_ms"] > 0
    assert report["draw"]["p50"] > 0
    assert report["start"]["first_label_seconds"] > 0
    assert report["start"]["imports_seconds"] > 0
    for times in [*report["stages"].values(), report["frame"]]:
        assert times["p50"] <= times["p95"]
    # Stages leave nothing out, so their means add up to the frame's.
    whole = sum(times["mean"] for times in report["stages"].values())
    assert whole == pytest.approx(report["frame"]["mean"])
    call = report["stages"]["call"]["mean"]
    assert report["beside_call"]["mean"] == pytest.approx(report["frame"]["mean"] - call)


def test_the_table_names_every_stage(small_video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--source", str(small_video), "--frames", "5", *QUICK]) == 0
    lines = capsys.readouterr().out.splitlines()
    firsts = [line.split()[0] for line in lines if line]
    for word in [*STAGES, "frame", "decode", "labels", "memory", "first"]:
        assert word in firsts


def test_memory_is_looked_at_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--growth", "50", "--json", *QUICK]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["frames"] == 50
    for when in ("early", "late"):
        assert 0 < report[when]["resident_mb"] <= report[when]["peak_mb"]


def test_a_still_scene_is_measured_with_the_net_resting_and_without(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camera_app.bench.SETTLE_SECONDS", 0.5)
    assert main(["bench", "--idle", "1", "--json", *QUICK]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["active"]["spared"], report["idle"]["spared"]) == (0.0, 1.0)
    assert report["runtime"] == "litert"
    assert "640x480" in report["source"]
    assert report["share"] == pytest.approx(
        report["idle"]["processor"] / report["active"]["processor"]
    )
    assert report["share"] < 1


def test_a_still_scene_is_told_in_four_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camera_app.bench.SETTLE_SECONDS", 0.1)
    assert main(["bench", "--idle", "1", *QUICK]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["a", "active:", "idle:", "idle"]


def test_nothing_is_kept_of_a_frame_that_is_done(tmp_path: Path) -> None:
    """Traced, not resident, memory: every byte that Python and NumPy hold."""
    clip = tmp_path / "clip.mp4"
    write_clip(clip, 1)
    settings = {
        "source.uri": str(clip),
        "display.window": False,
        "log.file": str(tmp_path / "labels.jsonl"),
        "model.runtime": "litert",
        "model.threads": 1,
    }
    config = load_config(None, [Override(path, value, "") for path, value in settings.items()])

    def traced() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    frames = 400
    growth = GrowthLoop(frames, traced)
    tracemalloc.start()
    try:
        run(
            config,
            Limits(frames=frames),
            Terminal(io.StringIO()),
            StopEvent(),
            make_loop=growth.make_loop,
        )
    finally:
        tracemalloc.stop()
    # A time and an age are kept of the last frames, 32 bytes each; a frame's smallest part that
    # could be kept by mistake, its crop, has 3,072.
    assert growth.late - growth.early < 200 * frames


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--frames", "0"], "expected a whole number from 1, not '0'"),
        (["--frames", "ten"], "not 'ten'"),
        (["--growth", "5", "--source", "x.mp4"], "--growth plays pictures from memory"),
        (["--idle", "5", "--source", "x.mp4"], "--idle plays pictures from memory"),
        (["--idle", "--growth"], "--growth and --idle are two measurements"),
        (["--sauce", "x"], "unrecognized arguments: --sauce x"),
        (["--set", "model.tempo=1"], "model.tempo"),
        (["--source", "there-is-none.mp4"], "there is no file 'there-is-none.mp4'"),
        (["--source", "demo"], "frames of a live source are waited for"),
        (["--model", "no-such-net"], "no model 'no-such-net'"),
    ],
)
def test_a_mistake_gets_one_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = [] if words[0] == "--model" else QUICK
    assert main(["bench", *words, *quick]) in (1, 2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err
    assert captured.err.count("\n") == 1


def test_a_video_too_short_to_measure_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(tmp_path / "short.mp4", 3)
    assert main(["bench", "--source", str(tmp_path / "short.mp4"), *QUICK]) == 1
    assert "short.mp4 has too few frames to measure" in capsys.readouterr().err


def test_the_median_and_the_nearest_rank() -> None:
    times = spread([n / 1000 for n in range(1, 101)])
    assert (times.p50, times.p95, times.mean) == pytest.approx((50.5, 95.0, 50.5))
    assert spread([0.002]).p95 == pytest.approx(2.0)


def test_moving_pictures_move_and_are_the_same_each_time(tmp_path: Path) -> None:
    first, second = moving_pictures(2, 64, 48)
    assert first.shape == (48, 64, 3)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, next(moving_pictures(1, 64, 48)))
    write_clip(tmp_path / "clip.mp4", 2)
    capture = cv2.VideoCapture(str(tmp_path / "clip.mp4"))
    assert capture.read()[1].shape == (HEIGHT, WIDTH, 3)
    capture.release()


def test_a_process_that_is_gone_has_no_memory() -> None:
    assert memory_of(2**22 + 1).resident_mb is None  # above Linux's highest process id
    assert (memory_of().resident_mb or 0) > 0
