"""The recorded video, read back with OpenCV."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_app.errors import OutputError
from camera_app.outputs.drawing import Pixels
from camera_app.outputs.record import CODECS, PICTURES_WAITING, RESERVED_BYTES, VideoRecorder


def shade(value: int, width: int = 64, height: int = 48) -> Pixels:
    return np.full((height, width, 3), value, np.uint8)


def recorded(path: Path) -> tuple[list[int], float, tuple[int, ...]]:
    """The shade of every frame, frames a second, and the shape of the first."""
    video = cv2.VideoCapture(str(path))
    frames = []
    while True:
        ok, frame = video.read()
        if not ok:
            break
        frames.append(frame)
    return [round(float(f.mean())) for f in frames], video.get(cv2.CAP_PROP_FPS), frames[0].shape


def record(path: Path, shown: list[tuple[int, float]], fps: float, *, live: bool) -> None:
    recorder = VideoRecorder(path, fps=fps, live=live)
    for value, at_seconds in shown:
        recorder.show(shade(value), at_seconds)
    recorder.close()


def nearly(values: list[int]) -> object:
    return pytest.approx(values, abs=4)


@pytest.mark.parametrize("extension", CODECS)
def test_every_frame_of_a_recording_is_in_whatever_its_times(
    tmp_path: Path, extension: str
) -> None:
    path = tmp_path / "new" / f"out{extension}"
    values = list(range(40, 220, 6))
    record(path, [(value, 0.0) for value in values], 12.5, live=False)
    shades, fps, shape = recorded(path)
    assert shades == nearly(values)
    assert fps == pytest.approx(12.5)
    assert shape == (48, 64, 3)


KILLED = """
import os, signal, sys, time
from pathlib import Path
import numpy as np
from camera_app.outputs.record import VideoRecorder

path = Path(sys.argv[1])
recorder = VideoRecorder(path, fps=30, live=False)
rng = np.random.default_rng(0)
while path.stat().st_size < 3_000_000:
    recorder.show(rng.integers(0, 256, (240, 320, 3), np.uint8), 0.0)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("extension", [".mkv", ".avi"])
def test_a_killed_program_leaves_a_video_that_plays(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"out{extension}"

    ended = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)

    assert ended.returncode == -signal.SIGKILL
    shades, _, shape = recorded(path)
    assert len(shades) > 10
    assert shape == (240, 320, 3)


def test_live_pictures_are_repeated_and_dropped_to_play_in_real_time(tmp_path: Path) -> None:
    shown = [(50, 100.0), (80, 100.1), (110, 100.11), (140, 100.4)]
    assert len(shown) <= PICTURES_WAITING  # none is dropped for want of time
    record(tmp_path / "out.mp4", shown, 10, live=True)
    assert recorded(tmp_path / "out.mp4")[0] == nearly([50, 80, 110, 110, 140])


def test_lost_night_is_a_few_seconds(tmp_path: Path) -> None:
    record(tmp_path / "out.mp4", [(50, 0.0), (200, 30_000.0)], 10, live=True)
    assert recorded(tmp_path / "out.mp4")[0] == nearly([50] * 50 + [200])


def test_picture_of_another_size_is_fitted_to_the_first(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / "out.mp4", fps=10, live=False)
    recorder.show(shade(50), 0.0)
    recorder.show(shade(200, 320, 240), 0.1)
    recorder.close()
    shades, _, shape = recorded(tmp_path / "out.mp4")
    assert shades == nearly([50, 200])
    assert shape == (48, 64, 3)


def test_fail__existing_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "wedding.mp4"
    path.write_text("precious")
    with pytest.raises(OutputError, match=f"{re.escape(str(path))} exists.*--record"):
        VideoRecorder(path, fps=10, live=False)
    assert path.read_text() == "precious"


@pytest.mark.parametrize("name", ["out.mov", "out", "out.txt", ".mp4"])
def test_fail__unknown_extension(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"\.mp4, \.mkv, \.avi"):
        VideoRecorder(tmp_path / name, fps=10, live=False)
    assert list(tmp_path.iterdir()) == []


def test_fail__folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"file is not a folder.*--record"):
        VideoRecorder(tmp_path / "file" / "out.mp4", fps=10, live=False)


def test_nothing_shown_leaves_no_file(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / "out.mp4", fps=10, live=False)
    recorder.close()
    recorder.close()
    assert list(tmp_path.iterdir()) == []
    assert not recorder.wants_picture


def test_size_that_cannot_be_encoded_is_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = VideoRecorder(tmp_path / "out.mp4", fps=10, live=False)
    for _ in range(3):
        recorder.show(shade(50, 1, 1), 0.0)
    recorder.close()
    assert len(caplog.records) == 1
    assert "cannot encode 1x1" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_nearly_full_disk_ends_the_video_so_that_it_plays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    free = [RESERVED_BYTES, RESERVED_BYTES, RESERVED_BYTES - 1]
    taken: Callable[[Path], int] = lambda _: free.pop(0)  # noqa: E731
    recorder = VideoRecorder(tmp_path / "out.mp4", fps=10, live=False, free_bytes=taken)
    for value in range(50, 200, 3):
        recorder.show(shade(value), 0.0)
    recorder.close()
    assert recorded(tmp_path / "out.mp4")[0] == nearly(list(range(50, 110, 3)))
    assert len(caplog.records) == 1
    assert "nearly full" in caplog.text


def test_a_name_with_a_colon_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record(Path("20:30.mp4"), [(50, 0.0), (90, 0.0)], 10, live=False)
    assert recorded(tmp_path / "20:30.mp4")[0] == nearly([50, 90])


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is not UTF-8; choose another with --record"):
        VideoRecorder(tmp_path / "caf\udce9.mp4", fps=10, live=False)
    assert not list(tmp_path.iterdir())
