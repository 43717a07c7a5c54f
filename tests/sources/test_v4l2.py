import errno
import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_app.errors import FrameError, NoCameraError, SourceError
from camera_app.sources.fake import FakeCapture
from camera_app.sources.v4l2 import V4L2Reader
from camera_app.sources.v4l2_device import VideoNode

from .conftest import HEIGHT, WIDTH, Pixels, is_red

YUYV_ONLY = {"YUYV": (640, 480, 30.0)}


def webcam(path: str) -> VideoNode:
    return VideoNode(path, "HD Webcam", "uvcvideo", captures=True)


def refusing(number: int) -> object:
    def query(path: str) -> VideoNode:
        raise OSError(number, "words of the system", path)

    return query


def make(capture: FakeCapture, node: str = "/dev/video0", **options: object) -> V4L2Reader:
    wanted = {"query": webcam, "find": list, **options}
    return V4L2Reader(node, open_capture=lambda *_: capture, **wanted)  # type: ignore[arg-type]


def formats_asked(capture: FakeCapture) -> list[str]:
    codes = [value for name, value in capture.settings if name == cv2.CAP_PROP_FOURCC]
    return [int(code).to_bytes(4, "little").decode() for code in codes]


def test_raw_is_kept_where_it_is_fast_enough(red: Pixels) -> None:
    capture = FakeCapture({"YUYV": (640, 480, 29.97), "MJPG": (640, 480, 60.0)}, red)
    reader = make(capture, width=640, height=480, fps=30)
    assert reader.describe() == "camera /dev/video0"
    reader.open()
    assert formats_asked(capture) == ["YUYV"]
    assert reader.describe() == "HD Webcam /dev/video0, 640x480 YUYV at 29.97 fps"
    assert capture.settings[-1] == (cv2.CAP_PROP_BUFFERSIZE, 1)


@pytest.mark.parametrize(
    "raw", [(1280, 720, 10.0), (640, 480, 30.0)], ids=["too slow", "too small"]
)
def test_motion_jpeg_is_taken_where_raw_falls_short(
    red: Pixels, raw: tuple[int, int, float]
) -> None:
    capture = FakeCapture({"YUYV": raw, "MJPG": (1280, 720, 30.0)}, red)
    reader = make(capture, width=1280, height=720, fps=30)
    reader.open()
    assert reader.describe() == "HD Webcam /dev/video0, 1280x720 MJPG at 30 fps"


def test_raw_is_taken_back_where_motion_jpeg_is_no_better(red: Pixels) -> None:
    capture = FakeCapture({"YUYV": (640, 480, 15.0), "MJPG": (320, 240, 30.0)}, red)
    reader = make(capture, width=640, height=480, fps=30)
    reader.open()
    assert formats_asked(capture) == ["YUYV", "MJPG", "YUYV"]
    assert "640x480 YUYV at 15 fps" in reader.describe()


def test_a_camera_with_a_format_of_its_own_is_taken_as_it_is(red: Pixels) -> None:
    reader = make(FakeCapture({"RGB3": (160, 120, 30.0)}, red))
    reader.open()
    picture, name = reader.read()
    assert is_red(picture)
    assert name is None


@pytest.mark.parametrize("fps", [-1.0, 0.0, math.inf, math.nan])
def test_a_rate_that_the_driver_does_not_tell_is_not_told(red: Pixels, fps: float) -> None:
    reader = make(FakeCapture({"YUYV": (640, 480, fps), "MJPG": (640, 480, fps)}, red))
    reader.open()
    assert reader.describe() == "HD Webcam /dev/video0, 640x480 YUYV"


def test_the_flat_frame_of_opencv_4_11_is_shaped(red: Pixels) -> None:
    reader = make(FakeCapture({"BGR3": (WIDTH, HEIGHT, 30.0)}, red.reshape(1, -1)))
    reader.open()
    picture, _ = reader.read()
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert is_red(picture)


def test_a_format_that_opencv_leaves_alone_is_converted(red: Pixels) -> None:
    planes = cv2.cvtColor(red, cv2.COLOR_BGR2YUV_I420).astype(np.uint8)
    reader = make(FakeCapture({"YU12": (WIDTH, HEIGHT, 30.0)}, planes))
    reader.open()
    picture, _ = reader.read()
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert is_red(picture)


def test_a_link_is_followed_each_time_it_is_opened(tmp_path: Path, red: Pixels) -> None:
    opened: list[str] = []

    def open_capture(path: str, *_: object) -> FakeCapture:
        opened.append(path)
        return FakeCapture(YUYV_ONLY, red)

    link = tmp_path / "usb-HD_Webcam-video-index0"
    reader = V4L2Reader(str(link), open_capture=open_capture, query=webcam, find=list)
    for number in ("video0", "video2"):
        link.unlink(missing_ok=True)
        link.symlink_to(tmp_path / number)
        reader.open()
    assert opened == [str(tmp_path / "video0"), str(tmp_path / "video2")]


def test_an_unplugged_camera_is_an_error_and_can_be_opened_again(red: Pixels) -> None:
    capture = FakeCapture(YUYV_ONLY, red)
    reader = make(capture)
    reader.open()
    capture.picture = None
    with pytest.raises(SourceError, match=r"/dev/video0.* sends no pictures; check its cable"):
        reader.read()
    reader.close()
    reader.close()
    assert capture.released
    capture.picture = red
    reader.open()
    assert is_red(reader.read()[0])


