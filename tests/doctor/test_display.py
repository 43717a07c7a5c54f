import pytest

from camera_app.doctor.display import check_display
from camera_app.doctor.finding import State

from .conftest import Board


@pytest.mark.parametrize(
    ("environment", "state", "words"),
    [
        ({}, State.NOTE, "none here"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, State.NOTE, "XWayland"),
        ({"DISPLAY": ":7"}, State.NOTE, "no screen is there"),
        ({"DISPLAY": ":0.0"}, State.OK, ":0.0"),
        ({"DISPLAY": "localhost:10.0"}, State.OK, "localhost:10.0"),
    ],
)
def test_displays(board: Board, environment: dict[str, str], state: State, words: str) -> None:
    board.write("tmp/.X11-unix/X0", "")
    board.environment = environment
    (found,) = check_display(board.machine)
    assert found.state is state
    assert words in found.message
