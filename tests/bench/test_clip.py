"""The video that is made on the spot, and pictures that are in memory."""

from pathlib import Path

import cv2
import numpy as np

from camera_app.bench.clip import HEIGHT, WIDTH, moving_pictures, play, write_clip


def test_moving_pictures_move_and_are_the_same_each_time(tmp_path: Path) -> None:
    first, second = moving_pictures(2, 64, 48)
    assert first.shape == (48, 64, 3)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, next(moving_pictures(1, 64, 48)))
    write_clip(tmp_path / "clip.mp4", 2)
    capture = cv2.VideoCapture(str(tmp_path / "clip.mp4"))
    assert capture.read()[1].shape == (HEIGHT, WIDTH, 3)
    capture.release()


def test_pictures_in_memory_play_over_and_over_and_end() -> None:
    pictures = list(moving_pictures(2, 64, 48))
    source = play(pictures, 3)
    source.start()
    played = [frame.pixels for _ in range(4) if (frame := source.next_frame(30.0)) is not None]
    source.stop()
    assert [np.array_equal(frame, pictures[0]) for frame in played] == [True, False, True]
    assert not any(frame is pictures[0] for frame in played), "a decoder gives new ones too"
    assert source.describe() == "pictures in memory, 64x48"


def test_pictures_in_memory_need_not_be_copied() -> None:
    pictures = list(moving_pictures(1, 64, 48))
    source = play(pictures, 2, copied=False)
    source.start()
    frame = source.next_frame(30.0)
    source.stop()
    assert frame is not None
    assert frame.pixels is pictures[0]
