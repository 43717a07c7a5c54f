import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_app.sources.opencv import open_capture

SCRIPT = """
import sys
from camera_app.errors import SourceError
from camera_app.sources.factory import make_source
for uri in sys.argv[1:]:
    try:
        source = make_source(uri)
        source.start()
        while source.next_frame(30.0):
            pass
        source.stop()
    except SourceError as error:
        print("refused:", error)
"""


def test_what_is_opened_again_and_again_takes_no_memory() -> None:
    first, again = ("/".join(["", "nowhere", "film.mp4"]) for _ in range(2))
    open_capture(first, cv2.CAP_FFMPEG).release()
    references = sys.getrefcount(again)
    open_capture(again, cv2.CAP_FFMPEG).release()
    assert sys.getrefcount(again) == references


def test_opencv_and_ffmpeg_keep_their_messages_to_themselves(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("hello\n" * 100)
    cut = tmp_path / "cut.mp4"
    writer = cv2.VideoWriter(
        str(cut), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48)
    )
    writer.release()
    cut.write_bytes(cut.read_bytes()[:-10])
    uris = [str(text), str(cut), "rtsp://127.0.0.1:9/x", "http://127.0.0.1:9/x", "/dev/null"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *uris], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("refused:") == len(uris)
    assert done.stderr == ""


def test_a_picture_that_is_none_is_handed_over_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader then passes over it; anything else that is raised would lose the camera."""
    black = np.zeros((4, 6, 3), np.uint8)
    come = [black, None, black]

    class Stub:
        isOpened = get = set = release = None  # noqa: N815  OpenCV's names

        def __init__(self, *_: object) -> None:
            pass

        def grab(self) -> bool:
            return True

        def retrieve(self, _: object) -> tuple[bool, object]:
            return True, come.pop(0)

    monkeypatch.setattr(cv2, "VideoCapture", Stub)
    capture = open_capture("/dev/video0", cv2.CAP_V4L2)

    assert [capture.read(), capture.read(), capture.read()] == [
        (True, black),
        (True, None),
        (True, black),
    ]
