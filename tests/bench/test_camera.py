"""The camera of known habits: its clock, its pictures, and what it loses."""

import numpy as np
import pytest

from camera_app.bench.camera import BUFFERS, PacedCamera, moving_scene, still_scene


class Time:
    """Passes while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def camera(time: Time, fps: float = 10.0) -> PacedCamera:
    pictures = moving_scene(16, 8)
    opened = PacedCamera("test", pictures, fps, clock=time, sleep=time.sleep)
    opened.open()
    return opened


def test_pictures_come_when_they_are_due() -> None:
    time = Time()
    paced = camera(time)
    assert paced.read()[0].shape == (8, 16, 3)
    time.now += 0.03  # the program is busy, and the camera does not wait for it
    paced.skip()
    assert paced.taken == pytest.approx([100.1, 100.2])
    assert time.now == pytest.approx(100.2)


def test_what_waited_in_the_driver_comes_at_once_with_its_own_time() -> None:
    time = Time()
    paced = camera(time)
    time.now += 0.35
    for _ in range(3):
        paced.read()
    assert time.now == pytest.approx(100.35)
    assert paced.taken == pytest.approx([100.1, 100.2, 100.3])


def test_a_driver_has_so_many_buffers_and_no_more() -> None:
    time = Time()
    paced = camera(time)
    time.now += 2.05
    for _ in range(BUFFERS + 1):
        paced.read()
    assert time.now == pytest.approx(102.1)
    assert paced.taken[0] == pytest.approx(101.7)
    assert np.diff(paced.taken) == pytest.approx(0.1)


def test_a_moving_scene_moves_and_a_still_one_only_flickers() -> None:
    moving, still = moving_scene(64, 48), still_scene(64, 48)
    assert moving[0].shape == still[0].shape == (48, 64, 2)
    for pictures, least, most in ((moving, 5, 255), (still, 0.1, 5)):
        first, second = (picture.astype(int) for picture in pictures[:2])
        assert least < np.abs(first - second).mean() < most
