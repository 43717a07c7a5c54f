"""The program in front of a camera of known habits."""

from collections.abc import Callable

import pytest

from tests.bench.conftest import SECONDS, Bench
from tests.end_to_end import RUNTIME


def test_every_rate_is_measured(bench: Bench) -> None:
    report = bench("--live", 20, 400, "--seconds", SECONDS, "--set", "source.width=320")
    assert report["runtime"] == RUNTIME
    assert report["source"].endswith("320x480 YUYV")
    assert list(report["rates"]) == ["20", "400"]
    for rate, figures in report["rates"].items():
        assert 0 < figures["labels_per_second"] <= float(rate) * 1.5
        assert 0 <= figures["dropped"] < 1
        assert figures["spared"] == 0, "everything moves"
        assert 0 < figures["age"]["p50"] <= figures["age"]["p95"] <= figures["age"]["p99"]
        assert figures["stages"]["call"]["p50"] > 0
        assert not {"source", "loop"} & figures["stages"].keys(), "there the loop waits"
        per_second = figures["processor_ms"] / 1e3 * figures["labels_per_second"]
        assert figures["processor"] == pytest.approx(per_second)


def test_a_net_that_is_slower_than_the_camera_drops_pictures(bench: Bench) -> None:
    report = bench("--live", 50, "--seconds", SECONDS, "--set", "power.max_fps=10")
    figures = report["rates"]["50"]
    assert figures["dropped"] > 0.7
    assert figures["labels_per_second"] < 15


def test_the_table_has_a_line_for_each_rate(told: Callable[..., list[str]]) -> None:
    lines = told("--live", 15, 30, "--seconds", SECONDS)
    assert [line.split()[0] for line in lines[-2:]] == ["15", "30"]
    assert RUNTIME in lines[1]
