"""The window, opened on a real X server, looked at and typed at."""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_app.outputs.overlay import Overlay
from camera_app.outputs.screen import Screen
from camera_app.outputs.style import GROUND, PANEL, PANEL_OPACITY, SURE, WARNING
from camera_app.outputs.window import SNAPSHOTS_WAITING, Window, open_window
from camera_app.sources.base import SourceState

from .conftest import Pixels, XServer, make_result, run_xvfb, wait_until, window_manager

REPOSITORY = Path(__file__).parent.parent.parent

TITLES = (f"camera_app {number}" for number in itertools.count())
GREY = np.full((480, 640, 3), 128, np.uint8)


@pytest.fixture
def title() -> str:
    return next(TITLES)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def window(
    x_server: XServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    title: str,
    said: list[str],
) -> Iterator[Window]:
    monkeypatch.setenv("DISPLAY", x_server.display)
    opened = open_window(snapshots=tmp_path / "snapshots", title=title, say=said.append)
    assert opened is not None
    yield opened
    opened.close()


@pytest.fixture
def press(x_server: XServer, window: Window, title: str) -> Callable[[str], None]:
    """Type a key into the window."""

    def type_key(key: str) -> None:
        assert wait_until(lambda: bool(ids(x_server, title)), window.idle)
        x_server.xdotool("windowactivate", "--sync", ids(x_server, title), "key", key)

    return type_key


def ids(x_server: XServer, title: str) -> str:
    try:
        return x_server.xdotool("search", "--onlyvisible", "--name", f"^{title}$").split("\n")[0]
    except subprocess.CalledProcessError:
        return ""


def near(picture: Pixels, colour: Sequence[int]) -> int:
    """How many pixels are of ``colour``, but for what scaling does."""
    return int((np.abs(picture.astype(int) - colour).max(axis=2) <= 12).sum())


def test_label_panel_is_on_the_screen(x_server: XServer, window: Window) -> None:
    screen = Screen([window], Overlay(live=True))
    result = make_result("automobile", pixels=GREY)
    on_grey = tuple(round(PANEL_OPACITY * channel + (1 - PANEL_OPACITY) * 128) for channel in PANEL)

    def seen() -> bool:
        shot = x_server.screenshot()
        return near(shot, SURE) > 200 and near(shot, on_grey) > 10_000

    assert wait_until(seen, lambda: screen.write(result))
    shot = x_server.screenshot()
    rows, columns = np.nonzero(np.abs(shot.astype(int) - SURE).max(axis=2) <= 12)
    assert rows.min() > 240
    assert columns.max() < 400
    assert not screen.quit_requested


@pytest.mark.parametrize("key", ["q", "Q", "Escape"])
def test_key_quits(window: Window, press: Callable[[str], None], key: str) -> None:
    window.show(GREY, 0.0)
    window.idle()
    press(key)
    assert wait_until(lambda: window.quit_requested, window.idle)


@pytest.mark.parametrize("key", ["Left", "Right", "Shift", "x"])
def test_other_keys_do_nothing(
    window: Window, press: Callable[[str], None], key: str, tmp_path: Path
) -> None:
    window.show(GREY, 0.0)
    window.idle()
    press(key)
    press("space")  # keys come in order: once this one has been seen, so has that
    assert wait_until(lambda: window.paused, window.idle)
    assert not window.quit_requested
    assert not (tmp_path / "snapshots").exists()


def test_close_button_quits_and_the_window_stays_away(
    x_server: XServer, window: Window, title: str, press: Callable[[str], None]
) -> None:
    window.show(GREY, 0.0)
    press("alt+F4")  # the window manager's key for the close button
    assert wait_until(lambda: window.quit_requested, window.idle)
    assert not window.wants_picture
    window.show(GREY, 0.0)
    window.idle()
    assert not ids(x_server, title)


def test_snapshots_never_overwrite(
    window: Window, press: Callable[[str], None], tmp_path: Path, said: list[str]
) -> None:
    noise = np.random.default_rng(3).integers(0, 256, GREY.shape, np.uint8)
    window.show(noise, 0.0)
    window.idle()
    for number in range(1, 4):
        press("s")
        assert wait_until(lambda n=number: len(said) == n, window.idle)  # type: ignore[misc]
    files = sorted((tmp_path / "snapshots").iterdir())
    assert len(files) == 3
    assert sorted(said) == [f"saved {file}" for file in files]
    for file in files:
        assert (cv2.imread(str(file)) == noise).all()


def test_snapshot_that_cannot_be_saved_is_a_warning(
    window: Window,
    press: Callable[[str], None],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "snapshots").write_text("a file where the folder should be")
    window.show(GREY, 0.0)
    window.idle()
    press("s")
    assert wait_until(lambda: "cannot save a snapshot" in caplog.text, window.idle)
    assert f"{tmp_path / 'snapshots'} is not a folder; choose another" in caplog.text


