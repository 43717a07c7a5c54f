"""Labels a second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.rates import RateMeter


def test_one_event_has_no_rate() -> None:
    assert RateMeter().tick(5.0) == 0.0


def test_two_events_at_once_have_no_rate() -> None:
    meter = RateMeter()
    meter.tick(5.0)
    assert meter.tick(5.0) == 0.0


@pytest.mark.parametrize("per_second", [0.02, 0.4, 0.6, 5.0, 30.0, 240.0])
def test_a_steady_rate_is_told(per_second: float) -> None:
    meter = RateMeter()
    rates = [meter.tick(100.0 + number / per_second) for number in range(500)]
    assert rates[1:] == pytest.approx([per_second] * 499, rel=1e-6)


def test_what_lies_before_the_window_is_forgotten() -> None:
    meter = RateMeter(window_seconds=2.0)
    for number in range(100):
        meter.tick(number / 50)
    rates = [meter.tick(2.0 + number / 5) for number in range(20)]
    assert rates[-1] == pytest.approx(5.0)


def test_after_a_long_silence_the_count_begins_anew() -> None:
    meter = RateMeter()
    meter.tick(0.0)
    meter.tick(0.1)
    assert meter.tick(1000.1) == pytest.approx(1 / 1000)
    assert meter.tick(1000.2) == pytest.approx(10.0)


@given(st.lists(st.floats(0.001, 30.0), min_size=1, max_size=200))
def test_the_rate_lies_between_the_slowest_and_the_fastest_gap(gaps: list[float]) -> None:
    meter = RateMeter()
    now = 0.0
    meter.tick(now)
    for gap in gaps:
        now += gap
        rate = meter.tick(now)
        assert 1 / max(gaps) * 0.999 <= rate <= 1 / min(gaps) * 1.001
