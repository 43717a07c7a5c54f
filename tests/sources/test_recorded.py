import gc
import logging
import threading
import weakref

import numpy as np
import pytest

from camera_app.errors import FrameError, SourceError, UsageError
from camera_app.sources.base import Pixels, SourceState
from camera_app.sources.fake import FakeReader
from camera_app.sources.recorded import RecordedSource

from .conftest import HEIGHT, PATIENCE, WIDTH, Clock, is_responsive, number_of, numbered, state_of


def recording(*items: object, **options: object) -> tuple[FakeReader, RecordedSource]:
    reader = FakeReader(*items, live=False, frames_per_second=10.0)  # type: ignore[arg-type]
    return reader, RecordedSource(reader, **options)  # type: ignore[arg-type]


def test_every_frame_in_order_however_slow_the_caller() -> None:
    reader, source = recording(*[numbered(n) for n in range(4)])
    source.start()
    assert state_of(source) is SourceState.STREAMING
    frames = [source.next_frame(PATIENCE) for _ in range(4)]
    assert [frame and number_of(frame.pixels) for frame in frames] == [0, 1, 2, 3]
    assert [frame and frame.index for frame in frames] == [0, 1, 2, 3]
    assert source.next_frame(PATIENCE) is None
    assert state_of(source) is SourceState.ENDED
    assert source.next_frame(PATIENCE) is None
    assert (source.skipped, source.problem, source.live) == (0, None, False)
    assert source.responsive
    assert reader.calls[-1] == "close"


def test_the_recordings_own_time_is_known() -> None:
    _, source = recording(numbered(0))
    assert source.frames_per_second == 10.0


def test_a_frame_arrives_when_it_is_asked_for(clock: Clock) -> None:
    _, source = recording(numbered(0), numbered(1), clock=clock)
    source.start()
    clock.now = 150.0
    first = source.next_frame(PATIENCE)
    clock.now = 160.0
    second = source.next_frame(PATIENCE)
    assert first is not None
    assert second is not None
    assert (first.captured_at, second.captured_at) == (150.0, 160.0)


def test_a_disk_that_hangs_holds_nobody_up() -> None:
    # Of a live camera the fake hangs once its script is over; what reads it is the same.
    reader = FakeReader(numbered(0), frames_per_second=10.0)
    source = RecordedSource(reader)
    source.start()
    assert source.next_frame(PATIENCE) is not None
    assert source.next_frame(0.01) is None
    assert (state_of(source), source.responsive) == (SourceState.STREAMING, False)

    reader.feed(*[numbered(n) for n in range(1, 7)])
    frames = [source.next_frame(PATIENCE), source.next_frame(PATIENCE)]
    assert [frame and number_of(frame.pixels) for frame in frames] == [1, 2]
    assert [frame and frame.index for frame in frames] == [1, 2]
    assert is_responsive(source)
    source.stop()


def test_a_picture_that_cannot_be_read_is_skipped_counted_and_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad = FrameError("b.png is damaged")
    _, source = recording(bad, numbered(1), bad, numbered(3))
    source.start()
    frames = [source.next_frame(PATIENCE), source.next_frame(PATIENCE)]
    assert [frame and frame.index for frame in frames] == [1, 3]
    assert source.next_frame(PATIENCE) is None
    assert source.skipped == 2
    assert [(r.levelno, r.getMessage()) for r in caplog.records] == [
        (logging.WARNING, "skipped: b.png is damaged")
    ] * 2


@pytest.mark.parametrize("alone", [False, True])
def test_a_picture_that_only_the_net_looks_at_is_not_held_on_to(*, alone: bool) -> None:
    whole: list[weakref.ref[Pixels]] = []

    class Large(FakeReader):
        def read(self) -> tuple[Pixels, str | None] | None:
            taken = super().read()
            if taken is None:
                return None
            picture = taken[0].copy()
            whole.append(weakref.ref(picture))
            return picture, None

    rate = None if alone else 10.0
    reader = Large(*[numbered(n) for n in range(3)], live=False, frames_per_second=rate)
    source = RecordedSource(
        reader,
        shrink=lambda pixels: pixels[:1].copy(),
        shrink_alone=lambda pixels: pixels[:3].copy(),
        reduce=lambda pixels: pixels[:2].copy(),
    )
    source.start()
    frames = [source.next_frame(PATIENCE) for _ in range(3)]
    assert source.next_frame(PATIENCE) is None
    assert [frame and number_of(frame.pixels) for frame in frames] == [0, 1, 2]
    for frame in frames:
        assert frame is not None
        assert frame.crop is not None
        # A picture that stands alone has time: what is made of it is made of all its pixels.
        assert (len(frame.pixels), len(frame.crop)) == (2, 3 if alone else 1)
    assert [picture() for picture in whole] == [None] * 3


