import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.errors import FrameError, SourceError
from camera_app.sources.ahead import PICTURES_AHEAD, ReadAhead
from camera_app.sources.fake import FakeReader

from .conftest import number_of, numbered

Read = tuple[NDArray[np.uint8], str | None]


def script(*items: object) -> tuple[FakeReader, ReadAhead[Read]]:
    reader = FakeReader(*items, live=False)  # type: ignore[arg-type]
    reader.open()
    return reader, ReadAhead(reader.read)


def test_pictures_and_errors_come_out_in_the_order_in_which_they_went_in() -> None:
    _, ahead = script(numbered(0), FrameError("b is damaged"), numbered(2))
    first = ahead.next()
    with pytest.raises(FrameError, match="b is damaged"):
        ahead.next()
    third = ahead.next()
    assert first is not None
    assert third is not None
    assert [number_of(first[0]), number_of(third[0])] == [0, 2]
    assert ahead.next() is None
    assert ahead.next() is None
    assert ahead.close()


def test_nothing_is_read_past_an_error_that_ends_the_recording() -> None:
    reader, ahead = script(SourceError("the stick was pulled out"), numbered(1))
    with pytest.raises(SourceError, match="pulled out"):
        ahead.next()
    assert ahead.next() is None
    assert reader.calls.count("read") == 1


def test_no_more_is_read_ahead_than_may_wait() -> None:
    reader, ahead = script(*[numbered(n % 8) for n in range(50)])
    for _ in range(10):
        assert ahead.next() is not None
    ahead.close()
    assert reader.calls.count("read") <= 10 + PICTURES_AHEAD


def test_nothing_is_read_ahead_while_the_first_is_looked_at() -> None:
    reader, ahead = script(*[numbered(n) for n in range(8)])
    assert ahead.next() is not None
    ahead.close()
    assert reader.calls.count("read") == 1


def test_who_asks_in_vain_is_not_given_more_for_it() -> None:
    reader = FakeReader(numbered(0))  # hangs once it is used up
    ahead = ReadAhead(reader.read)
    assert ahead.next() is not None
    for _ in range(20):
        with pytest.raises(TimeoutError):
            ahead.next(0.001)
    reader.feed(*[numbered(n % 8) for n in range(20)])
    assert ahead.next() is not None
    ahead.close()
    assert reader.calls.count("read") <= 2 + PICTURES_AHEAD


def test_closing_ends_the_thread_and_may_be_done_twice() -> None:
    before = threading.active_count()
    _, ahead = script(*[numbered(0)] * 50)
    assert ahead.close()
    assert ahead.close()
    assert threading.active_count() == before
    assert ahead.next() is None


def test_a_read_that_hangs_keeps_its_thread_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("camera_app.sources.ahead.CLOSE_SECONDS", 0.01)
    comes_back = threading.Event()

    def hang() -> Read | None:
        comes_back.wait(60.0)
        return None

    ahead = ReadAhead(hang)
    with pytest.raises(TimeoutError):
        ahead.next(0.01)
    assert not ahead.close()
    comes_back.set()
    monkeypatch.undo()
    assert ahead.close()
