"""What is done for somebody who looks, on a real X server and without one."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from camera_app.bench import parts
from camera_app.bench.clip import moving_pictures, play
from camera_app.bench.parts import WatchedTimes
from camera_app.inference.bundle import load_bundle
from camera_app.inference.classifier import Classifier
from camera_app.inference.fake import FakeRuntime
from camera_app.loop import Limits
from camera_app.outputs.drawing import Pixels
from tests.bench.conftest import QUICK, Bench
from tests.end_to_end import Camera
from tests.outputs.conftest import run_xvfb
from tests.smoothers import instant_smoother


def test_showing_is_timed_where_there_is_a_display(tmp_path: Path, small_video: Path) -> None:
    # In a process of its own: Qt keeps to the first display that a process ever opened.
    words = ["bench", "--json", "--source", str(small_video), "--frames", "5", "--starts", "1"]
    with run_xvfb(tmp_path, "-noreset") as server:
        environment = Camera(tmp_path, {"DISPLAY": server.display}).environment
        done = subprocess.run(
            [sys.executable, "-m", "camera_app", *words, *QUICK],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    report = json.loads(done.stdout)
    # A window takes the picture and is asked for its keys: never for nothing.
    assert 0 < report["show"]["p50"] <= report["show"]["p95"]
    assert report["draw"]["p50"] > 0


def test_without_a_display_nothing_is_shown(bench: Bench, small_video: Path) -> None:
    report = bench("--source", small_video, "--frames", 5, "--starts", 1)
    assert report["show"] is None
    assert report["draw"]["p50"] > 0
    # What another thread does ahead is timed by itself; in the loop it only has to be found.
    assert 0 < report["stages"]["crop+resize"]["p50"] < report["crop"]["p50"]


class Slower:
    """A window that takes 1 ms for the first picture, 2 for the second, and so on."""

    wants_picture = True
    quit_requested = False

    def __init__(self) -> None:
        self.shown = 0
        self.now = 0.0

    def drawing_size(self, width: int, height: int) -> tuple[int, int]:
        return width, height

    def show(self, picture: Pixels, at_seconds: float, /) -> None:  # noqa: ARG002
        self.shown += 1
        self.now += self.shown / 1000

    def idle(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.parametrize("frames", [5, 6])
def test_only_what_was_shown_of_frames_that_count_is_summed_up(
    frames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 6 frames 5 are ended by asking for another, and of 5 all at the recording's end."""
    window = Slower()
    monkeypatch.setattr(parts, "time", SimpleNamespace(perf_counter=lambda: window.now))
    times = WatchedTimes(2, window, lambda picture: picture)
    bundle = load_bundle("fastnet-cifar10")
    source = play(list(moving_pictures(2, 64, 48)), frames)
    smoother = instant_smoother(bundle.labels, top=3)
    source.start()
    loop = times.make_loop(source, Classifier(bundle, FakeRuntime([range(10)])), smoother, [])
    loop.run(Limits(frames=6), lambda: False)
    source.stop()
    shown = times.show()
    assert times.frames == 3
    assert shown is not None
    assert (shown.mean, shown.p99) == pytest.approx((4.0, 5.0))
    assert times.crop().mean == 0
