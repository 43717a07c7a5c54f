"""Whether a window can be opened, asked without risking the process."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from camera_app.outputs.display import hold_display
from camera_app.outputs.window import open_window

from .conftest import XServer, run_xvfb

REPOSITORY = Path(__file__).parent.parent.parent

OPEN = """
import logging
from pathlib import Path
from camera_app.outputs.window import open_window
logging.basicConfig(format="%(message)s")
print(open_window(snapshots=Path(".")))
"""


def opened_with(**environment: str) -> subprocess.CompletedProcess[str]:
    """Open a window in a process of its own, which a display can end."""
    kept = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    return subprocess.run(
        [sys.executable, "-c", OPEN],
        env={**kept, **environment},
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "DISPLAY is not set"),
        ({"DISPLAY": ""}, "DISPLAY is not set"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "XWayland"),
        ({"DISPLAY": ":4242"}, "the display :4242 does not answer"),
        ({"DISPLAY": "nonsense"}, "the display nonsense does not answer"),
        ({"DISPLAY": "localhost:4242"}, "does not answer"),
    ],
)
def test_fail__one_warning_and_the_process_lives(environment: dict[str, str], said: str) -> None:
    done = opened_with(**environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "None\n"
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert "--headless" in done.stderr


def test_fail__server_that_accepts_and_says_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        if port < 6000:
            pytest.fail("the system gave a port below X's own")
        done = opened_with(DISPLAY=f"127.0.0.1:{port - 6000}", XAUTHORITY=str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr
    assert "does not answer" in done.stderr


def test_ok__display_that_answers_and_nothing_is_said(x_server: XServer) -> None:
    done = opened_with(DISPLAY=x_server.display, QT_QPA_PLATFORM="wayland")
    assert done.returncode == 0, done.stderr
    assert "Window" in done.stdout
    assert done.stderr == ""


def test_ok__server_that_starts_afresh_when_its_last_client_goes(tmp_path: Path) -> None:
    with run_xvfb(tmp_path) as server:
        for _ in range(3):
            done = opened_with(DISPLAY=server.display)
            assert done.returncode == 0, done.stderr
            assert "Window" in done.stdout


def test_ok__in_this_process(x_server: XServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", x_server.display)
    with hold_display() as reason:
        assert reason is None


def test_fail__opencv_without_windows(
    x_server: XServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What the headless wheel does: every window function raises cv2.error."""

    def not_implemented(*_arguments: object) -> None:
        raise cv2.error("The function is not implemented. Rebuild the library")

    monkeypatch.setenv("DISPLAY", x_server.display)
    monkeypatch.setattr(cv2, "namedWindow", not_implemented)
    assert open_window(snapshots=Path()) is None
    assert len(caplog.records) == 1
    assert "built without windows" in caplog.text
