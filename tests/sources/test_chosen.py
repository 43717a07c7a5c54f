"""A reader that gives way to another once its camera is gone."""

import pytest

from camera_app.errors import NoCameraError, SourceError
from camera_app.sources.chosen import ChosenReader
from camera_app.sources.fake import FakeReader

from .conftest import number_of, numbered

GONE = NoCameraError("no camera at /dev/video0: there is none at all")
BUSY = SourceError("the camera /dev/video0 is in use by motion (812); close it first")


def named(description: str, number: int, *opens: Exception | None) -> FakeReader:
    reader = FakeReader(*[numbered(number)] * 3, opens=opens)
    reader.description = description
    return reader


def picture_of(reader: ChosenReader) -> int:
    read = reader.read()
    assert read is not None
    return number_of(read[0])


def test_it_says_why_it_was_chosen_and_does_as_the_reader() -> None:
    inner = named("HD Webcam /dev/video0", 1)
    reader = ChosenReader(inner, "first camera found", lambda: None)
    assert reader.describe() == "HD Webcam /dev/video0 (first camera found)"
    reader.open()
    assert picture_of(reader) == 1
    reader.skip()
    reader.close()
    assert inner.calls == ["open", "read", "skip", "close"]


def test_a_camera_that_is_gone_is_looked_for_each_time_it_is_opened() -> None:
    found: list[FakeReader] = []
    inner = named("HD Webcam /dev/video0", 1, None, GONE, GONE)
    reader = ChosenReader(inner, "first camera found", lambda: found[0] if found else None)
    reader.open()
    reader.close()
    with pytest.raises(NoCameraError, match="none at all"):
        reader.open()
    assert reader.describe() == "HD Webcam /dev/video0 (first camera found)"
    found.append(named("HD Webcam /dev/video2", 2))
    reader.open()
    assert picture_of(reader) == 2
    assert reader.describe() == "HD Webcam /dev/video2 (first camera found)"
    reader.close()
    assert found[0].calls == ["open", "read", "close"]


def test_a_camera_that_is_busy_is_not_gone() -> None:
    other = named("HD Webcam /dev/video2", 2)
    reader = ChosenReader(named("HD Webcam /dev/video0", 1, BUSY), "", lambda: other)
    with pytest.raises(SourceError, match="in use by motion"):
        reader.open()
    assert other.calls == []


def test_one_that_was_found_and_cannot_be_opened_takes_no_place() -> None:
    inner = named("HD Webcam /dev/video0", 1, GONE)
    other = named("HD Webcam /dev/video2", 2, BUSY)
    reader = ChosenReader(inner, "first camera found", lambda: other)
    with pytest.raises(SourceError, match="in use by motion"):
        reader.open()
    assert reader.describe() == "HD Webcam /dev/video0 (first camera found)"
    reader.open()
    assert picture_of(reader) == 1
