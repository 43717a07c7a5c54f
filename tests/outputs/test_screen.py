"""The picture is drawn once, and only when someone looks."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from camera_app.frame import Result
from camera_app.outputs.drawing import Pixels
from camera_app.outputs.overlay import Overlay
from camera_app.outputs.record import VideoRecorder
from camera_app.outputs.screen import Screen
from camera_app.sources.base import SourceState

from .conftest import make_result


@dataclass
class Viewer:
    """Keeps what it was shown."""

    wants_picture: bool = True
    quit_requested: bool = False
    shown: list[tuple[Pixels, float]] = field(default_factory=list)
    idled: int = 0
    closed: bool = False
    enlarged: int = 1

    def drawing_size(self, width: int, height: int) -> tuple[int, int]:
        return self.enlarged * width, self.enlarged * height

    def show(self, picture: Pixels, at_seconds: float, /) -> None:
        self.shown.append((picture, at_seconds))

    def idle(self) -> None:
        self.idled += 1

    def close(self) -> None:
        self.closed = True


class CountingOverlay(Overlay):
    """Counts how often it draws."""

    drawn = 0

    def draw(self, result: Result, size: tuple[int, int] | None = None) -> Pixels:
        self.drawn += 1
        return super().draw(result, size)


def test_drawn_once_for_two_viewers() -> None:
    overlay, viewers = CountingOverlay(live=True), [Viewer(), Viewer()]
    Screen(viewers, overlay).write(make_result(at=5.0))
    assert overlay.drawn == 1
    assert viewers[0].shown[0][0] is viewers[1].shown[0][0]
    assert viewers[0].shown[0][1] == 5.0


def test_drawn_once_for_each_size_that_is_wanted() -> None:
    overlay, viewers = CountingOverlay(live=True), [Viewer(), Viewer(enlarged=3), Viewer()]
    screen = Screen(viewers, overlay)
    screen.write(make_result(pixels=np.zeros((32, 40, 3), np.uint8)))
    screen.source_changed(SourceState.LOST, "unplugged")
    assert overlay.drawn == 2
    for shapes, viewer in zip([(32, 40, 3), (96, 120, 3), (32, 40, 3)], viewers, strict=True):
        assert [picture.shape for picture, _ in viewer.shown] == [shapes, shapes]


def test_not_drawn_for_nobody() -> None:
    overlay, viewer = CountingOverlay(live=True), Viewer(wants_picture=False)
    for viewers in ([viewer], []):
        Screen(viewers, overlay).write(make_result())
    assert overlay.drawn == 0
    assert viewer.shown == []
    assert viewer.idled == 1


def test_without_overlay_the_picture_is_the_frame() -> None:
    viewer, result = Viewer(), make_result()
    Screen([viewer], None).write(result)
    assert viewer.shown[0][0] is result.frame.pixels


def test_lost_camera_is_a_slate_of_the_same_size() -> None:
    viewer, paused = Viewer(), Viewer(wants_picture=False)
    screen = Screen([viewer, paused], Overlay(live=True))
    screen.write(make_result(pixels=np.zeros((120, 160, 3), np.uint8)))
    screen.source_changed(SourceState.STREAMING, "there it is")
    assert len(viewer.shown) == 1
    screen.source_changed(SourceState.LOST, "unplugged")
    assert viewer.shown[1][0].shape == (120, 160, 3)
    assert len(paused.shown) == 1


def test_camera_lost_before_its_first_picture_opens_no_video(tmp_path: Path) -> None:
    """The video has the camera's size, not that of a slate drawn before it is known."""
    viewer = Viewer()
    recorder = VideoRecorder(tmp_path / "out.mkv", fps=10, live=True)
    screen = Screen([recorder, viewer], None)
    screen.source_changed(SourceState.LOST, "unplugged")
    screen.write(make_result(pixels=np.zeros((120, 160, 3), np.uint8), at=5.0))
    screen.close()
    assert [picture.shape for picture, _ in viewer.shown] == [(480, 640, 3), (120, 160, 3)]
    video = cv2.VideoCapture(str(tmp_path / "out.mkv"))
    shapes = []
    while (read := video.read())[0]:
        shapes.append(read[1].shape)
    assert shapes == [(120, 160, 3)]


def test_quit_and_close_reach_every_viewer() -> None:
    viewers = [Viewer(), Viewer()]
    screen = Screen(viewers, None)
    assert not screen.quit_requested
    viewers[1].quit_requested = True
    assert screen.quit_requested
    screen.close()
    assert all(viewer.closed for viewer in viewers)
