"""One frame's answer: the crop it comes from, calibrated probabilities, times."""

import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from camera_app.frame import Frame
from camera_app.inference.bundle import Bundle
from camera_app.inference.classifier import Classifier, softmax
from camera_app.inference.description import Calibration
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.still import StillScene
from camera_app.inference.tflite import TFLiteRuntime
from tests.strategies import floats

LOGITS = st.lists(floats(-1e4, 1e4, width=32), min_size=1, max_size=100)
TEMPERATURES = floats(0.01, 100)


@pytest.fixture(scope="module")
def bundle(bundle: Bundle) -> Bundle:
    """The shipped bundle, as if it had not been fitted to mirrored pictures."""
    return bundle._replace(mirrored=None)


def frame(height: int, width: int) -> Frame:
    rng = np.random.default_rng(0)
    return Frame(rng.integers(0, 256, (height, width, 3), dtype=np.uint8), 0, 0.0)


@given(LOGITS, TEMPERATURES)
@example([88.8, -1e4, 1e4], 0.01)
@example([0.0], 1.0)
def test_softmax_gives_probabilities(logits: list[float], temperature: float) -> None:
    probabilities = softmax(np.array(logits, np.float32), temperature)
    assert probabilities.dtype == np.float32
    assert (probabilities >= 0).all()
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)


@given(LOGITS, TEMPERATURES)
def test_softmax_keeps_the_likeliest(logits: list[float], temperature: float) -> None:
    array = np.array(logits, np.float32)
    probabilities = softmax(array, temperature)
    assert probabilities[np.argmax(array)] == np.max(probabilities)


@given(st.lists(floats(-20, 20, width=32), min_size=2, max_size=10), floats(-50, 50))
def test_softmax_does_not_mind_a_shift(logits: list[float], shift: float) -> None:
    array = np.array(logits, np.float64)
    shifted = (array + shift).astype(np.float32)
    np.testing.assert_allclose(softmax(array.astype(np.float32)), softmax(shifted), atol=1e-4)


def test_softmax_of_known_logits() -> None:
    odds = np.array([0, math.log(2), math.log(5)], np.float32)
    np.testing.assert_allclose(softmax(odds), [0.125, 0.25, 0.625], rtol=1e-5)
    cooled = softmax(odds * np.float32(2), temperature=2)
    np.testing.assert_allclose(cooled, [0.125, 0.25, 0.625], rtol=1e-5)


@given(st.lists(floats(-20, 20, width=32), min_size=2, max_size=10), floats(1, 10))
def test_a_higher_temperature_is_less_sure(logits: list[float], temperature: float) -> None:
    array = np.array(logits, np.float32)
    assert np.max(softmax(array, temperature)) <= np.max(softmax(array)) + 1e-6


def test_the_runtime_gets_the_crop_that_is_reported(bundle: Bundle) -> None:
    runtime = FakeRuntime([range(10), range(10, 0, -1)])
    classifier = Classifier(bundle, runtime)
    first, second = (classifier.classify(frame(60, side)) for side in (80, 40))
    assert len(runtime.crops) == 2
    assert (runtime.crops[0] == first.crop).all()
    assert (runtime.crops[1] == second.crop).all()
    assert first.crop.shape == (bundle.input_size, bundle.input_size, 3)
    assert not np.shares_memory(first.crop, second.crop)
    assert [int(np.argmax(each.probabilities)) for each in (first, second)] == [9, 0]


