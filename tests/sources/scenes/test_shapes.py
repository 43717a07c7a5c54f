import numpy as np
import pytest

from camera_app.sources.scenes.shapes import corners, curve, ellipse, limb, mirrored


def test_text_is_read_in_thousandths() -> None:
    np.testing.assert_allclose(corners("-500,0 250,125"), [(-0.5, 0.0), (0.25, 0.125)])
    np.testing.assert_allclose(corners([(-0.5, 0.0)]), [(-0.5, 0.0)])


def test_a_mirrored_shape_changes_sides() -> None:
    assert mirrored("100,200", -1) == [(-0.1, 0.2)]
    assert mirrored("100,200", 1) == [(0.1, 0.2)]


def test_an_ellipse_is_turned_clockwise_as_seen() -> None:
    long_way = np.asarray(ellipse(0.1, 0.2, 0.3, 0.1, 90))
    assert np.ptp(long_way[:, 0]) == pytest.approx(0.2, abs=0.01)
    assert np.ptp(long_way[:, 1]) == pytest.approx(0.6, abs=0.01)
    first = ellipse(0.0, 0.0, 0.3, 0.1, 30)[0]
    assert first[0] > 0
    assert first[1] > 0, "the right end goes down"


@pytest.mark.parametrize("closed", [True, False])
def test_a_curve_goes_through_its_corners(closed: bool) -> None:
    given = corners("0,0 300,-100 400,200 100,300")
    line = corners(curve("0,0 300,-100 400,200 100,300", closed=closed))
    for corner in given:
        assert np.hypot(*(line - corner).T).min() == pytest.approx(0, abs=1e-9)
    assert len(line) > 3 * len(given)


def test_a_limb_is_as_wide_as_asked() -> None:
    outline = corners(limb("0,0 0,400", [0.1, 0.3]))
    assert np.ptp(outline[:, 0]) == pytest.approx(0.3, abs=0.01)
    assert outline[:, 1].min() == pytest.approx(-0.05, abs=0.005), "its ends are round"
    assert outline[:, 1].max() == pytest.approx(0.55, abs=0.01)
