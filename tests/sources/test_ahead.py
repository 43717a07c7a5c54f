import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.errors import FrameError, SourceError
from camera_app.sources.ahead import PICTURES_AHEAD, ReadAhead
from camera_app.sources.fake import FakeReader
from camera_app.sources.recorded import RecordedSource
from camera_app.sources.video import VideoReader

from .conftest import number_of, numbered


def script(*items: object) -> tuple[FakeReader, ReadAhead]:
    reader = FakeReader(*items, live=False, frames_per_second=10.0)  # type: ignore[arg-type]
    return reader, ReadAhead(reader)


def test_pictures_and_errors_come_out_in_the_order_in_which_they_went_in() -> None:
    _, ahead = script(numbered(0), FrameError("b is damaged"), numbered(2))
    ahead.open()
    first = ahead.read()
    with pytest.raises(FrameError, match="b is damaged"):
        ahead.read()
    third = ahead.read()
    assert first is not None
    assert third is not None
    assert [number_of(first[0]), number_of(third[0])] == [0, 2]
    assert ahead.read() is None
    assert ahead.read() is None


def test_nothing_is_read_past_an_error_that_ends_the_recording() -> None:
    _, ahead = script(SourceError("the stick was pulled out"), numbered(1))
    ahead.open()
    with pytest.raises(SourceError, match="pulled out"):
        ahead.read()
    assert ahead.read() is None


def test_no_more_is_read_ahead_than_may_wait() -> None:
    reader, ahead = script(*[numbered(n % 8) for n in range(50)])
    ahead.open()
    for _ in range(10):
        assert ahead.read() is not None
    ahead.close()
    assert reader.calls.count("read") <= 10 + PICTURES_AHEAD
    assert reader.calls[-1] == "close"


def test_closing_ends_the_thread_and_may_be_done_twice() -> None:
    before = threading.active_count()
    _, ahead = script(*[numbered(0)] * 50)
    ahead.open()
    ahead.close()
    ahead.close()
    assert threading.active_count() == before


def test_an_open_that_fails_is_passed_on_and_reads_nothing() -> None:
    reader = FakeReader(live=False, opens=[SourceError("there is no file x.mp4")])
    ahead = ReadAhead(reader)
    with pytest.raises(SourceError, match="no file x"):
        ahead.open()
    ahead.close()
    assert "read" not in reader.calls


def test_reading_what_is_not_open_is_the_readers_own_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not open"):
        ReadAhead(VideoReader(tmp_path / "x.mp4")).read()


def test_a_recording_read_ahead_gives_the_same_frames() -> None:
    items: list[NDArray[np.uint8] | Exception] = [
        numbered(0),
        FrameError("bad"),
        numbered(2),
        numbered(3),
        SourceError("gone"),
    ]
    seen = []
    for wrap in (lambda reader: reader, ReadAhead):
        source = RecordedSource(wrap(FakeReader(*items, live=False, frames_per_second=10.0)))
        source.start()
        frames = iter(lambda: source.next_frame(0.0), None)  # noqa: B023  used up at once
        numbers = [(frame.index, number_of(frame.pixels), source.skipped) for frame in frames]
        seen.append((numbers, source.skipped, source.frames_per_second))
    assert seen[0] == seen[1]
    assert [index for index, *_ in seen[0][0]] == [0, 2, 3]
