"""Alternatives in turn, and ratios."""

from collections.abc import Callable
from pathlib import Path

import pytest

from camera_app.bench import compare
from camera_app.bench.clip import write_clip
from camera_app.cli import main
from tests.bench.conftest import QUICK, Bench


@pytest.fixture(autouse=True)
def _two_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "ROUNDS", 2)


def test_each_is_measured_beside_the_first(bench: Bench, small_video: Path) -> None:
    names = ["ours", "plain", "model.threads=2,decision.top=1"]
    report = bench("--source", small_video, "--frames", 8, "--compare", *names)
    assert (report["rounds"], report["frames"]) == (2, 8)
    assert list(report["alternatives"]) == names
    for name, figures in report["alternatives"].items():
        for what in ("frame", "call", "processor"):
            ratio = figures[what]
            assert figures[f"{what}_ms"] > 0
            assert 0 < ratio["low"] <= ratio["median"] <= ratio["high"]
            if name == "ours":
                assert set(ratio.values()) == {1.0}
        assert figures["call_ms"] < figures["frame_ms"]


def test_only_a_comma_before_another_key_parts_two_values(bench: Bench) -> None:
    nets = "model.bundle=[fastnet-cifar10-half, fastnet-cifar10],decision.top=1"
    report = bench("--source", "memory", "--frames", 3, "--compare", "ours", nets)
    assert list(report["alternatives"]) == ["ours", nets]


def test_pictures_in_memory_can_be_compared_on(bench: Bench) -> None:
    names = ["model.threads=1", "model.threads=2"]
    report = bench("--source", "memory", "--frames", 5, "--compare", *names)
    assert list(report["alternatives"]) == names


def test_the_table_has_a_line_for_each(told: Callable[..., list[str]], small_video: Path) -> None:
    lines = told("--source", small_video, "--frames", 5, "--compare", "ours", "plain")
    assert [line.split()[0] for line in lines[2:]] == ["ours", "plain"]
    assert "1.00 (1.00-1.00)" in lines[2]


def test_of_two_films_the_one_that_is_too_short_is_named(
    tmp_path: Path, small_video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(tmp_path / "short.mp4", 3)
    other = f"source.uri={tmp_path / 'short.mp4'}"
    words = ["--source", str(small_video), "--frames", "5", "--compare", "ours", other]
    assert main(["bench", *words, *QUICK]) == 1
    assert f"{tmp_path / 'short.mp4'} has too few frames" in capsys.readouterr().err


def test_two_films_can_be_compared(bench: Bench, tmp_path: Path, small_video: Path) -> None:
    write_clip(tmp_path / "other.mp4", 20)
    other = f"source.uri={tmp_path / 'other.mp4'}"
    report = bench("--source", small_video, "--frames", 5, "--compare", "ours", other)
    assert list(report["alternatives"]) == ["ours", other]


def test_recording_can_be_compared(bench: Bench, small_video: Path, tmp_path: Path) -> None:
    recorded = f"record.file={tmp_path / 'video.mkv'}"
    report = bench("--source", small_video, "--frames", 5, "--compare", "ours", recorded)
    assert list(report["alternatives"]) == ["ours", recorded]
    assert not (tmp_path / "video.mkv").exists()
