"""Real pixels through the real model: the log is checked label for label."""

import io
import itertools
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.app import run
from camera_app.config import load_config, parse_override
from camera_app.errors import OutputError, SourceError, UsageError
from camera_app.inference.bundle import Bundle
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.net import Net
from camera_app.inference.smoothing import Smoother
from camera_app.loop import Limits
from camera_app.outputs.terminal import Level, Terminal
from camera_app.parts import default_log_path
from camera_app.service import StopEvent
from camera_app.sources.discovery import list_sources
from camera_app.sources.fake import FakeReader
from camera_app.sources.live import LiveSource
from tests.end_to_end import (
    PATIENCE_SECONDS,
    QUICK,
    RUNTIME,
    Camera,
    Oracle,
    Pixels,
    complaints,
    decoded,
    events,
    picture,
    read_log,
    timeless,
    write_video,
)

FILM = [picture(number) for number in range(12)]
ALONE = ("--set", "decision.smoothing_seconds=0", "--set", "decision.dwell_seconds=0")
"""Each frame is answered by itself."""


def run_here(
    folder: Path, *settings: str, limits: Limits | None = None, level: Level = Level.NORMAL
) -> tuple[Path, str]:
    """Run the program in this process: the log, and what it printed."""
    log, printed = folder / "log.jsonl", io.StringIO()
    always = [f"log.file={log}", "display.window=false", f"model.runtime={RUNTIME}"]
    chosen = [parse_override(text) for text in [*always, "model.threads=1", *settings]]
    terminal = Terminal(printed, level)
    assert run(load_config(None, chosen), limits or Limits(), terminal, StopEvent()) == 0
    return log, printed.getvalue()


def test_every_frame_has_the_label_that_the_net_gives(camera: Camera, oracle: Oracle) -> None:
    film = write_video(camera.folder / "film.mp4", FILM)
    result = camera.run(*QUICK, *ALONE, "--log-every-frame", "--source", "film.mp4")
    assert (result.returncode, result.stderr) == (0, "")

    expected = [oracle.answer(frame) for frame in decoded(film)]
    labels = [label for label, _ in expected]
    assert len(set(labels)) > 1, "pictures that all look alike to the net prove little"

    frames = events(camera.log, "frame")
    assert [event["frame"] for event in frames] == list(range(len(FILM)))
    assert [event["label"] for event in frames] == labels
    assert [event["confidence"] for event in frames] == pytest.approx(
        [confidence for _, confidence in expected], abs=1e-4
    )
    changes = events(camera.log, "label")
    runs = [label for label, _ in itertools.groupby(labels)]
    assert [event["label"] for event in changes] == runs
    assert [event["previous"] for event in changes] == [None, *runs[:-1]]
    first, last = read_log(camera.log)[0], read_log(camera.log)[-1]
    assert (first["event"], last["event"]) == ("start", "stop")
    assert (last["frames"], last["skipped"]) == (len(FILM), 0)
    assert last["labels"] == {label: labels.count(label) for label in sorted(set(labels))}
    assert f"{len(FILM)} frames in " in result.stdout


def test_the_three_likeliest_labels_are_logged(camera: Camera, oracle: Oracle) -> None:
    film = write_video(camera.folder / "film.mp4", FILM[:2])
    log, _ = run_here(
        camera.folder,
        f"source.uri={film}",
        "log.every_frame=true",
        "decision.smoothing_seconds=0",
        "decision.top=3",
    )
    for event, frame in zip(events(log, "frame"), decoded(film), strict=True):
        probabilities = oracle.probabilities(frame)
        best = np.argsort(-probabilities, kind="stable")[:3]  # int8 logits are often equal
        assert [label for label, _ in event["top"]] == [oracle.labels[i] for i in best]
        assert [p for _, p in event["top"]] == pytest.approx(probabilities[best], abs=1e-4)


def test_a_film_is_smoothed_in_its_own_time(camera: Camera, oracle: Oracle) -> None:
    scenes = [shown for shown in FILM for _ in range(10)]
    film = write_video(camera.folder / "film.mp4", scenes, fps=20.0)
    # Low thresholds, so that these drawings, which are like nothing in particular, are named.
    thresholds = {"unknown_below": 0.0, "enter": 0.15, "exit": 0.1}
    chosen = [f"decision.{name}={value}" for name, value in thresholds.items()]
    chosen.append("model.mirrored=false")  # the oracle looks once
    log, printed = run_here(camera.folder, f"source.uri={film}", *chosen)

    usual = load_config().decision
    smoother = Smoother(
        oracle.labels,
        **thresholds,
        smoothing_seconds=usual.smoothing_seconds,
        dwell_seconds=usual.dwell_seconds,
        top=usual.top,
    )
    expected = [
        smoother.update(oracle.probabilities(frame).astype(np.float32), index / 20.0).label
        for index, frame in enumerate(decoded(film))
    ]
    changed = [
        index for index, label in enumerate(expected) if index == 0 or label != expected[index - 1]
    ]
    assert len(changed) > 1
    assert [(event["frame"], event["label"]) for event in events(log, "label")] == [
        (index, expected[index]) for index in changed
    ]
    for index in changed:
        assert expected[index] in printed


