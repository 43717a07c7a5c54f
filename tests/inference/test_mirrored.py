"""The net is shown a picture, and the next one in a mirror; both answers count half."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.inference.fake import FakeRuntime
from camera_app.inference.mirrored import RECENT_SECONDS, TwoLooks
from tests.strategies import floats

RAMP = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
MIRRORED = RAMP[:, ::-1]


def looks(*answers: list[float]) -> tuple[FakeRuntime, TwoLooks]:
    runtime = FakeRuntime(answers)
    return runtime, TwoLooks(runtime)


def ways(runtime: FakeRuntime) -> list[bool]:
    """Whether each picture that the net was shown was mirrored; it must be one or the other."""
    for crop in runtime.crops:
        assert np.array_equal(crop, RAMP) or np.array_equal(crop, MIRRORED)
    return [np.array_equal(crop, MIRRORED) for crop in runtime.crops]


def test_a_picture_that_stands_alone_is_looked_at_both_ways() -> None:
    runtime, both = looks([4.0, 0.0], [0.0, 2.0], [6.0, 6.0], [0.0, 0.0])
    np.testing.assert_array_equal(both.run(RAMP, None), [2.0, 1.0])
    np.testing.assert_array_equal(both.run(RAMP, None), [3.0, 3.0])
    assert sorted(ways(runtime)[:2]) == sorted(ways(runtime)[2:]) == [False, True]
    np.testing.assert_array_equal(RAMP.ravel(), np.arange(12))


def test_one_of_a_film_once_and_in_turn() -> None:
    runtime, both = looks([0.0], [2.0], [4.0], [8.0])
    # Late in the film: what counts is how long ago the look before was.
    answers = [float(both.run(RAMP, 60.0 + n / 30)[0]) for n in range(3)]
    # The first has no other look before it.
    assert answers == [1.0, 3.0, 6.0]
    seen = ways(runtime)
    assert len(seen) == 4
    assert seen[1:] == [seen[1], not seen[1], seen[1]]


@pytest.mark.parametrize("gap", [RECENT_SECONDS + 0.01, -0.01])
def test_what_was_seen_long_ago_or_later_does_not_count(gap: float) -> None:
    runtime, both = looks([0.0], [0.0], [2.0], [4.0])
    both.run(RAMP, 10.0)
    assert both.run(RAMP, 10.0 + gap) == [3.0]
    assert sorted(ways(runtime)[2:]) == [False, True]


def test_a_picture_alone_is_nothing_to_the_film_after_it() -> None:
    runtime, both = looks([9.0], [9.0], [0.0], [2.0])
    both.run(RAMP, None)
    assert both.run(RAMP, 0.0) == [1.0]
    assert len(runtime.crops) == 4


@given(st.lists(st.one_of(st.none(), floats(0, 10)), min_size=1, max_size=30))
def test_every_answer_is_of_one_look_each_way(times: list[float | None]) -> None:
    class Tells:
        """Answers 0 to a picture and 2 to its mirror image."""

        name, threads = "tells", 1

        def run(self, crop: np.ndarray) -> np.ndarray:
            return np.array([0.0 if np.array_equal(crop, RAMP) else 2.0], np.float32)

        def close(self) -> None:
            """Nothing is held."""

    both = TwoLooks(Tells())
    assert [float(both.run(RAMP, at)[0]) for at in times] == [1.0] * len(times)
