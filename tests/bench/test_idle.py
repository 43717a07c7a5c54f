"""A still scene, with the net resting and without."""

from collections.abc import Callable

import pytest

from camera_app.bench import idle
from tests.bench.conftest import SECONDS, Bench
from tests.end_to_end import RUNTIME


def test_a_still_scene_is_measured_with_the_net_resting_and_without(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "SETTLE_SECONDS", 0.5)
    report = bench("--idle", SECONDS)
    assert (report["active"]["spared"], report["idle"]["spared"]) == (0.0, 1.0)
    assert report["runtime"] == RUNTIME
    assert "640x480" in report["source"]
    assert report["share"] == pytest.approx(
        report["idle"]["processor"] / report["active"]["processor"]
    )
    assert report["share"] < 1


def test_a_still_scene_is_told_in_four_lines(
    told: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "SETTLE_SECONDS", 0.1)
    assert [line.split()[0] for line in told("--idle", SECONDS)] == [
        "a",
        "active:",
        "idle:",
        "idle",
    ]
