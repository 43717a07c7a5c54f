"""A window in which nothing is drawn comes onto the screen anew."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from camera_app.outputs.first_sight import ATTEMPTS, WAIT_SECONDS, FirstSight

from .conftest import photo, run_xvfb, window_manager

SIZE = (64, 48)
BLANK, DRAWN = bytes(4 * SIZE[0]), bytes(range(256))[: 4 * SIZE[0]]

ON_A_SCREEN = """
import sys, time
from pathlib import Path
import numpy as np
from camera_app.outputs.window import open_window
from camera_app.outputs.x11 import Connection

window = open_window(snapshots=Path(sys.argv[1]))
server = Connection()
number = server.find_window("camera_app")
picture = np.tile(np.arange(640, dtype=np.uint8)[None, :, None], (480, 1, 3))

def seen_within(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        window.show(picture, 0.0)
        window.idle()
        if len(set(server.row(number, 240, 640))) > 100:
            return True
    return False

first = seen_within(30)
server.map_again(number)
print(first, seen_within(30), window.quit_requested)
window.close()
"""


class Server:
    """What is asked of a connection."""

    def __init__(self, *rows: bytes) -> None:
        self.rows = list(rows)
        self.mapped = 0

    def row(self, window: int, top: int, width: int) -> bytes:
        assert (window, top, width) == (7, SIZE[1] // 2, SIZE[0])
        return self.rows.pop(0)

    def map_again(self, window: int) -> None:
        assert window == 7
        self.mapped += 1


def looked_at(server: Server, picture: np.ndarray, looks: int, window: int | None = 7) -> None:
    now = iter(np.arange(looks) * WAIT_SECONDS)
    sight = FirstSight(server, window, lambda: float(next(now)))  # type: ignore[arg-type]
    for _ in range(looks):
        sight.look(picture, SIZE)


def test_it_is_put_there_until_it_is_drawn_and_then_left_alone() -> None:
    server = Server(BLANK, BLANK, DRAWN)

    looked_at(server, photo(*SIZE), looks=9)

    assert server.mapped == 2
    assert not server.rows


def test_it_is_given_up_in_the_end() -> None:
    server = Server(*[BLANK] * ATTEMPTS)

    looked_at(server, photo(*SIZE), looks=2 * ATTEMPTS)

    assert server.mapped == ATTEMPTS


def test_a_picture_of_one_colour_tells_nothing() -> None:
    server = Server(BLANK)

    looked_at(server, np.zeros((48, 64, 3), np.uint8), looks=5)

    assert server.rows == [BLANK]


@pytest.mark.parametrize("row", [b"", b"abc"])
def test_a_server_that_shows_nothing_is_not_troubled(row: bytes) -> None:
    server = Server(row)

    looked_at(server, photo(*SIZE), looks=5)

    assert server.mapped == 0


def test_a_window_that_was_not_found_is_not_looked_at() -> None:
    looked_at(Server(), photo(*SIZE), looks=5, window=None)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("managed", [False, True])
def test_the_window_is_drawn_also_after_it_was_put_there_anew(
    tmp_path: Path, managed: bool
) -> None:
    with run_xvfb(tmp_path, "-noreset") as server, contextlib.ExitStack() as stack:
        if managed:
            stack.enter_context(window_manager(server, tmp_path))
        done = subprocess.run(
            [sys.executable, "-c", ON_A_SCREEN, str(tmp_path)],
            env={**os.environ, "DISPLAY": server.display},
            check=True,
            capture_output=True,
            text=True,
        )
    assert done.stdout.split() == ["True", "True", "False"]