def test_the_same_film_gives_the_same_log(camera: Camera) -> None:
    write_video(camera.folder / "film.mkv", FILM * 2)
    logs = [camera.folder / "one.jsonl", camera.folder / "two.jsonl"]
    for log in logs:
        result = camera.run(
            *QUICK, "--quiet", "--log-every-frame", "--source", "film.mkv", "--log", log
        )
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    one, two = (timeless(log.read_bytes()) for log in logs)
    assert one == two
    assert len(events(logs[0], "frame")) == 2 * len(FILM)
    # The comparison is one of labels, not of what is left when everything is taken out.
    assert b'"label":"' in one
    assert b'"confidence":0.' in one


def test_pictures_stand_alone_and_the_unreadable_are_skipped_counted_and_said(
    camera: Camera, oracle: Oracle
) -> None:
    folder = camera.folder / "pictures"
    folder.mkdir()
    names = ["9.png", "10.png", "b.png", "last.png"]
    for name, number in zip(names, (4, 7, 9, 11), strict=True):
        cv2.imwrite(str(folder / name), FILM[number])
    (folder / "a.jpg").write_bytes(b"no picture at all")
    (folder / "z.png").write_bytes((folder / "b.png").read_bytes()[:200])
    (folder / "notes.txt").write_text("not shown")
    result = camera.run(*QUICK, "--log-every-frame", "--source", "pictures")

    assert result.returncode == 0
    said = result.stderr.splitlines()
    assert [line for line in said if "a.jpg" in line and "skipped" in line] == [said[0]]
    assert [line for line in said if "z.png" in line and "skipped" in line] == [said[1]]
    assert len(said) == 2
    frames = events(camera.log, "frame")
    assert [event["name"] for event in frames] == names
    assert [event["label"] for event in frames] == [
        oracle.answer(FILM[number])[0] for number in (4, 7, 9, 11)
    ]
    assert events(camera.log, "source")[-1]["message"].endswith("unreadable and skipped: 2")
    stop = read_log(camera.log)[-1]
    assert (stop["event"], stop["frames"], stop["skipped"]) == ("stop", 4, 2)


def test_the_annotated_video_has_every_frame_and_plays_at_the_same_rate(
    camera: Camera,
) -> None:
    drawn = [picture(number, 321, 243) for number in range(12)]
    film = write_video(camera.folder / "film.avi", drawn, fps=12.0, codec="MJPG")
    _, printed = run_here(
        camera.folder, f"source.uri={film}", f"record.file={camera.folder}/out.mp4"
    )
    assert "recording: " in printed
    before, after = decoded(film), decoded(camera.folder / "out.mp4")
    assert [frame.shape for frame in after] == [frame.shape for frame in before]
    capture = cv2.VideoCapture(str(camera.folder / "out.mp4"))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(12.0)
    # Something is drawn on the picture, and it is still this picture.
    for one, other in zip(before, after, strict=True):
        difference = cv2.absdiff(one, other)
        assert difference.max() > 100
        assert np.median(difference) < 12


def test_so_many_frames(camera: Camera) -> None:
    film = write_video(camera.folder / "film.mp4", FILM)
    log, printed = run_here(camera.folder, f"source.uri={film}", limits=Limits(frames=5))
    assert read_log(log)[-1]["frames"] == 5
    assert "5 frames in " in printed
    assert events(log, "source") == []


@pytest.mark.parametrize(("source", "aged"), [("film.mp4", False), ("demo", True)])
def test_only_a_live_picture_has_an_age(camera: Camera, source: str, aged: bool) -> None:
    film = write_video(camera.folder / "film.mp4", FILM)
    uri = film if source == film.name else source
    limits = Limits(frames=40)
    _, printed = run_here(camera.folder, f"source.uri={uri}", limits=limits, level=Level.VERBOSE)
    assert "prepare " in printed
    assert (", age " in printed) == aged


def test_so_many_seconds(camera: Camera) -> None:
    log, _ = run_here(camera.folder, "source.uri=demo", limits=Limits(seconds=0.5))
    assert read_log(log)[-1]["run_ms"] >= 500


@pytest.mark.parametrize(("idle", "runs"), [(True, 1), (False, 20)])
def test_a_camera_that_sees_nothing_new_lets_the_net_rest(
    camera: Camera, monkeypatch: pytest.MonkeyPatch, idle: bool, runs: int
) -> None:
    shown: list[int] = []

    class Still(FakeReader):
        def read(self) -> tuple[Pixels, None]:
            return FILM[0], None

    class Counting(FakeRuntime):
        def run(self, crop: Pixels) -> NDArray[np.float32]:
            shown.append(len(crop))
            return super().run(crop)

    def open_net(bundle: Bundle, *_arguments: object) -> Net:
        return Net(bundle, Counting([np.arange(10.0)]), "runs on a fake")

    monkeypatch.setattr("camera_app.parts.make_source", lambda *_, **__: LiveSource(Still()))
    monkeypatch.setattr("camera_app.app.open_net", open_net)
    log, _ = run_here(
        camera.folder, "log.every_frame=true", f"power.idle={idle}", limits=Limits(frames=20)
    )
    assert len(shown) == runs + 1  # the first picture is looked at both ways
    assert len({event["top"][0][0] for event in events(log, "frame")}) == 1
    calls = [event["invoke_ms"] for event in events(log, "frame")]
    assert (len(calls), calls.count(None)) == (20, 20 - runs)


