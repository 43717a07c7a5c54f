import concurrent.futures
import contextlib
import os
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from camera_app.errors import FrameError, SourceError
from camera_app.sources.csi import PiCameraReader, import_picamera2, pi_cameras
from camera_app.sources.fake_csi import FakePicamera2

from .conftest import HEIGHT, WIDTH, Pixels, is_red

USB = {"Num": 0, "Id": "/base/soc/usb@7e980000/usb-1.2:1.0-046d:0825", "Model": "Webcam"}
LEFT = {"Num": 2, "Id": "/base/axi/pcie@120000/rp1/i2c@88000/imx708@1a", "Model": "imx708"}
RIGHT = {"Num": 1, "Id": "/base/axi/pcie@120000/rp1/i2c@80000/imx219@10", "Model": "imx219"}


def nobody() -> list[str]:
    return []


def make(fake: FakePicamera2, number: int = 0, **options: Any) -> PiCameraReader:
    options = {"holders": nobody, **options}
    return PiCameraReader(number, width=WIDTH, height=HEIGHT, load=lambda: fake, **options)


def padded_nv12(red: Pixels) -> Pixels:
    """As picamera2 gives it: rows padded to the pipeline's stride, the padding not black."""
    planes = cv2.cvtColor(red, cv2.COLOR_BGR2YUV_I420).astype(np.uint8).reshape(-1)
    size = WIDTH * HEIGHT
    chroma = planes[size:].reshape(2, -1).T.reshape(-1, WIDTH)
    rows = np.concatenate((planes[:size].reshape(HEIGHT, WIDTH), chroma))
    return np.pad(rows, ((0, 0), (0, 32)), constant_values=255)


def test_rgb888_is_asked_for_and_is_bgr(red: Pixels) -> None:
    fake = FakePicamera2(red)
    reader = make(fake, fps=25)
    reader.open()
    assert fake.wanted["main"] == {"size": (WIDTH, HEIGHT), "format": "RGB888"}
    assert fake.wanted["controls"] == {"FrameRate": 25}
    assert fake.wanted["queue"] is False, "a queued frame is an old frame"
    picture, name = reader.read()
    assert is_red(picture)
    assert name is None
    assert reader.describe() == "Raspberry Pi camera csi:0 (imx219), 160x120 RGB888 at 25 fps"


@pytest.mark.parametrize("adjusted", ["BGR888", "XRGB8888", "XBGR8888", "NV12", "YUV420"])
def test_what_the_pipeline_adjusted_is_converted(red: Pixels, adjusted: str) -> None:
    layouts: dict[str, Callable[[], Any]] = {
        "BGR888": lambda: red[:, :, ::-1],
        "XRGB8888": lambda: cv2.cvtColor(red, cv2.COLOR_BGR2BGRA),
        "XBGR8888": lambda: cv2.cvtColor(red, cv2.COLOR_BGR2RGBA),
        "NV12": lambda: padded_nv12(red),
        "YUV420": lambda: cv2.cvtColor(red, cv2.COLOR_BGR2YUV_I420),
    }
    reader = make(FakePicamera2(layouts[adjusted](), pixel_format=adjusted))
    reader.open()
    picture, _ = reader.read()
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert is_red(picture)
    assert adjusted in reader.describe()


def test_pixels_that_are_no_picture_are_refused() -> None:
    reader = make(FakePicamera2(np.zeros((4, 4, 3), np.uint16), pixel_format="SBGGR16"))
    reader.open()
    with pytest.raises(FrameError, match="uint16"):
        reader.read()


@pytest.mark.parametrize("timeout", [TimeoutError(), concurrent.futures.TimeoutError()])
def test_waits_are_bounded(timeout: Exception) -> None:
    fake = FakePicamera2(timeout)
    reader = make(fake, read_timeout_seconds=3.0)
    reader.open()
    with pytest.raises(SourceError, match="sent no picture for 3 s; check the ribbon cable"):
        reader.read()
    assert fake.timeouts == [3.0]


def test_a_camera_that_fails_while_reading_is_an_error() -> None:
    reader = make(FakePicamera2(RuntimeError("camera frontend has timed out")))
    reader.open()
    with pytest.raises(SourceError, match="failed: camera frontend has timed out"):
        reader.read()


def test_a_camera_that_does_not_start_is_closed_again_and_said(red: Pixels) -> None:
    fake = FakePicamera2(red, start_error=RuntimeError("Device timeout"))
    with pytest.raises(SourceError, match=r"Device timeout\); close other programs"):
        make(fake).open()
    assert fake.calls[-1] == "close"


