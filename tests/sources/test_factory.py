import os
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.errors import CameraAppError, NoCameraError, SourceError, UsageError
from camera_app.sources import v4l2
from camera_app.sources.base import SourceState
from camera_app.sources.discovery import FoundSource
from camera_app.sources.factory import make_source
from camera_app.sources.fake import FakeReader
from tests.end_to_end import wait_for

from .conftest import HEIGHT, PATIENCE, WIDTH, Pixels, is_red, state_of

PREFIXES = ("csi:", "rtsp://", "http://", "/dev/", "0", "~")

DEMO = FoundSource("demo", "scenes drawn in code")
WEBCAM = FoundSource("/dev/video2", "HD Webcam")
RIBBON = FoundSource("csi:0", "Raspberry Pi camera, imx708")
LOCKED = FoundSource("/dev/video0", "no permission: join the group video", usable=False)


@pytest.mark.parametrize(
    ("uri", "description"),
    [
        ("0", "camera /dev/video0"),
        ("12", "camera /dev/video12"),
        ("/dev/video3", "camera /dev/video3"),
        ("/dev/v4l/by-id/usb-HD-index0", "camera /dev/v4l/by-id/usb-HD-index0"),
        ("csi", "Raspberry Pi camera csi:0"),
        ("csi:1", "Raspberry Pi camera csi:1"),
        ("rtsp://cam:554/live", "stream rtsp://cam:554/live"),
        ("http://cam/video", "stream http://cam/video"),
        ("https://cam/video", "stream https://cam/video"),
        ("demo", "built-in demo, 640x480 at 30 fps"),
    ],
)
def test_live_kinds(uri: str, description: str) -> None:
    source = make_source(uri)
    assert source.live
    assert source.describe() == description
    assert source.state is SourceState.CONNECTING


def test_recorded_kinds(tmp_path: Path, make_video: Callable[..., Path], red: Pixels) -> None:
    video = make_video("v.mp4", [red] * 3)
    picture = tmp_path / "p.PNG"
    cv2.imwrite(str(picture), red)
    for path, frames in ((video, 3), (picture, 1), (tmp_path, 1)):
        source = make_source(str(path))
        assert not source.live
        source.start()
        for _ in range(frames):
            frame = source.next_frame(PATIENCE)
            assert frame is not None
            assert is_red(frame.pixels)
        assert source.next_frame(PATIENCE) is None


@pytest.mark.parametrize("name", ["p.jfif", "p", "p.jpg_large", "p.mp4", "p.ppm"])
def test_a_picture_is_one_whatever_it_is_called(tmp_path: Path, red: Pixels, name: str) -> None:
    picture = tmp_path / "p.jpg"
    cv2.imwrite(str(picture), red)
    source = make_source(str(picture.rename(tmp_path / name)))
    source.start()
    assert source.describe() == f"picture {tmp_path / name}"
    assert source.frames_per_second is None
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    assert is_red(frame.pixels)


def test_a_film_of_jpegs_is_no_picture(tmp_path: Path, red: Pixels) -> None:
    jpeg = cv2.imencode(".jpg", red)[1].tobytes()
    (tmp_path / "film.mjpeg").write_bytes(jpeg * 3)
    source = make_source(str(tmp_path / "film.mjpeg"))
    source.start()
    assert [source.next_frame(PATIENCE) is None for _ in range(4)] == [False, False, False, True]


def test_a_file_below_dev_is_a_file(make_video: Callable[..., Path], red: Pixels) -> None:
    video = make_video("v.mp4", [red])
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = shutil.copy(video, folder)
        assert make_source(path).describe() == f"video {path}"
        assert not make_source(folder).live


