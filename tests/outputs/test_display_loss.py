"""A display that goes away under the window, seen from outside: Qt ends the process by then."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from camera_app.outputs.display_loss import DisplayLoss
from tests.end_to_end import (
    PATIENCE_SECONDS,
    QUICK,
    REPOSITORY,
    Camera,
    complaints,
    decoded,
    logged,
    read_log,
    wait_for,
)

from .conftest import run_xvfb


@pytest.mark.parametrize("film", ["film.mp4", "film.mkv"])
def test_log_and_video_are_whole_and_the_reason_is_said(
    camera: Camera, tmp_path: Path, film: str
) -> None:
    with run_xvfb(tmp_path) as server:
        arguments = (*QUICK[1:], "--source", "demo", "--record", film)
        with camera.running(*arguments, env={"DISPLAY": server.display}) as process:
            # The first label, "unknown", is logged with the first picture: no second need be there.
            wait_for(logged(camera.log, "label", previous="unknown"), "a few pictures")
            server.end()
            _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    (said,) = complaints(errors)
    assert "is gone" in said
    assert server.display in said
    assert process.returncode == 1
    assert read_log(camera.log)[-1]["event"] == "stop"
    assert len(decoded(camera.folder / film)) > 1


@pytest.mark.parametrize("stop", [("--seconds", "1"), None])
def test_a_window_that_is_closed_is_no_loss(
    camera: Camera, tmp_path: Path, stop: tuple[str, ...] | None
) -> None:
    with run_xvfb(tmp_path) as server:
        arguments = (*QUICK[1:], "--source", "demo", *(stop or ()))
        with camera.running(*arguments, env={"DISPLAY": server.display}) as process:
            wait_for(logged(camera.log, "label"), "a label")
            if stop is None:
                process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert complaints(errors) == []
    assert process.returncode == 0


def test_a_window_that_is_killed_ends_the_program_in_order(camera: Camera, tmp_path: Path) -> None:
    """As xkill does, or a desktop that takes the program for one that hangs."""
    with run_xvfb(tmp_path) as server:
        arguments = (*QUICK[1:], "--source", "demo", "--record", "film.mp4")
        with camera.running(*arguments, env={"DISPLAY": server.display}) as process:
            wait_for(logged(camera.log, "label", previous="unknown"), "a few pictures")
            server.xdotool("search", "--sync", "--name", "camera_app", "windowkill")
            _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    (said,) = complaints(errors)
    assert "ended by force" in said
    assert process.returncode == 1
    assert read_log(camera.log)[-1]["event"] == "stop"
    assert len(decoded(camera.folder / "film.mp4")) > 1


def test_a_connection_that_is_broken_from_the_beginning_is_a_loss() -> None:
    assert DisplayLoss(-1).seen


INSIDE = """
import os, signal, sys, threading, time, ctypes
from camera_app.outputs.display_loss import DisplayLoss
how = sys.argv[1]
reader, writer = os.pipe()
loss = DisplayLoss(writer)
loss.then(lambda: print("asked to stop", flush=True), lambda: print("closed", flush=True))
signal.signal(signal.SIGHUP, lambda *_: None)
if how == "signals":
    kill = lambda: [(os.kill(os.getpid(), signal.SIGHUP), time.sleep(0.05)) for _ in range(5)]
    loss.then(kill, lambda: print("closed", flush=True))
if how in ("gone", "signals"):
    os.close(reader)
if how == "closed":
    loss.end()
    os.close(reader)
if how != "as usual":
    ctypes.CDLL(None).exit(7)  # what Qt does, with nothing of Python's run any more
"""


@pytest.mark.parametrize(
    ("how", "status", "printed", "said"),
    [
        ("gone", 1, ["asked to stop", "closed"], "is gone"),
        ("killed", 1, ["asked to stop", "closed"], "ended by force"),
        ("signals", 1, ["closed"], "is gone"),
        ("closed", 7, [], ""),
        ("as usual", 0, [], ""),
    ],
)
def test_a_library_that_calls_exit_waits_until_all_is_closed(
    how: str, status: int, printed: list[str], said: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INSIDE, how],
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert (done.returncode, done.stdout.splitlines()) == (status, printed)
    assert said in done.stderr
    assert bool(done.stderr) == bool(said)
