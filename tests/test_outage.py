"""Reasons for a loss, told when they are news and not so often that they fill a log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.outage import WAIT_LIMIT_SECONDS, Outage

CABLE = "HD Webcam /dev/video0 sends no pictures; check its cable"
GONE = "no camera at /dev/video0: there is none at all"
IN_USE = "the camera /dev/video0 is in use by motion (812); close it first"


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_reason_is_told_once_and_another_at_once(clock: Clock) -> None:
    outage = Outage(clock)
    assert [outage.is_news(reason) for reason in (CABLE, CABLE, GONE, GONE)] == [
        True,
        False,
        True,
        False,
    ]
    clock.now += 3600
    assert not outage.is_news(GONE)
    assert outage.is_news(IN_USE), "after an hour nothing is to be waited for"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (IN_USE, IN_USE.replace("812", "4711")),
        ("the camera sent no picture for 5.5 s", "the camera sent no picture for 12.0 s"),
    ],
)
def test_what_varies_is_no_other_reason(clock: Clock, one: str, other: str) -> None:
    outage = Outage(clock)
    assert outage.is_news(one)
    clock.now += 3600
    assert not outage.is_news(other)


def test_another_number_of_the_camera_is_another_reason(clock: Clock) -> None:
    outage = Outage(clock)
    assert outage.is_news("no camera at /dev/video0: there is /dev/video2")
    assert outage.is_news("no camera at /dev/video0: there is /dev/video4")


def test_reasons_in_turn_for_a_night_fill_no_log(clock: Clock) -> None:
    outage = Outage(clock)
    told = 0
    for attempt in range(3600):  # ten seconds apart
        told += outage.is_news((GONE, IN_USE)[attempt % 2])
        clock.now += 10
    assert told < 80


@given(st.lists(st.tuples(st.sampled_from((CABLE, GONE, IN_USE)), st.floats(0.0, 60.0))))
def test_the_reason_that_stays_is_told_in_the_end(reasons: list[tuple[str, float]]) -> None:
    clock = Clock()
    outage = Outage(clock)
    last = ""
    for reason, seconds in [*reasons, (IN_USE, WAIT_LIMIT_SECONDS), (IN_USE, 0.0)]:
        if outage.is_news(reason):
            last = reason
        clock.now += seconds
    assert last == IN_USE