@pytest.mark.parametrize(
    ("found", "description"),
    [
        ([RIBBON, WEBCAM, DEMO], "Raspberry Pi camera csi:0 (first camera found)"),
        ([WEBCAM, DEMO], "camera /dev/video2 (first camera found)"),
        ([LOCKED, WEBCAM, DEMO], "camera /dev/video2 (first camera found)"),
        ([DEMO], "built-in demo, 640x480 at 30 fps (no camera was found)"),
        (
            [LOCKED, DEMO],
            (
                "built-in demo, 640x480 at 30 fps (no camera can be used: "
                "/dev/video0, no permission: join the group video)"
            ),
        ),
    ],
)
def test_auto_takes_the_first_camera_and_says_which(
    found: list[FoundSource], description: str
) -> None:
    assert make_source("auto", discover=lambda: found).describe() == description


def test_auto_without_a_camera_plays_the_demo() -> None:
    source = make_source("auto", width=WIDTH, height=HEIGHT, rotate=90, discover=lambda: [DEMO])
    source.start()
    frame = source.next_frame(20.0)
    source.stop()
    assert frame is not None
    assert frame.pixels.shape == (WIDTH, HEIGHT, 3)


def test_auto_without_a_camera_is_an_error_where_no_demo_is_wanted() -> None:
    shut = FoundSource("/dev/video0", "no permission: join the group video", usable=False)
    with pytest.raises(SourceError, match=r"no camera was found; connect .* source\.uri"):
        make_source("auto", demo_if_none=False, discover=lambda: [DEMO])
    with pytest.raises(SourceError, match=r"/dev/video0, no permission: join the group video"):
        make_source("auto", demo_if_none=False, discover=lambda: [shut, DEMO])
    assert "demo" in make_source("demo", demo_if_none=False).describe()


