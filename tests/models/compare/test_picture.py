"""The picture shows every net that is known to be both fast and right."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from camera_app.errors import OutputError
from models.compare.picture import draw
from models.compare.rows import Measured, Row
from models.compare.turns import Timing
from models.zoo.registry import ENTRIES


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Each figure that was saved."""
    saved: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, *arguments: object, **options: object) -> None:
        saved.append(figure)
        save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    return saved


def test_points_are_labelled_on_a_logarithmic_axis(
    rows: list[Row], figures: list[Figure], tmp_path: Path
) -> None:
    draw(rows, tmp_path / "compare.png", "on a machine")

    (axes,) = figures[0].axes
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.texts] == ["FastNet", "WRN-28-10"]
    places = [tuple(points.get_offsets()[0]) for points in axes.collections]
    assert places == [(2.5, 92.29), (31.25, 96.0)]
    assert "on a machine" in axes.get_xlabel()
    assert np.ptp(imread(tmp_path / "compare.png")) > 0.5


def test_fastnet_stands_out(rows: list[Row], figures: list[Figure], tmp_path: Path) -> None:
    draw(rows, tmp_path / "compare.png", "")

    ours, other = figures[0].axes[0].collections
    assert ours.get_sizes()[0] > 4 * other.get_sizes()[0]
    assert not np.allclose(ours.get_facecolor(), other.get_facecolor())


def test_no_label_hides_another(rows: list[Row], figures: list[Figure], tmp_path: Path) -> None:
    # All that there are, where they crowd: within a per cent and a third of a millisecond.
    crowd = [
        dataclasses.replace(
            rows[0],
            name=name,
            entry=entry,
            measured={"int8": Measured(1, {1: Timing(2.5 * 1.4**number, 1, 0)}, 1, None)},
            reported=dataclasses.replace(entry.reported, cifar10=93 + 0.3 * (number % 4)),
        )
        for number, (name, entry) in enumerate(ENTRIES.items())
    ]

    draw(crowd, tmp_path / "compare.png", "")

    texts = figures[0].axes[0].texts
    assert len(texts) == len(ENTRIES)
    boxes = [text.get_window_extent() for text in texts]
    assert not any(a.overlaps(b) for number, a in enumerate(boxes) for b in boxes[number + 1 :])


def test_nothing_measured_is_said(rows: list[Row], figures: list[Figure], tmp_path: Path) -> None:
    draw(rows[2:], tmp_path / "compare.png", "")

    assert [text.get_text() for text in figures[0].axes[0].texts] == ["nothing was measured"]


def test_fail_folder_that_is_not_there(rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        draw(rows, tmp_path / "missing" / "compare.png", "")
