"""The overlay: what is drawn, where, and that nothing it is given makes it fail."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from camera_app.frame import UNKNOWN, Frame, Prediction, Result
from camera_app.outputs.overlay import Overlay
from camera_app.outputs.style import SURE, UNSURE
from tests.strategies import floats

from .conftest import Pixels, contrast, make_result, photo

SIZES = [(320, 240), (640, 480), (1280, 720), (1920, 1080), (480, 640)]


def grey(width: int, height: int) -> Pixels:
    return np.full((height, width, 3), 128, np.uint8)


def has_colour(region: Pixels, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(region.astype(int) - colour).max(axis=2) <= 2).any())


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_label_stands_in_its_colour_in_the_bottom_left(width: int, height: int) -> None:
    drawn = Overlay(live=True).draw(make_result(pixels=grey(width, height)))
    assert has_colour(drawn[height // 2 :, : width * 2 // 3], SURE)
    assert not has_colour(drawn[: height // 2], SURE)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_unknown_is_muted(width: int, height: int) -> None:
    drawn = Overlay(live=True).draw(make_result(UNKNOWN, 0.3, pixels=grey(width, height)))
    assert not has_colour(drawn, SURE)
    assert has_colour(drawn[height // 2 :], UNSURE)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_unknown_has_no_percentage_of_its_own(width: int, height: int) -> None:
    # Whatever the likeliest is at: apart from the rows below, the panel stays the same.
    one, other = (
        Overlay(live=True).draw(
            make_result(UNKNOWN, confidence, pixels=grey(width, height))._replace(top=())
        )
        for confidence in (0.31, 0.98)
    )
    assert np.array_equal(one, other)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_label_that_another_is_about_to_replace_is_muted(width: int, height: int) -> None:
    top = (("airplane", 1.0), ("bird", 0.0), ("ship", 0.0))
    one, other = (
        Overlay(live=True).draw(
            make_result("bird", confidence, pixels=grey(width, height))._replace(top=top)
        )
        for confidence in (0.0, 0.3)
    )
    assert not has_colour(one, SURE)
    assert has_colour(one[height // 2 :], UNSURE)
    assert np.array_equal(one, other), '"bird 0%" stands above "airplane 100%"'


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_the_square_is_seen_on_any_ground(shade: int) -> None:
    picture = np.full((480, 640, 3), shade, np.uint8)
    drawn = Overlay(live=True).draw(make_result(pixels=picture))
    left_side = drawn[240, 75:90].astype(float)  # of the square; neither panel reaches there
    ratios = [contrast(pixel, [shade] * 3) for pixel in left_side]
    assert max(ratios) > 1.8


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_models_eye_view_shows_every_pixel_of_the_crop(width: int, height: int) -> None:
    shown = make_result(pixels=photo(width, height))
    crop = np.random.default_rng(1).integers(0, 256, (32, 32, 3), np.uint8)
    shown = shown._replace(prediction=shown.prediction._replace(crop=crop))
    drawn = Overlay(live=True).draw(shown)
    corner = drawn[: height // 2, width // 2 :]
    scale = round(min(width, height) * 0.2 / 32)
    enlarged = crop.repeat(scale, axis=0).repeat(scale, axis=1)
    places = np.argwhere((corner == enlarged[0, 0]).all(axis=2))
    assert any(
        (corner[y:, x:][: len(enlarged), : len(enlarged)] == enlarged).all() for y, x in places
    )


def test_age_is_shown_only_live() -> None:
    young, old = make_result(), make_result()._replace(age_seconds=9.0)
    live, recorded = Overlay(live=True), Overlay(live=False)
    assert (live.draw(young) != live.draw(old)).any()
    assert (recorded.draw(young) == recorded.draw(old)).all()


@pytest.mark.parametrize(
    "change",
    [
        {"label": "dog"},
        {"confidence": 0.5},
        {"top": (("cat", 0.97), ("dog", 0.03), ("ship", 0.01))},
        {"frames_per_second": 3.0},
    ],
)
def test_every_figure_is_on_the_picture(change: dict[str, Any]) -> None:
    before = make_result()
    assert (
        Overlay(live=True).draw(before) != Overlay(live=True).draw(before._replace(**change))
    ).any()


def test_inference_time_is_on_the_picture() -> None:
    before = make_result()
    after = before._replace(prediction=before.prediction._replace(invoke_seconds=0.05))
    assert (Overlay(live=False).draw(before) != Overlay(live=False).draw(after)).any()


def test_a_net_that_rests_is_no_net_of_no_time() -> None:
    before = make_result()
    at_once, spared = (
        before._replace(prediction=before.prediction._replace(invoke_seconds=0.0, spared=spared))
        for spared in (False, True)
    )
    assert (Overlay(live=True).draw(at_once) != Overlay(live=True).draw(spared)).any()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_most_of_the_picture_is_left_alone(width: int, height: int) -> None:
    pixels = photo(width, height)
    drawn = Overlay(live=True).draw(make_result(pixels=pixels))
    assert (drawn != pixels).any(axis=2).mean() < 0.4


@settings(max_examples=100, deadline=None)
@given(
    width=st.integers(1, 700),
    height=st.integers(1, 700),
    label=st.text(max_size=60),
    confidence=floats(0, 1),
    top=st.lists(st.tuples(st.text(max_size=60), floats(0, 1)), max_size=10),
    rate=floats(0, 1e6),
    age=floats(0, 1e6),
    live=st.booleans(),
    input_size=st.sampled_from([1, 16, 32, 224]),
)
@example(1, 1, "", 0.0, [], 0.0, 0.0, True, 32)
@example(64, 48, "aquarium fish", 1.0, [("aquarium fish", 1.0)], 30.0, 0.0, True, 32)
@example(320, 240, "W" * 60, 1.0, [("W" * 60, 1.0)] * 3, 30.0, 0.0, True, 32)
def test_anything_is_drawn_on_any_size(
    width: int,
    height: int,
    label: str,
    confidence: float,
    top: list[tuple[str, float]],
    rate: float,
    age: float,
    live: bool,
    input_size: int,
) -> None:
    pixels = np.full((height, width, 3), 128, np.uint8)
    pixels.flags.writeable = False
    any_result = result_of(pixels, input_size)
    drawn = Overlay(live=live).draw(
        any_result._replace(
            label=label,
            confidence=confidence,
            top=tuple(top),
            frames_per_second=rate,
            age_seconds=age,
        )
    )
    assert drawn.shape == pixels.shape
    assert drawn.dtype == np.uint8
    assert drawn.flags.writeable
    assert (pixels == 128).all()


def result_of(pixels: Pixels, input_size: int) -> Result:
    crop = np.zeros((input_size, input_size, 3), np.uint8)
    prediction = Prediction(np.ones(1, np.float32), crop, 0.0, 0.0)
    return Result(Frame(pixels, 0, 0.0), prediction, "", 0.0, (), False, 0.0, 0.0, 0)


@pytest.mark.parametrize("label", ["aquarium fish", "sweet pepper", "W" * 40, "m" * 40])
@pytest.mark.parametrize(("width", "height"), [(64, 48), *SIZES])
def test_long_labels_stay_inside_the_panel(label: str, width: int, height: int) -> None:
    """What is right of the panel's own right edge is as with a short label."""
    drawn = Overlay(live=True).draw(make_result(label, pixels=grey(width, height)))
    margin = max(2, round(min(width, height) * 0.025))
    # The frame of the picture holds the square's outline (grey to white) but never letters.
    edge = drawn[height // 2 :, width - margin + 1 :]
    assert not has_colour(edge, SURE)


@pytest.mark.parametrize("size", [None, (960, 720)])
def test_a_drawing_that_somebody_holds_is_not_drawn_over(size: tuple[int, int] | None) -> None:
    overlay = Overlay(live=True)
    dark, light = np.zeros((480, 640, 3), np.uint8), np.full((480, 640, 3), 200, np.uint8)
    held = overlay.draw(make_result(pixels=dark), size)
    before = held.copy()

    # Not held, so that they may lie in one place.
    places = {
        overlay.draw(make_result(pixels=light), size).__array_interface__["data"][0]
        for _ in range(5)
    }

    np.testing.assert_array_equal(held, before)
    assert len(places) == 1


def test_a_label_of_two_words_is_shown_as_such() -> None:
    """CIFAR-100's names have underscores in them."""
    joined, apart = (
        make_result(label, pixels=grey(640, 480)) for label in ("aquarium_fish", "aquarium fish")
    )
    drawn = Overlay(live=True).draw(joined)
    assert np.array_equal(drawn, Overlay(live=True).draw(apart))
    assert joined.label == "aquarium_fish"


def test_a_rate_that_is_not_known_is_not_drawn_as_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(
        "camera_app.outputs.overlay.draw_text",
        lambda _picture, text, *_place: drawn.append(text),
    )
    Overlay(live=False).draw(make_result()._replace(frames_per_second=0.0))
    assert drawn[:2] == ["–", "fps"]
