"""The picture of what a frame's time goes to."""

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_app.bench.picture import NAMES, PADDING, ROW, write_picture
from camera_app.bench.stages import Spread
from camera_app.errors import OutputError
from camera_app.outputs.style import SURE, TRACK
from tests.bench.conftest import Bench


def bars(path: Path) -> list[tuple[int, int]]:
    """Of each stage, from the top: how many pixels long are median and 95th percentile."""
    picture = cv2.imread(str(path))[:, PADDING + NAMES :]  # the legend's colours are left of it
    filled, track = ((picture == colour).all(axis=2).sum(axis=1) for colour in (SURE, TRACK))
    rows = [(int(a), int(a + b)) for a, b in zip(filled, track, strict=True)]
    return [row for before, row in itertools.pairwise(rows) if row[0] and not before[0]]


def test_bars_are_as_long_as_the_times(tmp_path: Path) -> None:
    stages = {"call": Spread(2.0, 4.0, 5.0, 2.2), "log": Spread(0.5, 1.0, 9.0, 0.6)}
    write_picture(tmp_path / "times.png", "title", "more", stages)
    (call, call95), (log, log95) = bars(tmp_path / "times.png")
    assert call95 == pytest.approx(2 * call, abs=2)
    assert (log, log95) == pytest.approx((call / 4, call95 / 4), abs=2)


def test_a_stage_that_takes_nothing_still_shows(tmp_path: Path) -> None:
    stages = {"call": Spread(2.0, 2.0, 2.0, 2.0), "terminal": Spread(0.0, 0.0, 0.0, 0.0)}
    write_picture(tmp_path / "times.png", "t" * 500, "", stages)
    assert bars(tmp_path / "times.png")[1] == (1, 1)
    edge = cv2.imread(str(tmp_path / "times.png"))[:, -5:]
    assert not np.ptp(edge, axis=(0, 1)).any(), "the title stays inside"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*folder"):
        write_picture(tmp_path / "folder.png", "", "", {"call": Spread(1, 1, 1, 1)})


def test_the_command_draws_one(bench: Bench, small_video: Path, tmp_path: Path) -> None:
    picture = tmp_path / "times.png"
    words = ["--source", small_video, "--frames", 5, "--starts", 1, "--picture", picture]
    report = bench(*words)
    assert len(bars(picture)) == len(report["stages"]) + 2, "all but the call, and the frame"


def test_a_legend_says_what_the_colours_are(tmp_path: Path) -> None:
    write_picture(tmp_path / "times.png", "", "", {"call": Spread(2.0, 4.0, 5.0, 2.2)})
    below = cv2.imread(str(tmp_path / "times.png"))[-ROW - PADDING :]
    for colour in (SURE, TRACK):
        assert (below == colour).all(axis=2).sum() > 100
