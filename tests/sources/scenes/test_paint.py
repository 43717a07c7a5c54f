import numpy as np
import pytest

from camera_app.sources.scenes.paint import Canvas, noise
from camera_app.sources.scenes.shapes import ellipse

SQUARE = "-250,-250 250,-250 250,250 -250,250"


def canvas() -> Canvas:
    return Canvas(80, 60, 40)


def test_the_edges_in_units() -> None:
    assert canvas().right == 1.0
    assert canvas().bottom == 0.75


def test_what_is_not_painted_is_transparent() -> None:
    empty = canvas()
    assert not empty.pixels().any()
    empty.fill(SQUARE, (10, 20, 30))
    pixels = empty.pixels()
    np.testing.assert_array_equal(pixels[30, 40], (10, 20, 30, 255))
    np.testing.assert_array_equal(pixels[5, 5], (0, 0, 0, 0))
    assert np.count_nonzero(pixels[..., 3]) == pytest.approx(20 * 20, abs=45)


def test_half_opaque_paint_mixes_with_what_is_below() -> None:
    mixed = canvas()
    mixed.wash((0, 0, 200))
    mixed.fill(SQUARE, (200, 0, 0), opacity=0.5)
    np.testing.assert_array_equal(mixed.pixels()[30, 40], (100, 0, 100, 255))


@pytest.mark.parametrize("level", [True, False])
def test_a_gradient_runs_the_way_asked(level: bool) -> None:
    graded = canvas()
    graded.fill(SQUARE, (0, 0, 0), (200, 200, 200), level=level)
    across = graded.pixels()[21:39, 31:49, 0].astype(int)
    changing = np.diff(across, axis=1 if level else 0)
    constant = np.diff(across, axis=0 if level else 1)
    assert (changing > 0).all()
    assert not constant.any()


def test_paint_stays_within_its_clip_and_softens_at_its_edge() -> None:
    clipped = canvas()
    clipped.fill(ellipse(0, 0, 1, 1), (255, 255, 255), clip="0,-250 250,-250 250,250 0,250")
    assert not clipped.pixels()[:, :39].any()
    soft = canvas()
    soft.fill(SQUARE, (255, 255, 255), soft=0.05)
    assert 50 < soft.pixels()[30, 30, 3] < 200


def test_a_round_body_is_darker_on_the_lower_right() -> None:
    body = canvas()
    body.fill(ellipse(0, 0, 0.4, 0.4), (200, 200, 200), volume=0.6, depth=0.1)
    pixels = body.pixels()
    assert pixels[20, 32, 0] > pixels[40, 48, 0] + 30


def test_what_lies_outside_is_left_out() -> None:
    outside = canvas()
    outside.fill([(3, 3), (4, 3), (4, 4)], (255, 255, 255))
    assert not outside.pixels().any()


def test_noise_is_the_same_for_the_same_seed_and_has_no_bias() -> None:
    grains = noise(200, 100, (8, 4), seed=3)
    assert grains.shape == (100, 200)
    np.testing.assert_array_equal(grains, noise(200, 100, (8, 4), seed=3))
    assert not np.array_equal(grains, noise(200, 100, (8, 4), seed=4))
    assert abs(grains.mean()) < 0.2
    assert 0.5 < grains.std() < 1.5


def test_texture_roughens_a_flat_colour() -> None:
    flat, rough = canvas(), canvas()
    flat.wash((100, 100, 100))
    rough.wash((100, 100, 100), grain=0.2)
    assert flat.pixels()[..., :3].std() == 0
    assert rough.pixels()[..., :3].std() > 5


def test_blur_keeps_the_edges_of_the_picture_filled() -> None:
    blurred = canvas()
    blurred.wash((100, 150, 200))
    for radius in (0.0, 0.02, 0.5):
        blurred.blur(radius)
        np.testing.assert_array_equal(blurred.pixels()[0, 0], (100, 150, 200, 255))