def test_a_crop_that_was_made_ahead_is_taken_if_it_is_of_the_nets_size(bundle: Bundle) -> None:
    size = bundle.input_size
    ahead = np.full((size, size, 3), 7, np.uint8)
    of_another_net = np.full((size // 2, size // 2, 3), 7, np.uint8)
    runtime = FakeRuntime([range(10)] * 3)
    classifier = Classifier(bundle, runtime)
    taken = classifier.classify(frame(60, 80)._replace(crop=ahead))
    made = classifier.classify(frame(60, 80)._replace(crop=of_another_net))
    assert taken.crop is ahead
    np.testing.assert_array_equal(made.crop, classifier.classify(frame(60, 80)).crop)
    np.testing.assert_array_equal(runtime.crops[0], ahead)


def test_the_bundles_temperature_is_applied(bundle: Bundle) -> None:
    logits = np.linspace(-3, 3, 10, dtype=np.float32)
    prediction = Classifier(bundle, FakeRuntime([logits])).classify(frame(32, 32))
    np.testing.assert_allclose(prediction.probabilities, softmax(logits, bundle.temperature))


def test_a_bundle_fitted_to_mirrored_pictures_is_shown_both(bundle: Bundle) -> None:
    both = bundle._replace(mirrored=Calibration(temperature=2.0, unknown_below=0.5))
    runtime = FakeRuntime([np.arange(10), np.zeros(10)] * 2)
    classifier = Classifier(both, runtime)
    alone = classifier.classify(frame(60, 80))
    first, second = (classifier.classify(frame(60, 80), at) for at in (0.0, 0.04))
    assert len(runtime.crops) == 5
    np.testing.assert_array_equal(runtime.crops[0], cv2.flip(runtime.crops[1], 1))
    mean = softmax(np.arange(10, dtype=np.float32) / 2, temperature=2.0)
    np.testing.assert_allclose(alone.probabilities, mean, rtol=1e-6)
    np.testing.assert_allclose(first.probabilities, mean, rtol=1e-6)
    # The script's last answer again, and so both looks say the same.
    np.testing.assert_allclose(second.probabilities, softmax(np.zeros(10, np.float32)))


def test_times_are_told_apart(bundle: Bundle) -> None:
    ticks = itertools.accumulate([10.0, 0.25, 4.0])
    classifier = Classifier(bundle, FakeRuntime([[0.0]]), clock=lambda: next(ticks))
    prediction = classifier.classify(frame(32, 32))
    assert (prediction.preprocess_seconds, prediction.invoke_seconds) == (0.25, 4.0)


def test_a_still_scene_spares_the_net(bundle: Bundle) -> None:
    runtime = FakeRuntime([range(10), range(10, 0, -1)])
    classifier = Classifier(bundle, runtime, still=StillScene(3.0))
    first, again = classifier.classify(frame(60, 80)), classifier.classify(frame(60, 80))
    assert (first.spared, again.spared) == (False, True)
    assert again.invoke_seconds == 0.0
    np.testing.assert_array_equal(again.probabilities, first.probabilities)
    np.testing.assert_array_equal(again.crop, first.crop)
    assert len(runtime.crops) == 1

    moved = Frame(np.invert(frame(60, 80).pixels), 1, 0.0)
    assert not classifier.classify(moved).spared
    assert len(runtime.crops) == 2


def test_a_still_scene_is_answered_without_what_moved_before(bundle: Bundle) -> None:
    both = bundle._replace(mirrored=Calibration(temperature=1.0, unknown_below=0.5))
    old, new = np.eye(10, dtype=np.float32)[:2]
    runtime = FakeRuntime([old, old, new])
    classifier = Classifier(both, runtime, still=StillScene(3.0))
    moved = frame(60, 80)
    still = moved._replace(pixels=np.invert(moved.pixels))
    at = itertools.count(0.0, 0.033)
    answers = [classifier.classify(each, next(at)) for each in (moved, still, still, still, still)]
    assert [answer.spared for answer in answers] == [False, False, False, True, True]
    mixed, *held = (answer.probabilities for answer in answers[1:])
    np.testing.assert_allclose(mixed, softmax((old + new) / 2))
    for answer in held:
        np.testing.assert_allclose(answer, softmax(new))


def test_a_scene_that_is_still_from_the_first_picture_on_needs_no_further_look(
    bundle: Bundle,
) -> None:
    both = bundle._replace(mirrored=Calibration(temperature=1.0, unknown_below=0.5))
    runtime = FakeRuntime([range(10)])
    classifier = Classifier(both, runtime, still=StillScene(3.0))
    assert [classifier.classify(frame(60, 80), n / 30).spared for n in range(3)] == [
        False,
        True,
        True,
    ]
    assert len(runtime.crops) == 2


def test_without_asking_for_it_the_net_sees_every_frame(bundle: Bundle) -> None:
    runtime = FakeRuntime([range(10)])
    classifier = Classifier(bundle, runtime)
    assert not any(classifier.classify(frame(60, 80)).spared for _ in range(3))
    assert len(runtime.crops) == 3


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 500), (31, 33), (720, 1280)])
def test_the_real_net_takes_frames_of_any_size(bundle: Bundle, height: int, width: int) -> None:
    classifier = Classifier(bundle, TFLiteRuntime("litert", bundle, threads=1))
    probabilities = classifier.classify(frame(height, width)).probabilities
    assert probabilities.shape == (len(bundle.labels),)
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_the_same_picture_gets_the_same_answer_whatever_came_between(bundle: Bundle) -> None:
    classifier = Classifier(bundle, TFLiteRuntime("litert", bundle, threads=1))
    before = classifier.classify(frame(90, 120)).probabilities
    classifier.classify(frame(32, 32))
    assert (classifier.classify(frame(90, 120)).probabilities == before).all()


def test_a_fake_needs_a_script() -> None:
    with pytest.raises(ValueError, match="at least one answer"):
        FakeRuntime([])


def test_a_fake_records_that_it_was_closed() -> None:
    runtime = FakeRuntime([[0.0]])
    assert not runtime.closed
    runtime.close()
    assert runtime.closed