class Bus:
    """USB cameras as they come and go: by node, the reader of each that is there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there: dict[str, FoundSource] = {}
        self.asked: list[str] = []
        self.readers: list[FakeReader] = []
        monkeypatch.setattr(v4l2, "V4L2Reader", self._reader)

    def plug_in(self, node: str, name: str) -> None:
        self.there[node] = FoundSource(node, name)

    def find(self) -> list[FoundSource]:
        return [*(self.there[node] for node in sorted(self.there)), DEMO]

    def _reader(self, node: str, **_: object) -> FakeReader:
        bus = self

        class Reader(FakeReader):
            def open(self) -> None:
                bus.asked.append(node)
                if node not in bus.there:
                    raise NoCameraError(f"no camera at {node}")
                self.description = f"{bus.there[node].description} {node}"

        self.readers.append(Reader())
        return self.readers[-1]


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Bus:
    return Bus(monkeypatch)


def reset(bus: Bus, node: str) -> None:
    """The camera at ``node`` sends no more and is there no more."""
    del bus.there[node]
    bus.readers[-1].feed(SourceError("it sends no pictures; check its cable"))


def test_auto_finds_its_camera_again_under_another_number(bus: Bus, red: Pixels) -> None:
    bus.plug_in("/dev/video0", "HD Webcam")
    source = make_source("auto", retry_seconds=0.001, discover=bus.find)
    source.start()
    for gone, back in pairwise(("/dev/video0", "/dev/video1", "/dev/video0")):
        bus.asked.clear()
        reset(bus, gone)
        bus.plug_in(back, "HD Webcam")
        wait_for(partial(bus.asked.__contains__, back), f"the camera at {back}")
        bus.readers[-1].feed(red)
        assert source.next_frame(20.0) is not None
        assert source.describe() == f"HD Webcam {back} (first camera found)"
        assert state_of(source) is SourceState.STREAMING
    bus.readers[-1].feed(SourceError("the test is over"))
    source.stop()


def test_auto_stays_away_from_what_it_passed_over_and_from_the_demo(bus: Bus) -> None:
    """Two of a kind: one that is reset for a second must not cost the picture of its place."""
    bus.plug_in("/dev/video0", "HD Webcam")
    bus.plug_in("/dev/video2", "HD Webcam")
    source = make_source("auto", retry_seconds=0.001, retry_limit_seconds=0.001, discover=bus.find)
    source.start()
    reset(bus, "/dev/video0")
    wait_for(lambda: len(bus.asked) >= 5, "four attempts to get it back")
    assert set(bus.asked) == {"/dev/video0"}
    assert source.problem == "no camera at /dev/video0"
    source.stop()


def test_auto_knows_its_camera_by_its_name_where_a_reset_gave_all_of_them_other_numbers(
    bus: Bus,
) -> None:
    bus.plug_in("/dev/video0", "HD Webcam")
    bus.plug_in("/dev/video2", "Microscope")
    source = make_source("auto", retry_seconds=0.001, retry_limit_seconds=0.001, discover=bus.find)
    source.start()
    del bus.there["/dev/video2"]
    bus.plug_in("/dev/video1", "Microscope")
    reset(bus, "/dev/video0")
    wait_for(lambda: len(bus.asked) >= 5, "four attempts to get it back")
    assert set(bus.asked) == {"/dev/video0"}
    bus.plug_in("/dev/video3", "HD Webcam")
    wait_for(partial(bus.asked.__contains__, "/dev/video3"), "the camera at its new number")
    assert "/dev/video1" not in bus.asked
    bus.readers[-1].feed(SourceError("the test is over"))
    source.stop()


def test_a_camera_asked_for_by_its_number_is_looked_for_nowhere_else(bus: Bus) -> None:
    bus.plug_in("/dev/video0", "HD Webcam")
    source = make_source("0", retry_seconds=0.001, retry_limit_seconds=0.001, discover=bus.find)
    source.start()
    reset(bus, "/dev/video0")
    bus.plug_in("/dev/video2", "HD Webcam")
    wait_for(lambda: len(bus.asked) >= 5, "four attempts to get it back")
    assert set(bus.asked) == {"/dev/video0"}
    source.stop()


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("", "'' is no source: write a camera's number"),
        ("-1", "'-1' is no source"),
        ("1234", "'1234' is no source"),
        ("csi:x", "'csi:x' is no source"),
        ("ftp://cam/x", "is no address this program reads"),
        ("http://", "names no host"),
    ],
)
def test_fail__usage(uri: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        make_source(uri)


def test_nothing_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no file .*gone\.mp4.*--list-sources"):
        make_source(str(tmp_path / "gone.mp4"))


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        (" rtsp://me:secret@cam/x", "' rtsp://me:***@cam/x'"),
        ("RTSP:/me:secret@cam/x", "'RTSP:/me:***@cam/x'"),
        ("http//me:se:cr@et@cam/x?pwd=secret", "'http//me:***@cam/x?pwd=***'"),
        ("https:cam/x", "'https:cam/x'"),
    ],
)
def test_fail__mistyped_address(uri: str, shown: str) -> None:
    with pytest.raises(UsageError) as raised:
        make_source(uri)
    assert str(raised.value).startswith(f"{shown} is no address; write rtsp://HOST:PORT/PATH")


@pytest.mark.parametrize("uri", ["http.mp4", "rtsp/film.mp4", "https"])
def test_a_file_may_be_called_like_a_protocol(uri: str) -> None:
    with pytest.raises(SourceError, match="there is no file"):
        make_source(uri)


@pytest.mark.parametrize("uri", ["demo", "."])
def test_fail__orientation(uri: str) -> None:
    with pytest.raises(UsageError, match="cannot rotate by 45"):
        make_source(uri, rotate=45)
    with pytest.raises(UsageError, match="cannot flip 'up'"):
        make_source(uri, flip="up")


@given(st.text() | st.builds(str.__add__, st.sampled_from(PREFIXES), st.text()))
def test_any_text_is_a_source_or_an_error_in_words(uri: str) -> None:
    try:
        source = make_source(uri, discover=lambda: [DEMO])
    except CameraAppError as error:
        assert "\n" not in str(error)
    else:
        assert source.describe()


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "v.mp4")
    with pytest.raises(SourceError, match=r"v\.mp4' is a pipe, and only whole files are read"):
        make_source(str(tmp_path / "v.mp4"))
