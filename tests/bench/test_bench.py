"""The command: what it refuses."""

import io
import sys
import tempfile
from pathlib import Path

import pytest

from camera_app import bench
from camera_app.bench.clip import write_clip
from camera_app.bench.report import Report
from camera_app.cli import main
from camera_app.errors import OutputError
from tests.bench.conftest import QUICK


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--frames", "0"], "expected a whole number from 1, not '0'"),
        (["--frames", "ten"], "not 'ten'"),
        (["--growth", "5", "--source", "x.mp4"], "--growth plays pictures from memory"),
        (["--idle", "5", "--source", "x.mp4"], "--idle plays pictures from memory"),
        (["--live", "--source", "x.mp4"], "--live plays pictures from memory"),
        (["--live", "0"], "expected a whole number from 1, not '0'"),
        (
            ["--live", "30", "--frames", "5"],
            "--frames does not count for --live: leave --frames away",
        ),
        (["--growth", "--frames", "5"], "--frames does not count for --growth: write --growth N"),
        (["--idle", "--seconds", "1"], "--seconds does not count for --idle: write --idle SECONDS"),
        (["--seconds", "1"], "--seconds does not count for a recording: leave --seconds away"),
        (["--compare", "ours", "plain", "--starts", "1"], "--starts does not count for --compare"),
        (["--idle", "--growth"], "--growth and --idle are two measurements"),
        (["--live", "--compare", "ours", "plain"], "--live and --compare are two measurements"),
        (["--compare"], "expected at least one argument"),
        (["--compare", "ours"], "--compare takes two alternatives or more"),
        (["--compare", "ours", "ours"], "--compare takes two alternatives or more, each once"),
        (["--compare", "ours", "theirs"], "--compare theirs: expected ours, plain or key.path="),
        (["--compare", "ours", "=1"], "--compare =1: expected ours, plain or key.path="),
        (["--compare", "ours", "model.tempo=1"], "--compare model.tempo=1: unknown key"),
        (["--compare", "ours", "model.threads=["], "--compare model.threads=[: the value is not"),
        (["--compare", "ours", "model.threads=1,x"], "--compare model.threads=1,x: model.threads:"),
        (["--compare", "ours", "model.bundle=[no-net, b]"], "no model 'no-net'"),
        (["--compare", "ours", "log.file=none"], "--compare cannot tell what log.file changes"),
        (["--compare", "ours", "log.max_bytes=10000"], "cannot tell what log.max_bytes changes"),
        (["--compare", "ours", "model.bundle=no-such-net"], "no model 'no-such-net'"),
        (["--compare", "ours", "plain", "--source", "memory"], "the plain loop reads a video"),
        (["--picture", "x.svg"], "--picture writes .png or .jpg, not 'x.svg'"),
        (["--picture", "no/such/x.png"], "there is no folder 'no/such'"),
        (["--picture", "\udcff.png"], "the name is not UTF-8"),
        (["--picture", "x.png", "--idle"], "--picture shows the stages of a recording"),
        (["--sauce", "x"], "unrecognized arguments: --sauce x"),
        (["--set", "model.tempo=1"], "model.tempo"),
        (["--source", "there-is-none.mp4"], "there is no file 'there-is-none.mp4'"),
        (["--set", "source.uri=x.mp4"], "--set source.uri=x.mp4: what is labelled is named with"),
        (["--live", "--set", "source.uri=0"], "what is labelled is named with --source"),
        (["--live", "--source", ""], "--live plays pictures from memory"),
        (["--compare", "ours", "source.uri=demo"], "frames of a live source are waited for"),
        (["--compare", "ours", "source.uri=none.mp4"], "there is no file 'none.mp4'"),
        (
            ["--source", "memory", "--compare", "ours", "source.uri=x.mp4"],
            "--compare source.uri=x.mp4: pictures in memory take its place",
        ),
        (["--source", "demo"], "frames of a live source are waited for"),
        (["--model", "no-such-net"], "no model 'no-such-net'"),
        (["--model", "no-such-net", "--model", "fastnet-cifar10"], "no model 'no-such-net'"),
        (["--model", "a", "--model", "b", "--model", "c"], "expected text or a list of two texts"),
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


@pytest.mark.parametrize("words", [[], ["--compare", "plain", "ours"]])
def test_a_video_too_short_to_measure_is_said(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write_clip(tmp_path / "short.mp4", 3)
    assert main(["bench", "--source", str(tmp_path / "short.mp4"), *words, *QUICK]) == 1
    captured = capsys.readouterr().err
    assert "short.mp4" in captured
    assert "frames" in captured
    assert captured.count("\n") == 1


@pytest.mark.parametrize("runtime", ["auto", "ncnn", "litert"])
def test_without_a_library_for_it_the_plain_loop_is_refused(
    runtime: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("ai_edge_litert", "ai_edge_litert.interpreter", "tflite_runtime"):
        monkeypatch.setitem(sys.modules, library, None)
    words = ["--compare", "ours", "plain", "--set", f"model.runtime={runtime}"]
    assert main(["bench", *words]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "litert cannot be loaded" in captured.err
    assert captured.err.count("\n") == 1


def test_without_a_temporary_folder_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert main(["bench"]) == 1
    captured = capsys.readouterr().err
    assert "TMPDIR" in captured
    assert captured.count("\n") == 1


class Measured(Report):
    """A report whose picture cannot be written."""

    def __init__(self) -> None:
        """Nothing was measured."""

    def as_dict(self) -> dict[str, object]:
        return {"frames": 3}

    def as_text(self) -> str:
        return "3 frames"

    def draw_to(self, path: Path) -> None:
        raise OutputError(f"cannot write {path}")


@pytest.fixture
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_measure", lambda *_: Measured())


@pytest.mark.usefixtures("_measured")
@pytest.mark.parametrize(
    ("words", "said"), [([], "3 frames\n"), (["--json"], '{\n  "frames": 3\n}\n')]
)
def test_a_picture_that_cannot_be_written_takes_no_figures_with_it(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--picture", str(tmp_path / "x.png"), *words]) == 1
    captured = capsys.readouterr()
    assert captured.out == said
    assert "cannot write" in captured.err


@pytest.mark.usefixtures("_measured")
def test_a_report_that_cannot_be_printed_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with io.TextIOWrapper(io.FileIO("/dev/full", "w")) as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["bench", "--json"]) == 1
    captured = capsys.readouterr().err
    assert captured == "camera_app: cannot print: No space left on device\n"
