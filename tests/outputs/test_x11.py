"""What the X server is asked."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_app.outputs.window import open_window
from camera_app.outputs.x11 import Connection

from .conftest import XServer, run_xvfb, wait_until, window_manager


@pytest.fixture
def connection(x_server: XServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("DISPLAY", x_server.display)
    connection = Connection()
    yield connection
    connection.close()


def test_the_screen_has_a_size(connection: Connection) -> None:
    assert not connection.broken
    assert connection.screen_size() == (800, 600)


def test_a_window_that_is_not_there_has_no_size_and_no_pixels(connection: Connection) -> None:
    assert connection.window_size(1) is None
    assert connection.row(1, 0, 10) == b""
    connection.map_again(1)
    connection.place(1, 10, 10)
    assert not connection.broken


def test_a_window_manager_is_known_by_its_window_not_by_what_it_left(tmp_path: Path) -> None:
    with run_xvfb(tmp_path, "-noreset") as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", server.display)
        connection = Connection()
        assert not connection.managed()
        with window_manager(server, tmp_path):
            assert wait_until(connection.managed, lambda: None)
        assert not connection.managed()
        # One that is killed leaves its mark on the screen behind.
        killed = subprocess.Popen(["openbox", "--sm-disable"], stderr=subprocess.DEVNULL)
        assert wait_until(connection.managed, lambda: None)
        killed.kill()
        killed.wait(10)
        assert wait_until(lambda: not connection.managed(), lambda: None)
        connection.close()


def test_a_window_of_this_process_is_found_and_measured(
    connection: Connection, x_server: XServer, tmp_path: Path
) -> None:
    title = "camera_app of x11"
    assert connection.find_window(title) is None
    window = open_window(snapshots=tmp_path, title=title)
    assert window is not None
    found = connection.find_window(title)
    assert found is not None
    assert connection.find_window(title[:-1]) is None
    assert wait_until(lambda: bool(search(x_server, title)), window.idle)
    assert str(found) == search(x_server, title)
    x_server.xdotool("windowsize", "--sync", str(found), "345", "234")
    assert connection.window_size(found) == (345, 234)
    window.close()


def test_a_server_that_is_not_there_or_was_let_go_tells_nothing(
    x_server: XServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":4242")
    absent = Connection()
    monkeypatch.setenv("DISPLAY", x_server.display)
    closed = Connection()
    for connection in (closed, closed, absent, absent):
        connection.close()
        assert connection.broken
        assert connection.screen_size() is None
        assert connection.find_window("camera_app") is None
        assert connection.window_size(1) is None
        assert connection.row(1, 0, 10) == b""
        assert not connection.managed()
        connection.map_again(1)
        connection.place(1, 10, 10)


def search(x_server: XServer, title: str) -> str:
    try:
        return x_server.xdotool("search", "--onlyvisible", "--name", f"^{title}$")
    except subprocess.CalledProcessError:
        return ""
