"""How times are summed up."""

import pytest

from camera_app.bench.stages import spread


def test_the_median_and_the_nearest_rank() -> None:
    times = spread([n / 1000 for n in range(1, 101)])
    assert (times.p50, times.p95, times.p99, times.mean) == pytest.approx((50.5, 95, 99, 50.5))
    assert spread([0.002]).p99 == pytest.approx(2.0)
