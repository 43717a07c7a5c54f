"""The recorded video, read back with OpenCV."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_app.errors import OutputError, UsageError
from camera_app.outputs import record as record_module
from camera_app.outputs.drawing import Pixels
from camera_app.outputs.record import CODECS, PICTURES_WAITING, VideoRecorder
from camera_app.outputs.room import BUFFERED_BYTES, RESERVED_BYTES

from .conftest import wait_until

VideoWriter = cv2.VideoWriter


class Encoder:
    """OpenCV's own, which keeps the shade of what it was given, and can be held up."""

    begun: list[int]
    written: list[int]
    held: Callable[[], bool]

    fourcc = cv2.VideoWriter.fourcc

    def __init__(self, name: str, codec: int, fps: float, size: tuple[int, int]) -> None:
        self._video = VideoWriter(name, codec, fps, size)
        self.isOpened = self._video.isOpened
        self.release = self._video.release

    def write(self, picture: Pixels) -> None:
        Encoder.begun.append(round(float(picture.mean())))
        while Encoder.held():
            time.sleep(0.001)
        self._video.write(picture)
        Encoder.written.append(Encoder.begun[-1])


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> type[Encoder]:
    Encoder.begun, Encoder.written, Encoder.held = [], [], lambda: False
    monkeypatch.setattr(cv2, "VideoWriter", Encoder)
    return Encoder


def wait_for(condition: Callable[[], bool]) -> None:
    assert wait_until(condition, lambda: None)


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


def record(path: Path, shown: list[tuple[int, float]], fps: float) -> None:
    recorder = VideoRecorder(path, fps=fps, live=False)
    for value, at_seconds in shown:
        recorder.show(shade(value), at_seconds)
    recorder.close()


def record_live(path: Path, shown: list[tuple[int, float]], encoder: type[Encoder]) -> None:
    """At 10 frames a second; closed once the last is written, for then nothing is repeated."""
    recorder = VideoRecorder(path, fps=10, live=True)
    for value, at_seconds in shown:
        recorder.show(shade(value), at_seconds)
    wait_for(lambda: encoder.written[-1:] == [shown[-1][0]])
    recorder.close()


def nearly(values: list[int]) -> object:
    return pytest.approx(values, abs=4)


@pytest.mark.parametrize("extension", CODECS)
def test_every_frame_of_a_recording_is_in_whatever_its_times(
    tmp_path: Path, extension: str
) -> None:
    path = tmp_path / "new" / f"out{extension}"
    values = list(range(40, 220, 6))
    record(path, [(value, 0.0) for value in values], 12.5)
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


def test_live_pictures_are_repeated_and_dropped_to_play_in_real_time(
    tmp_path: Path, encoder: type[Encoder]
) -> None:
    shown = [(50, 100.0), (80, 100.1), (110, 100.11), (140, 100.4)]
    assert len(shown) <= PICTURES_WAITING  # none is dropped for want of time
    record_live(tmp_path / "out.mp4", shown, encoder)
    assert recorded(tmp_path / "out.mp4")[0] == nearly([50, 80, 110, 110, 140])


def test_lost_night_is_a_few_seconds(tmp_path: Path, encoder: type[Encoder]) -> None:
    record_live(tmp_path / "out.mp4", [(50, 0.0), (200, 30_000.0)], encoder)
    assert recorded(tmp_path / "out.mp4")[0] == nearly([50] * 50 + [200])


