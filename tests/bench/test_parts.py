"""What is done for somebody who looks, on a real X server and without one."""

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.conftest import QUICK, Bench
from tests.end_to_end import Camera
from tests.outputs.conftest import run_xvfb


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