@pytest.mark.parametrize("fails", [False, True])
def test_the_window_says_for_a_moment_what_became_of_a_snapshot(
    x_server: XServer, window: Window, press: Callable[[str], None], tmp_path: Path, fails: bool
) -> None:
    if fails:
        (tmp_path / "snapshots").write_text("a file where the folder should be")
    window.show(GREY, 0.0)
    window.idle()
    assert near(x_server.screenshot(), WARNING) == 0
    press("s")
    assert wait_until(lambda: near(x_server.screenshot(), WARNING) > 20, window.idle)
    assert wait_until(lambda: near(x_server.screenshot(), WARNING) == 0, window.idle)


def slow_encoding(monkeypatch: pytest.MonkeyPatch, may_go_on: threading.Event) -> threading.Event:
    """A picture so large, or a board so slow, that a snapshot takes until ``may_go_on``.

    Returns:
        What is set once the first has begun.
    """
    encode, begun = cv2.imencode, threading.Event()

    def wait_and_encode(extension: str, picture: Pixels) -> tuple[bool, Pixels]:
        begun.set()
        may_go_on.wait(20)
        return encode(extension, picture)  # type: ignore[return-value]

    monkeypatch.setattr(cv2, "imencode", wait_and_encode)
    return begun


def test_a_snapshot_that_there_is_no_room_for_is_not_dropped_in_silence(
    window: Window,
    press: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    said: list[str],
) -> None:
    go_on = threading.Event()
    slow_encoding(monkeypatch, go_on)
    window.show(GREY, 0.0)

    def press_again() -> None:
        press("s")
        window.idle()

    assert wait_until(lambda: "no snapshot was taken" in caplog.text, press_again)
    go_on.set()
    window.close()
    assert len(said) == 1 + SNAPSHOTS_WAITING
    assert "in time" not in caplog.text


def test_a_snapshot_asked_for_just_before_the_end_is_saved(
    window: Window,
    press: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    said: list[str],
) -> None:
    go_on = threading.Event()
    begun = slow_encoding(monkeypatch, go_on)
    window.show(GREY, 0.0)
    window.idle()
    press("s")
    assert wait_until(begun.is_set, window.idle)
    threading.Timer(1.5, go_on.set).start()
    window.close()
    assert len(said) == 1