def test_slow_encoder_shows_as_many_pictures_as_it_can_encode(
    tmp_path: Path, encoder: type[Encoder], caplog: pytest.LogCaptureFixture
) -> None:
    """Four are encoded while five come: the time of the fifth is left out, not filled."""
    allowed = [1]
    encoder.held = lambda: len(encoder.written) >= allowed[0]
    path = tmp_path / "out.mkv"
    recorder = VideoRecorder(path, fps=10, live=True)
    shades = [40 + number % 200 for number in range(200)]
    for number, value in enumerate(shades):
        recorder.show(shade(value), number / 10)
        # The encoder's clock: it goes on only as the pictures come.
        allowed[0] = min(1 + number * 4 // 5, len(encoder.written) + 1)
        wait_for(lambda: len(encoder.written) >= allowed[0])
    encoder.held = lambda: False
    recorder.close()
    found = recorded(path)[0]
    assert len(set(encoder.written)) == len(encoder.written) == len(found)
    assert len(found) + recorder.dropped == len(shades)
    assert len(found) >= 160
    assert len(caplog.records) == 1
    assert (
        f"lacks {recorder.dropped} pictures and is {recorder.dropped / 10:.1f} s sh" in caplog.text
    )


def test_pictures_of_a_film_stand_for_as_long_as_in_it_and_none_is_lost(tmp_path: Path) -> None:
    record(
        tmp_path / "out.mkv",
        [(50, 7.0), (80, 7.1), (110, 7.12), (140, 7.14), (170, 7.6), (200, 7.7)],
        10,
    )
    assert recorded(tmp_path / "out.mkv")[0] == nearly([50, 80, 110, 140, 140, 140, 170, 200])


def test_pictures_of_a_folder_follow_each_other_however_long_they_took(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / "out.mkv", fps=10, live=False, timed=False)
    for number, value in enumerate((50, 80, 110)):
        recorder.show(shade(value), number * 2.0)
    recorder.close()
    assert recorded(tmp_path / "out.mkv")[0] == nearly([50, 80, 110])


def test_closed_recorder_repeats_nothing_once_time_is_up(
    tmp_path: Path, encoder: type[Encoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that stood for seconds is no reason to lose the file's end."""
    monkeypatch.setattr(record_module, "ENCODE_SECONDS", 0.0)
    recorder = VideoRecorder(tmp_path / "out.mkv", fps=30, live=True)
    encoder.held = lambda: len(encoder.written) == 1 and recorder.wants_picture
    recorder.show(shade(50), 0.0)
    recorder.show(shade(200), 5.0)
    wait_for(lambda: len(encoder.begun) == 2)
    recorder.close()
    assert recorded(tmp_path / "out.mkv")[0] == nearly([50, 50, 200])


def test_closed_recorder_keeps_time_for_the_end_of_the_file(
    tmp_path: Path,
    encoder: type[Encoder],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(record_module, "ENCODE_SECONDS", 0.0)
    recorder = VideoRecorder(tmp_path / "out.mp4", fps=10, live=False, stopped=lambda: True)
    encoder.held = lambda: recorder.wants_picture
    for value in (50, 80, 110):
        recorder.show(shade(value), 0.0)
    wait_for(lambda: len(encoder.begun) == 1)
    recorder.close()
    assert recorded(tmp_path / "out.mp4")[0] == nearly([50])
    assert "lacks 2 pictures and is 0.2 s shorter" in caplog.text


def test_a_film_that_ends_by_itself_is_encoded_to_its_end(
    tmp_path: Path, encoder: type[Encoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_module, "ENCODE_SECONDS", 0.0)
    monkeypatch.setattr(record_module, "CLOSE_SECONDS", 0.0)
    recorder = VideoRecorder(tmp_path / "out.mp4", fps=10, live=False)
    encoder.held = lambda: recorder.wants_picture
    for number, value in enumerate((50, 80, 110)):
        recorder.show(shade(value), number / 10)
    recorder.close()
    assert recorded(tmp_path / "out.mp4")[0] == nearly([50, 80, 110])


@pytest.mark.parametrize("extension", CODECS)
def test_a_film_of_a_picture_an_hour_can_be_written(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"out{extension}"
    record(path, [(value, number * 3600.0) for number, value in enumerate((50, 80))], 1 / 3600)
    shades, written, _ = recorded(path)
    assert shades == nearly([50, 80])
    assert written == pytest.approx(0.002)


@pytest.mark.parametrize("fps", [1.0, 14.987, 29.97, 65.537, 74.927, 119.913, 239.987, 959.987])
@pytest.mark.parametrize("extension", CODECS)
def test_every_rate_that_films_have_can_be_written(
    tmp_path: Path, extension: str, fps: float
) -> None:
    path = tmp_path / f"out{extension}"
    record(path, [(value, number / fps) for number, value in enumerate((50, 80, 110))], fps)
    shades, written, _ = recorded(path)
    assert shades == nearly([50, 80, 110])
    assert written == pytest.approx(fps, rel=1e-3)


def test_picture_of_another_size_is_fitted_to_the_first(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / "out.mp4", fps=10, live=False)
    recorder.show(shade(50), 0.0)
    recorder.show(shade(200, 320, 240), 0.1)
    recorder.close()
    shades, _, shape = recorded(tmp_path / "out.mp4")
    assert shades == nearly([50, 200])
    assert shape == (48, 64, 3)


@pytest.mark.parametrize(
    ("width", "height", "right", "below"), [(48, 64, 36, 48), (640, 48, 64, 5), (1, 9000, 1, 48)]
)
def test_picture_of_another_shape_keeps_it(
    tmp_path: Path, width: int, height: int, right: int, below: int
) -> None:
    path = tmp_path / "out.avi"
    recorder = VideoRecorder(path, fps=10, live=False)
    recorder.show(shade(50), 0.0)
    recorder.show(shade(200, width, height), 0.1)
    recorder.close()
    video = cv2.VideoCapture(str(path))
    pictures = [video.read()[1] for _ in range(2)]
    video.release()
    bright = pictures[1].mean(axis=2) > 100
    # A codec makes edges soft.
    assert bright.any(axis=0).sum() == pytest.approx(right, abs=1)
    assert bright.any(axis=1).sum() == pytest.approx(below, abs=1)
    assert bright[20:28, 30:34].any()
    assert (pictures[0] > 30).all()


@pytest.mark.parametrize("extension", CODECS)
@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (500, 1), (1, 500), (65500, 1), (9000, 300), (2, 65500)]
)
def test_first_picture_that_no_video_can_hold_does_not_cost_the_others(
    tmp_path: Path, extension: str, width: int, height: int, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / f"out{extension}"
    recorder = VideoRecorder(path, fps=10, live=False)
    recorder.show(shade(50, width, height), 0.0)
    recorder.show(shade(200, 1280, 720), 0.1)
    recorder.close()
    assert not caplog.records
    shades, _, shape = recorded(path)
    assert len(shades) == 2
    assert shades[1] == pytest.approx(200, abs=4)
    assert shape == (720, 1280, 3)


def test_pictures_of_another_shape_stand_until_the_next(tmp_path: Path) -> None:
    path = tmp_path / "out.avi"
    recorder = VideoRecorder(path, fps=10, live=False)
    for level, at_seconds in ((50, 0.0), (100, 0.1), (200, 0.4), (220, 0.5)):
        recorder.show(shade(level, 48, 64) if at_seconds else shade(level), at_seconds)
    recorder.close()
    video = cv2.VideoCapture(str(path))
    middles = []
    while (got := video.read())[0]:
        middles.append(float(got[1][20:28, 28:36].mean()))
    video.release()
    assert middles == pytest.approx([50, 100, 100, 100, 200, 220], abs=8)


def test_fail__existing_file_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "wedding.mp4"
    path.write_text("precious")
    with pytest.raises(OutputError, match=f"{re.escape(str(path))} exists.*--record"):
        VideoRecorder(path, fps=10, live=False)
    assert path.read_text() == "precious"


@pytest.mark.parametrize("name", ["out.mov", "out", "out.txt", ".mp4"])
def test_fail__unknown_extension(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"\.mp4, \.mkv, \.avi; choose another with --record"):
        VideoRecorder(tmp_path / name, fps=10, live=False)
    assert list(tmp_path.iterdir()) == []


def test_fail__folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"file is not a folder.*--record"):
        VideoRecorder(tmp_path / "file" / "out.mp4", fps=10, live=False)


def test_fail__name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot record to .*name too long.*--record"):
        VideoRecorder(tmp_path / ("x" * 300 + ".mp4"), fps=10, live=False)


def test_fail__folder_that_may_not_be_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For root, who may look into all, every call that would fail does."""

    def refuse(path: Path, **_options: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    for name in ("stat", "touch"):
        monkeypatch.setattr(Path, name, refuse)
    with pytest.raises(OutputError, match=r"cannot record to .*Permission denied.*--record"):
        VideoRecorder(tmp_path / "out.mp4", fps=10, live=False)


def test_fail__link_to_nowhere_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match=r"out.mp4 exists and is not overwritten"):
        VideoRecorder(path, fps=10, live=False)


def test_nothing_shown_leaves_no_file(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / "out.mp4", fps=10, live=False)
    recorder.close()
    recorder.close()
    assert list(tmp_path.iterdir()) == []
    assert not recorder.wants_picture


def test_size_that_cannot_be_encoded_is_one_warning(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(record_module, "SIDES", range(1, 2))
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
    record(Path("20:30.mp4"), [(50, 0.0), (90, 0.0)], 10)
    assert recorded(tmp_path / "20:30.mp4")[0] == nearly([50, 90])


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is not UTF-8; choose another with --record"):
        VideoRecorder(tmp_path / "caf\udce9.mp4", fps=10, live=False)
    assert not list(tmp_path.iterdir())


LIMITED = """
import logging, resource, sys
from pathlib import Path
import numpy as np
from camera_app.outputs import room
from camera_app.outputs.record import VideoRecorder

logging.basicConfig(format="%(message)s")
resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
path, pictures, room.BUFFERED_BYTES = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
recorder = VideoRecorder(path, fps=30, live=False)
noise = np.random.default_rng(0).integers(0, 256, (600, 800, 3), np.uint8)
for _ in range(pictures):
    recorder.show(noise, 0.0)
recorder.close()
"""


@pytest.mark.parametrize(
    ("pictures", "buffered", "said"),
    [(60, BUFFERED_BYTES, "could not be finished"), (100, 4096, "ends")],
    ids=["at-the-end", "meanwhile"],
)
@pytest.mark.parametrize("extension", CODECS)
def test_a_disk_that_takes_no_more_is_one_warning(
    tmp_path: Path, extension: str, pictures: int, buffered: int, said: str
) -> None:
    """The limit on a file's size stands in for whatever OpenCV keeps to itself."""
    path = tmp_path / f"out{extension}"
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path), str(pictures), str(buffered)],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    lines = [line for line in ended.stderr.splitlines() if str(path) in line]
    assert len(lines) == 1
    assert re.search(f"{said}: the disk takes no more", lines[0])


def test_a_video_that_is_deleted_meanwhile_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "out.mkv"

    def remove(_folder: Path) -> int:
        path.unlink()
        return RESERVED_BYTES

    recorder = VideoRecorder(path, fps=10, live=False, free_bytes=remove)
    for value in range(50, 200, 3):
        recorder.show(shade(value), 0.0)
    recorder.close()
    assert len(caplog.records) == 1
    assert "ends: the file is gone" in caplog.text