@pytest.mark.parametrize(
    ("settings", "square"),
    [
        (["display.window=false"], 192),
        (["display.window=false", "record.file=out.mp4"], None),
        (["display.window=true"], None),
    ],
)
def test_a_camera_need_not_give_more_than_anybody_looks_at(
    monkeypatch: pytest.MonkeyPatch, settings: list[str], square: int | None
) -> None:
    asked: dict[str, object] = {}

    def make_source(_uri: str, **options: object) -> LiveSource:
        asked.update(options)
        raise SourceError("that is all there is to see")

    monkeypatch.setattr("camera_app.parts.make_source", make_source)
    chosen = [f"model.runtime={RUNTIME}", "model.threads=1", *settings]
    config = load_config(None, [parse_override(text) for text in chosen])
    with pytest.raises(SourceError, match="all there is"):
        run(config, Limits(), Terminal(io.StringIO()), StopEvent())
    assert asked["square"] == square


def test_without_a_log_nothing_is_written(camera: Camera) -> None:
    film = write_video(camera.folder / "film.mp4", FILM[:2])
    log, _ = run_here(camera.folder, f"source.uri={film}", "log.file=none")
    assert list(camera.folder.iterdir()) == [film]
    assert not log.exists()


def test_the_log_may_go_to_standard_error(camera: Camera) -> None:
    done = camera.run(*QUICK, "--source", "demo", "--frames", "2", "--log", "/dev/stderr")
    assert done.returncode == 0
    lines = [json.loads(line)["event"] for line in complaints(done.stderr)]
    assert (lines[0], lines[-1]) == ("start", "stop")


def test_the_program_ends_once_nobody_reads_the_log_that_it_prints(camera: Camera) -> None:
    arguments = ("--quiet", "--source", "demo", "--log", "/dev/stdout", "--log-every-frame")
    with camera.running(*QUICK, *arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["event"] == "start"
        process.stdout.close()
        assert complaints(process.stderr.read()) == []
        assert process.wait(PATIENCE_SECONDS) == 0


def test_turned_and_mirrored(camera: Camera, oracle: Oracle) -> None:
    file = camera.folder / "one.png"
    cv2.imwrite(str(file), FILM[3])
    log, _ = run_here(
        camera.folder,
        f"source.uri={file}",
        "source.rotate=90",
        "source.flip=horizontal",
        "model.mirrored=false",  # the oracle looks once
    )
    turned = np.ascontiguousarray(np.rot90(FILM[3], -1)[:, ::-1])
    label, confidence = oracle.answer(turned)
    (event,) = events(log, "label")
    assert event["label"] == label
    assert event["confidence"] == pytest.approx(confidence, abs=1e-4)
    assert confidence != pytest.approx(oracle.answer(FILM[3])[1], abs=1e-4)


def test_without_a_camera_it_says_so_in_one_line_and_shows_the_demo(camera: Camera) -> None:
    if len(list_sources()) > 1:
        pytest.skip("this machine has a camera")
    result = camera.run("--set", "model.threads=1", "--frames", "3", env={"DISPLAY": ":4711"})
    assert result.returncode == 0
    said = [line for line in result.stdout.splitlines() if "no camera was found" in line]
    assert said[0].startswith("source: built-in demo")
    # The display that is not there is worth one warning, not the end.
    (warning,) = complaints(result.stderr)
    assert warning.startswith("camera_app: no window: the display :4711 ")
    assert read_log(camera.log)[-1]["frames"] == 3
    # With the runtime left to the program, it says what it chose.
    assert "runs on " in result.stdout


def test_the_log_lies_where_the_user_keeps_such_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for useless in ("", "relative/path"):
        monkeypatch.setenv("XDG_STATE_HOME", useless)
        assert default_log_path() == tmp_path / ".local/state/camera-app/labels.jsonl"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert default_log_path() == tmp_path / "state/camera-app/labels.jsonl"


@pytest.mark.parametrize("key", ["log.file", "record.file"])
def test_fail_a_dash_is_no_file(camera: Camera, key: str) -> None:
    with pytest.raises(UsageError, match="'-' is no file"):
        run_here(camera.folder, "source.uri=demo", f"{key}='-'")


def test_a_user_without_a_home_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    with pytest.raises(OutputError, match=r"no home folder .* --log"):
        default_log_path()