def test_a_snapshot_that_is_not_saved_in_time_is_said_once(
    window: Window,
    press: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("camera_app.outputs.window.CLOSE_SECONDS", 0.1)
    begun, go_on = threading.Event(), threading.Event()
    write = Path.write_bytes

    def write_half(path: Path, content: bytes) -> int:
        write(path, content[: len(content) // 2])
        begun.set()
        go_on.wait(20)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", write_half)
    window.show(GREY, 0.0)
    window.idle()
    press("s")
    assert wait_until(begun.is_set, window.idle)
    window.close()
    window.close()
    assert caplog.text.count("1 snapshot could not be saved") == 1
    assert not list((tmp_path / "snapshots").glob("*.png"))  # half of one looks like a picture
    go_on.set()


def test_full_screen_and_back(
    x_server: XServer, window: Window, press: Callable[[str], None]
) -> None:
    def grey() -> int:
        return near(x_server.screenshot(), (128, 128, 128))

    window.show(GREY, 0.0)
    assert wait_until(lambda: grey() > 200_000, window.idle)
    small = grey()
    press("f")
    assert wait_until(lambda: grey() > 0.95 * 800 * 600, window.idle)
    press("f")
    assert wait_until(lambda: grey() < small * 1.1, window.idle)


def test_pause_holds_the_picture_and_the_loop_goes_on(
    x_server: XServer, window: Window, press: Callable[[str], None]
) -> None:
    screen = Screen([window], None)
    red, blue = GREY.copy(), GREY.copy()
    red[:], blue[:] = (0, 0, 255), (255, 0, 0)

    def seen(colour: tuple[int, int, int]) -> bool:
        return near(x_server.screenshot(), colour) > 100_000

    assert wait_until(lambda: seen((0, 0, 255)), lambda: screen.write(make_result(pixels=red)))
    press("space")
    assert wait_until(lambda: window.paused, window.idle)
    assert wait_until(
        lambda: near(x_server.screenshot(), WARNING) > 20,
        lambda: screen.write(make_result(pixels=blue)),
    )
    assert seen((0, 0, 255))
    assert not window.wants_picture
    press("space")
    assert wait_until(lambda: seen((255, 0, 0)), lambda: screen.write(make_result(pixels=blue)))


def test_camera_lost_in_a_pause_is_seen_after_it(
    x_server: XServer, window: Window, press: Callable[[str], None]
) -> None:
    screen = Screen([window], None)
    screen.write(make_result(pixels=GREY))
    press("space")
    assert wait_until(lambda: window.paused, screen.idle)
    screen.source_changed(SourceState.LOST, "unplugged")
    press("space")
    assert wait_until(lambda: near(x_server.screenshot(), WARNING) > 50, screen.idle)


def test_a_small_picture_fills_the_window(x_server: XServer, window: Window) -> None:
    window.show(GREY[:240, :320], 0.0)
    assert wait_until(lambda: near(x_server.screenshot(), (128, 128, 128)) > 200_000, window.idle)


def extent(picture: Pixels, colour: Sequence[int]) -> tuple[int, int]:
    """Width and height of all that is of ``colour``."""
    rows, columns = np.nonzero(np.abs(picture.astype(int) - colour).max(axis=2) <= 12)
    return (int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1) if len(rows) else (0, 0)


def test_a_picture_of_another_shape_is_not_squashed(x_server: XServer, window: Window) -> None:
    red = (0, 0, 255)

    def with_square(width: int, height: int) -> Pixels:
        picture = np.full((height, width, 3), 128, np.uint8)
        side = min(width, height) // 2
        top, left = (height - side) // 2, (width - side) // 2
        picture[top : top + side, left : left + side] = red
        return picture

    window.show(with_square(900, 1600), 0.0)
    assert wait_until(lambda: near(x_server.screenshot(), red) > 5_000, window.idle)
    before = extent(x_server.screenshot(), red)
    window.show(with_square(1600, 900), 0.0)
    assert wait_until(lambda: extent(x_server.screenshot(), red) != before, window.idle)
    for _ in range(20):
        window.idle()
    width, height = extent(x_server.screenshot(), red)
    assert width == pytest.approx(height, abs=3)


def test_a_window_made_larger_shows_a_larger_picture_on_a_dark_ground(
    x_server: XServer, window: Window, title: str
) -> None:
    def shown(scale: float) -> bool:
        width, height = extent(x_server.screenshot(), (128, 128, 128))
        return abs(width - scale * 200) <= 3 and abs(height - scale * 400) <= 3

    window.show(np.full((400, 200, 3), 128, np.uint8), 0.0)
    assert wait_until(lambda: shown(480 / 400), window.idle)
    x_server.xdotool("windowsize", "--sync", ids(x_server, title), "700", "560")
    assert wait_until(lambda: shown(560 / 400), window.idle)
    inside = near(x_server.screenshot(), GROUND)
    assert inside == pytest.approx(700 * 560 - 280 * 560, rel=0.02)


def test_a_tiny_picture_is_enlarged_before_it_is_drawn_on(
    x_server: XServer, window: Window
) -> None:
    """Letters that are enlarged are a blur, and on a tiny picture there is no room for any."""
    overlay = Overlay(live=True)
    tiny, large = (
        make_result("ship", pixels=np.full((side, side, 3), 128, np.uint8)) for side in (32, 480)
    )
    figures = overlay.draw(large)[:60, :200]
    screen = Screen([window], overlay)

    def seen() -> bool:
        difference = cv2.matchTemplate(x_server.screenshot(), figures, cv2.TM_SQDIFF_NORMED)
        return float(difference.min()) < 1e-4

    assert wait_until(seen, lambda: screen.write(tiny))


OPEN = """
from pathlib import Path
import numpy as np
from camera_app.outputs.window import open_window
window = open_window(snapshots=Path("."))
picture = np.full((720, 1280, 3), 128, np.uint8)
picture[355:365, 635:645] = 0  # of a picture of one colour nobody can tell whether it is drawn
while True:
    window.show(picture, 0.0)
    window.idle()
"""


@pytest.mark.parametrize(
    ("size", "width", "height"), [("320x240", 272, 153), ("800x480", 680, 382)]
)
def test_a_small_screen_has_room_for_all_of_the_window(
    tmp_path: Path, size: str, width: int, height: int
) -> None:
    # In a process of its own: Qt keeps to the first display that a process ever opened.
    with run_xvfb(tmp_path, "-noreset", size=size) as server, window_manager(server, tmp_path):
        process = subprocess.Popen(
            [sys.executable, "-c", OPEN],
            env={**os.environ, "DISPLAY": server.display},
            cwd=REPOSITORY,
        )
        try:
            assert wait_until(
                lambda: extent(server.screenshot(), (128, 128, 128)) == (width, height),
                lambda: None,
            )
        finally:
            process.kill()
            process.wait(10)


def test_full_screen_and_back_without_a_window_manager(tmp_path: Path) -> None:
    # Not all grey: Qt may miss its window there, which is seen by what has more than one colour.
    uneven = OPEN.replace("while True", "picture[:, :640] = 132\nwhile True")
    with run_xvfb(tmp_path, "-noreset", size="320x240") as server:

        def shown(width: int, height: int) -> bool:
            return extent(server.screenshot(), (128, 128, 128)) == (width, height)

        process = subprocess.Popen(
            [sys.executable, "-c", uneven],
            env={**os.environ, "DISPLAY": server.display},
            cwd=REPOSITORY,
        )
        try:
            assert wait_until(lambda: shown(272, 153), lambda: None)
            server.xdotool("mousemove", "50", "50", "key", "f")
            assert wait_until(lambda: shown(320, 180), lambda: None)
            server.xdotool("key", "f")
            assert wait_until(lambda: shown(272, 153), lambda: None)
        finally:
            process.kill()
            process.wait(10)
