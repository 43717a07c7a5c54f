"""Temperature, calibration error and threshold, against cases whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.calibrate import (
    expected_calibration_error,
    fit_temperature,
    fit_unknown_below,
    negative_log_likelihood,
    probabilities,
)


def honest_sample(count: int = 20_000) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Logits, and labels drawn from their own softmax: calibrated by construction."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (count, 10))
    cumulative = probabilities(logits).cumsum(axis=1)
    labels = (rng.random((count, 1)) > cumulative[:, :-1]).sum(axis=1)
    return logits, labels


@given(arrays(np.float32, (4, 7), elements=st.floats(-1e4, 1e4, width=32)), st.floats(0.05, 20))
def test_probabilities_are_a_distribution_in_the_logits_order(
    logits: NDArray[np.float32], temperature: float
) -> None:
    found = probabilities(logits, temperature)

    assert np.allclose(found.sum(axis=1), 1)
    assert (found >= 0).all()
    likeliest = found[np.arange(4), logits.argmax(axis=1)]
    assert (likeliest >= found.max(axis=1) - 1e-12).all()


@settings(deadline=None, max_examples=15)
@given(st.floats(0.2, 8))
def test_temperature_undoes_a_scale(scale: float) -> None:
    logits, labels = honest_sample()

    assert fit_temperature(logits * scale, labels) == pytest.approx(scale, rel=0.03)


def test_temperature_is_where_the_likelihood_is_best() -> None:
    logits, labels = honest_sample(500)

    fitted = fit_temperature(3 * logits, labels)

    best = negative_log_likelihood(3 * logits, labels, fitted)
    for other in np.geomspace(0.05, 20, 200):
        assert best <= negative_log_likelihood(3 * logits, labels, other) + 1e-6


def test_temperature_stays_in_its_bounds_when_every_answer_is_right() -> None:
    logits, labels = np.eye(10), np.arange(10)

    assert fit_temperature(logits, labels) == pytest.approx(0.05, rel=0.01)
    assert fit_temperature(logits, (labels + 1) % 10) == pytest.approx(20, rel=0.01)


def test_calibration_error_of_honest_probabilities_is_near_zero() -> None:
    logits, labels = honest_sample()
    correct = logits.argmax(axis=1) == labels

    honest = expected_calibration_error(probabilities(logits).max(axis=1), correct)
    boastful = expected_calibration_error(probabilities(3 * logits).max(axis=1), correct)

    assert honest < 0.015
    assert boastful > 0.1


def test_calibration_error_by_hand() -> None:
    # Two bins of fifteen are filled: 0.95 with accuracy 1/2, and 0.5 with accuracy 1.
    confidence = np.array([0.95, 0.95, 0.5, 0.5])
    correct = np.array([True, False, True, True])

    error = expected_calibration_error(confidence, correct)

    assert error == pytest.approx(0.5 * 0.45 + 0.5 * 0.5)


def test_certainty_falls_in_the_last_bin() -> None:
    assert expected_calibration_error(np.ones(3), np.ones(3, dtype=bool)) == 0


def test_threshold_lets_the_share_of_right_answers_pass() -> None:
    rng = np.random.default_rng(0)
    confidence, correct = rng.random(1000), rng.random(1000) < 0.8

    threshold = fit_unknown_below(confidence, correct)

    assert np.mean(confidence[correct] >= threshold) == pytest.approx(0.95, abs=0.002)
