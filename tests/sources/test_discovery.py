import errno

import numpy as np

from camera_app.errors import SourceError
from camera_app.sources.discovery import find_pi_cameras, find_usb_cameras, list_sources
from camera_app.sources.fake_csi import FakePicamera2
from camera_app.sources.v4l2_device import VideoNode

NODES = {
    "/dev/video0": VideoNode("/dev/video0", "unicam", "unicam", captures=True),
    "/dev/video1": VideoNode("/dev/video1", "HD Webcam", "uvcvideo", captures=True),
    "/dev/video2": VideoNode("/dev/video2", "HD Webcam", "uvcvideo", captures=False),
}


def test_cameras_are_listed_and_other_nodes_are_not() -> None:
    found = find_usb_cameras(lambda: list(NODES), NODES.__getitem__)
    assert [(source.uri, source.description) for source in found] == [
        ("/dev/video1", "HD Webcam (V4L2, uvcvideo)")
    ]
    assert found[0].usable


def test_cameras_that_may_not_be_opened_are_listed_with_the_reason() -> None:
    def query(path: str) -> VideoNode:
        raise {
            "/dev/video0": PermissionError(errno.EACCES, "Permission denied"),
            "/dev/video1": OSError(errno.EBUSY, "Device or resource busy"),
        }[path]

    denied, busy = find_usb_cameras(lambda: ["/dev/video0", "/dev/video1"], query)
    assert "group video" in denied.description
    assert "Device or resource busy" in busy.description
    assert not denied.usable
    assert not busy.usable


def test_pi_cameras_are_listed_by_what_opens_them() -> None:
    found = find_pi_cameras(lambda: FakePicamera2(np.zeros((2, 2, 3), np.uint8)))
    assert [(source.uri, source.description) for source in found] == [
        ("csi:0", "Raspberry Pi camera, imx219")
    ]


def test_without_picamera2_there_are_no_pi_cameras() -> None:
    def missing() -> object:
        raise SourceError("apt install python3-picamera2")

    def broken() -> object:
        raise RuntimeError("no camera system")

    assert find_pi_cameras(missing) == []
    assert find_pi_cameras(broken) == []


def test_the_demo_is_always_there_and_comes_last() -> None:
    found = list_sources(
        lambda: find_pi_cameras(lambda: FakePicamera2(np.zeros((2, 2, 3), np.uint8))),
        lambda: find_usb_cameras(lambda: ["/dev/video1"], NODES.__getitem__),
    )
    assert [source.uri for source in found] == ["csi:0", "/dev/video1", "demo"]
    assert [source.uri for source in list_sources(list, list)] == ["demo"]


def test_this_machine_can_be_asked() -> None:
    assert list_sources()[-1].uri == "demo"
