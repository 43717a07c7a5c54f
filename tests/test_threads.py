"""Where the system allows no further thread, that is said in a sentence."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from camera_app.errors import CameraAppError
from camera_app.outputs.display_loss import DisplayLoss
from camera_app.outputs.log import JsonLinesLog
from camera_app.outputs.window import open_window
from camera_app.sources.ahead import ReadAhead
from camera_app.sources.fake import FakeReader
from camera_app.sources.live import LiveSource
from camera_app.sources.names import look_up
from camera_app.threads import start_thread


def test_a_thread_that_may_be_started_is() -> None:
    done = threading.Event()
    start_thread(threading.Thread(target=done.set))
    assert done.wait(10)


@pytest.mark.parametrize(
    "begin",
    [
        lambda _: LiveSource(FakeReader()).start(),
        lambda _: ReadAhead(lambda: None),
        lambda folder: JsonLinesLog(folder / "log.jsonl", live=True),
        lambda folder: open_window(snapshots=folder),
        lambda _: DisplayLoss(0),
        lambda _: look_up("localhost", 554),
    ],
)
def test_one_that_may_not_is_an_error_of_the_programs_own(
    begin: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setenv("DISPLAY", ":4242")  # whether it answers is asked in a thread
    monkeypatch.setattr("camera_app.outputs.display.load_libxcb", lambda: None)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(CameraAppError, match="the system starts no further thread"):
        begin(tmp_path)
