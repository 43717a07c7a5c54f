"""One frame between two threads, and what a camera's silence means."""

import logging
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from camera_app.sources.base import SourceState
from camera_app.sources.newest import NewestFrame

from .conftest import Clock


def picture(level: int) -> np.ndarray:
    return np.full((2, 2, 3), level, np.uint8)


@pytest.fixture
def newest(clock: Clock) -> NewestFrame:
    newest = NewestFrame(lambda: "the camera", 5.0, clock)
    newest.note_open()
    return newest


def test_the_newer_takes_the_place_of_the_older(newest: NewestFrame, clock: Clock) -> None:
    newest.put(picture(1))
    clock.now += 1
    newest.put(picture(2))

    frame = newest.take(0)
    assert frame is not None
    assert (frame.index, frame.captured_at, frame.pixels[0, 0, 0]) == (1, 101.0, 2)
    assert newest.skipped == 1
    assert newest.take(0) is None


def steady(newest: NewestFrame, clock: Clock) -> None:
    """A camera that has sent a picture every hundred seconds."""
    newest.put(picture(1))
    clock.now += 100
    newest.put(picture(2))


def test_a_frame_that_the_next_is_about_to_replace_is_not_given(
    newest: NewestFrame, clock: Clock
) -> None:
    steady(newest, clock)
    clock.now += 80
    camera = threading.Timer(0.01, newest.put, [picture(3)])
    camera.start()
    frame = newest.take(60)
    camera.join()

    assert frame is not None
    assert (frame.index, frame.pixels[0, 0, 0]) == (2, 3)
    assert newest.skipped == 2


@pytest.mark.parametrize("end", [NewestFrame.end, lambda newest: newest.lose("the cable is out")])
def test_the_end_or_a_loss_ends_the_wait_for_a_fresher_frame(
    newest: NewestFrame, clock: Clock, end: Callable[[NewestFrame], None]
) -> None:
    steady(newest, clock)
    clock.now += 80
    ending = threading.Timer(0.01, end, [newest])
    ending.start()
    begun = time.monotonic()
    assert newest.take(60) is None
    assert time.monotonic() - begun < 20  # the next frame was due in 30 s
    ending.join()


@pytest.mark.parametrize("age", [0, 60, 109.99, 120, 1000])
def test_a_frame_is_given_at_once_where_no_other_is_due(
    newest: NewestFrame, clock: Clock, age: float
) -> None:
    steady(newest, clock)
    clock.now += age
    begun = time.monotonic()
    frame = newest.take(60)
    assert time.monotonic() - begun < 20
    assert frame is not None
    assert frame.index == 1


def test_no_frame_is_waited_for_longer_than_asked(newest: NewestFrame, clock: Clock) -> None:
    steady(newest, clock)
    clock.now += 80
    begun = time.monotonic()
    frame = newest.take(0.01)
    assert time.monotonic() - begun < 20  # the next one is due in 30 s
    assert frame is not None
    assert frame.index == 1


def test_silence_is_a_loss_until_a_picture_comes(
    newest: NewestFrame, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    newest.put(picture(1))
    clock.now += 5.0
    assert newest.problem is None
    clock.now += 0.5
    with caplog.at_level(logging.INFO):
        assert newest.state is SourceState.LOST
        assert newest.problem == "the camera sent no picture for 5.5 s"
        newest.put(picture(2))
    assert (newest.state, newest.problem) == (SourceState.STREAMING, None)
    assert caplog.messages == ["the camera sent no picture for 5.5 s", "the camera is back"]


def test_a_silence_is_told_to_whoever_asks_for_the_problem_first(
    newest: NewestFrame, clock: Clock
) -> None:
    clock.now += 5.5
    assert newest.problem == "the camera sent no picture for 5.5 s"


def test_a_loss_is_said_once(newest: NewestFrame, caplog: pytest.LogCaptureFixture) -> None:
    newest.lose("the cable is out")
    newest.lose("it still is")
    assert caplog.messages == ["the cable is out"]
    assert newest.problem == "it still is"


def test_of_a_lost_camera_nothing_is_given(newest: NewestFrame) -> None:
    newest.put(picture(1))
    newest.lose("the cable is out")
    assert newest.take(0) is None
    assert newest.skipped == 1

    newest.put(picture(2))
    frame = newest.take(0)
    assert frame is not None
    assert (frame.index, frame.pixels[0, 0, 0]) == (1, 2)


def test_before_it_opens_silence_means_nothing(clock: Clock) -> None:
    newest = NewestFrame(lambda: "the camera", 5.0, clock)
    clock.now += 60
    assert newest.state is SourceState.CONNECTING


def test_what_comes_too_early_is_done_without(newest: NewestFrame, clock: Clock) -> None:
    newest.put(picture(1))
    clock.now += 2
    newest.note_skip()

    assert newest.will_do_without(clock.now + 4)
    assert not newest.will_do_without(clock.now + 3)
    assert newest.skipped == 2
    newest.lose("the cable is out")
    assert not newest.will_do_without(clock.now + 4)


def test_a_frame_older_than_what_was_done_without_is_not_given(
    newest: NewestFrame, clock: Clock
) -> None:
    newest.put(picture(1))
    clock.now += 1
    newest.note_skip()
    assert newest.take(0) is None
    clock.now += 1
    newest.put(picture(2))

    frame = newest.take(0)
    assert frame is not None
    assert (frame.index, frame.captured_at) == (2, clock.now)
    assert newest.skipped == 2


def test_nothing_is_taken_after_the_end(newest: NewestFrame, clock: Clock) -> None:
    newest.put(picture(1))
    newest.lose("the cable is out")
    newest.end()
    newest.put(picture(2))
    newest.lose("the cable is out")
    clock.now += 60

    assert newest.take(0) is None
    assert (newest.state, newest.problem) == (SourceState.ENDED, None)