@pytest.mark.parametrize("items", [(), (FrameError("x is damaged"),), (SourceError("x is gone"),)])
def test_a_recording_without_one_picture_is_an_error(items: tuple[Exception, ...]) -> None:
    reader, source = recording(*items)
    with pytest.raises(SourceError, match="fake camera holds no picture that can be read"):
        source.start()
    assert reader.calls[-1] == "close"


def test_what_cannot_be_read_is_not_held_on_to() -> None:
    """A photograph's file is megabytes, and while a program starts nobody collects garbage."""
    files: list[weakref.ref[Pixels]] = []

    class Damaged(FakeReader):
        def read(self) -> tuple[Pixels, str | None] | None:
            if len(files) == 3:
                return super().read()
            file = numbered(len(files))
            files.append(weakref.ref(file))
            try:
                raise ValueError("too many pixels")
            except ValueError as error:
                raise FrameError(f"{file.shape} is damaged") from error

    source = RecordedSource(Damaged(numbered(7), live=False))
    gc.disable()
    try:
        source.start()
        assert [file() is None for file in files] == [True, True, True]
    finally:
        gc.enable()
    assert source.skipped == 3


def test_a_recording_that_breaks_off_ends_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    _, source = recording(numbered(0), SourceError("the stick was pulled out"), numbered(2))
    source.start()
    assert source.next_frame(PATIENCE) is not None
    assert source.next_frame(PATIENCE) is None
    assert state_of(source) is SourceState.ENDED
    assert "the stick was pulled out" in caplog.text


def test_frames_are_turned() -> None:
    _, source = recording(numbered(0), numbered(1), rotate=270)
    source.start()
    for _ in range(2):
        frame = source.next_frame(PATIENCE)
        assert frame is not None
        assert frame.pixels.shape == (WIDTH, HEIGHT, 3)


def test_what_the_net_takes_is_made_of_the_turned_picture_and_ahead_of_the_loop() -> None:
    threads = set()

    def top_row(pixels: Pixels) -> Pixels:
        threads.add(threading.current_thread())
        return pixels[:1]

    _, source = recording(numbered(0), numbered(1), rotate=90, shrink=top_row)
    source.start()
    for _ in range(2):
        frame = source.next_frame(PATIENCE)
        assert frame is not None
        assert frame.crop is not None
        np.testing.assert_array_equal(frame.crop, frame.pixels[:1])
    assert len(threads) == 1
    assert threading.current_thread() not in threads


@pytest.mark.parametrize(("rate", "shade"), [(None, 7), (25.0, 3)])
def test_a_picture_that_stands_alone_is_made_small_in_its_own_way(
    rate: float | None, shade: int
) -> None:
    reader, source = recording(
        numbered(0),
        shrink=lambda pixels: np.full_like(pixels, 3),
        shrink_alone=lambda pixels: np.full_like(pixels, 7),
    )
    reader.frames_per_second = rate
    source.start()
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    assert frame.crop is not None
    assert (frame.crop == shade).all()


def test_without_that_the_input_is_left_to_the_classifier() -> None:
    _, source = recording(numbered(0))
    source.start()
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    assert frame.crop is None


def test_a_reader_that_hangs_is_left_behind_and_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camera_app.sources.ahead.CLOSE_SECONDS", 0.01)
    reader = FakeReader(numbered(0))  # hangs once it is used up
    source = RecordedSource(reader)
    source.start()
    assert source.next_frame(PATIENCE) is not None
    assert source.next_frame(0.01) is None
    source.stop()
    assert "close" not in reader.calls
    reader.feed(SourceError("the disk is back"))


def test_an_orientation_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError):
        recording(flip="upside down")


def test_an_open_that_fails_is_passed_on() -> None:
    reader = FakeReader(live=False, opens=[SourceError("there is no file x.mp4")])
    with pytest.raises(SourceError, match="no file x"):
        RecordedSource(reader).start()