def test_another_camera_at_the_same_node_is_agreed_with_anew(red: Pixels) -> None:
    small = cv2.resize(red, (80, 60)).astype(np.uint8)
    captures = [
        FakeCapture({"YUYV": (WIDTH, HEIGHT, 30.0)}, red),
        FakeCapture({"BGR3": (80, 60, 15.0)}, small.reshape(1, -1)),
    ]
    cards = iter(["HD Webcam", "USB Microscope"])
    reader = V4L2Reader(
        "/dev/video0",
        open_capture=lambda *_: captures.pop(0),
        query=lambda path: VideoNode(path, next(cards), "uvcvideo", captures=True),
        find=list,
    )
    reader.open()
    assert reader.read()[0].shape == (HEIGHT, WIDTH, 3)
    reader.close()
    reader.open()
    assert reader.describe() == "USB Microscope /dev/video0, 80x60 BGR3 at 15 fps"
    picture, _ = reader.read()
    assert picture.shape == (60, 80, 3)
    assert is_red(picture)


def test_a_picture_nobody_wants_is_not_decoded(red: Pixels) -> None:
    capture = FakeCapture(YUYV_ONLY, red, torn=1)
    reader = make(capture)
    reader.open()
    for _ in range(3):
        reader.skip()
    with pytest.raises(FrameError):  # the first that was looked at
        reader.read()
    capture.picture = None
    with pytest.raises(SourceError, match="check its cable"):
        reader.skip()
    reader.close()
    with pytest.raises(SourceError, match="is not open"):
        reader.skip()


def test_a_torn_picture_is_not_a_camera_that_is_gone(red: Pixels) -> None:
    reader = make(FakeCapture(YUYV_ONLY, red, torn=1))
    reader.open()
    with pytest.raises(FrameError, match=r"HD Webcam .* torn pictures; check its cable"):
        reader.read()
    assert is_red(reader.read()[0])


@pytest.mark.parametrize("shape", [(0, 0, 3), (0,), (1, 4711), (7, 5, 2, 3)], ids=str)
def test_garbage_is_said(shape: tuple[int, ...]) -> None:
    reader = make(FakeCapture(YUYV_ONLY, np.zeros(shape, np.uint8)))
    reader.open()
    with pytest.raises(FrameError, match="the driver handed over"):
        reader.read()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "no camera at /dev/video0: there is /dev/video4; --list-sources shows"),
        (errno.EACCES, r"no permission to use /dev/video0: .*sudo usermod -aG video"),
        (errno.EBUSY, "/dev/video0 is in use by another program"),
        (errno.ENOTTY, "/dev/video0 is no camera; --list-sources"),
        (errno.EIO, "/dev/video0 cannot be opened: words of the system; unplug the camera"),
    ],
)
def test_refusals_of_the_system_are_put_in_words(number: int, words: str) -> None:
    refuse = refusing(number)

    def query(path: str) -> VideoNode:
        if path == "/dev/video4":
            return webcam(path)
        return refuse(path)  # type: ignore[operator,no-any-return]

    reader = make(FakeCapture(YUYV_ONLY, None), query=query, find=lambda: ["/dev/video4"])
    with pytest.raises(SourceError, match=words):
        reader.open()


@pytest.mark.parametrize(
    ("number", "gone"),
    [
        (errno.ENOENT, True),
        (errno.ENODEV, True),
        (errno.ENXIO, True),
        (errno.EBUSY, False),
        (errno.EACCES, False),
    ],
)
def test_a_camera_that_is_gone_is_told_from_one_that_is_refused(number: int, gone: bool) -> None:
    with pytest.raises(SourceError) as raised:
        make(FakeCapture(YUYV_ONLY, None), query=refusing(number)).open()
    assert isinstance(raised.value, NoCameraError) is gone


def test_no_camera_at_all_is_said() -> None:
    reader = make(FakeCapture(YUYV_ONLY, None), query=refusing(errno.ENOENT))
    with pytest.raises(SourceError, match="there is none at all"):
        reader.open()


def test_a_node_that_gives_no_pictures_is_refused() -> None:
    def metadata(path: str) -> VideoNode:
        return VideoNode(path, "HD Webcam", "uvcvideo", captures=False)

    reader = make(FakeCapture(YUYV_ONLY, None), query=metadata)
    with pytest.raises(NoCameraError, match=r"/dev/video0 \(HD Webcam\) gives no pictures"):
        reader.open()


def test_a_camera_that_answers_but_does_not_open_is_in_use() -> None:
    capture = FakeCapture(YUYV_ONLY, None, opened=False)
    with pytest.raises(SourceError, match="in use by another program, or does not work"):
        make(capture).open()
    assert capture.released


def test_reading_before_opening_is_an_error() -> None:
    with pytest.raises(SourceError, match="is not open"):
        make(FakeCapture(YUYV_ONLY, None)).read()


def test_the_real_system_refuses_what_is_no_camera(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no camera at"):
        V4L2Reader(str(tmp_path / "video0")).open()
    with pytest.raises(SourceError, match="/dev/null is no camera"):
        V4L2Reader("/dev/null").open()