def test_a_busy_camera_is_said_with_who_has_it(red: Pixels) -> None:
    fake = FakePicamera2(red, open_error=RuntimeError("Camera __init__ sequence did not complete."))
    with pytest.raises(SourceError, match=r"in use by rpicam-hello \(4711\); close that first"):
        make(fake, holders=lambda: ["rpicam-hello (4711)"]).open()


@pytest.mark.parametrize("free", [True, False])
def test_an_attempt_leaves_nothing_open(red: Pixels, free: bool) -> None:
    """Else a camera that another program holds for a night takes all file descriptors there are."""
    fake = FakePicamera2(red, open_error=None if free else RuntimeError("__init__ sequence"))
    reader = make(fake)
    for _ in range(3):
        with contextlib.nullcontext() if free else pytest.raises(SourceError):
            reader.open()
    reader.close()
    assert len(fake.pipes) == 3
    for read_end, _ in fake.pipes:
        assert read_end.closed
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fake.pipes[-1][1])


def test_a_camera_that_cannot_be_stopped_is_closed_all_the_same(red: Pixels) -> None:
    broken = RuntimeError("the frontend is gone")
    fake = FakePicamera2(red, start_error=RuntimeError("no frames"), stop_error=broken)
    with pytest.raises(SourceError, match="no frames"):
        make(fake).open()
    assert fake.calls[-1] == "close"


def test_a_picture_that_never_came_does_not_stand_in_the_way_of_stopping() -> None:
    """picamera2 does one thing after the other, and would wait for the picture first."""
    fake = FakePicamera2(TimeoutError())
    reader = make(fake)
    reader.open()
    with pytest.raises(SourceError):
        reader.read()
    reader.close()
    assert fake.calls[-3:] == ["cancel_all_and_flush", "stop", "close"]


def test_closing_stops_and_closes_once(red: Pixels) -> None:
    fake = FakePicamera2(red)
    reader = make(fake)
    reader.close()
    reader.open()
    reader.close()
    reader.close()
    closing = ["cancel_all_and_flush", "stop", "close"]
    assert fake.calls == ["Picamera2(0)", "configure(160x120 RGB888)", "start", *closing]


def test_usb_cameras_are_left_to_v4l2(red: Pixels) -> None:
    fake = FakePicamera2(red, cameras=[LEFT, USB])
    assert pi_cameras(fake) == {0: LEFT}
    with pytest.raises(SourceError, match="no Raspberry Pi camera csi:1: there is csi:0"):
        make(fake, number=1).open()


def test_a_camera_is_opened_by_its_place_and_not_by_libcameras_number(red: Pixels) -> None:
    fake = FakePicamera2(red, cameras=[LEFT, RIGHT, USB])
    reader = make(fake, number=1)
    reader.open()
    assert "Picamera2(1)" in fake.calls
    assert "imx219" in reader.describe()


def test_no_camera_at_all_is_said(red: Pixels) -> None:
    with pytest.raises(SourceError, match="there is none at all; check the ribbon cable"):
        make(FakePicamera2(red, cameras=[])).open()


@pytest.mark.parametrize(
    "broken", [None, "raise ValueError('numpy.dtype size changed')"], ids=["missing", "broken"]
)
def test_a_picamera2_that_cannot_be_imported_is_said(
    broken: str | None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("modules")
    (folder / "picamera2.py").write_text(broken or "raise ModuleNotFoundError('picamera2')")
    monkeypatch.syspath_prepend(str(folder))
    way_out = r"apt install python3-picamera2.*--system-site-packages FOLDER"
    with pytest.raises(SourceError, match=way_out):
        import_picamera2()


def test_a_picture_nobody_wants_is_waited_for_and_not_copied(red: Pixels) -> None:
    fake = FakePicamera2(red)
    reader = make(fake, read_timeout_seconds=3.0)
    reader.open()
    reader.skip()
    assert fake.calls[-1] == "capture_metadata(wait=False)"
    assert fake.timeouts == [3.0]
    fake.array = TimeoutError()
    with pytest.raises(SourceError, match="sent no picture for 3 s"):
        reader.skip()


def test_reading_before_opening_is_an_error(red: Pixels) -> None:
    with pytest.raises(SourceError, match="is not open"):
        make(FakePicamera2(red)).read()
