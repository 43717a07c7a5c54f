"""How far a probability can be trusted: temperature, calibration error, the "unknown" threshold.

Source of temperature scaling and of the expected calibration error: C. Guo et al., "On
calibration of modern neural networks", 2017 (arXiv 1706.04599).
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]

KNOWN_SHARE = 0.95
"""Share of rightly classified pictures that the "unknown" threshold lets pass; the customary one,
at which published figures such as the false positive rate are given."""


def probabilities(logits: FloatArray, temperature: float = 1.0) -> NDArray[np.float64]:
    """Softmax of logits (N, classes) divided by ``temperature``; (N, classes), rows sum to 1."""
    return np.exp(_log_probabilities(logits, temperature))


def negative_log_likelihood(
    logits: FloatArray, labels: IntArray, temperature: float = 1.0
) -> float:
    """Mean of -log p(label), in nats, of logits (N, classes) and labels (N,)."""
    chosen = _log_probabilities(logits, temperature)[np.arange(len(labels)), labels]
    return float(-chosen.mean())


def fit_temperature(
    logits: FloatArray, labels: IntArray, low: float = 0.05, high: float = 20.0
) -> float:
    """The temperature with the smallest negative log-likelihood, to 0.1 %.

    That likelihood has one minimum over the temperature (it is convex in 1 / temperature), so a
    golden-section search on a logarithmic scale finds it.

    Args:
        logits: (N, classes), of pictures the net did not learn from.
        labels: (N,).
        low: smallest temperature considered; the answer where every label is right.
        high: largest one.
    """
    ratio = (math.sqrt(5) - 1) / 2
    left, right = math.log(low), math.log(high)
    while right - left > 1e-3:
        width = ratio * (right - left)
        inner_left, inner_right = right - width, left + width
        losses = [
            negative_log_likelihood(logits, labels, math.exp(inner))
            for inner in (inner_left, inner_right)
        ]
        if losses[0] < losses[1]:
            right = inner_right
        else:
            left = inner_left
    return math.exp((left + right) / 2)


def note_on_temperature(ece: float, uncalibrated: float) -> str | None:
    """What a person should know of a temperature that makes the calibration error larger.

    That happens: what is fitted is the likelihood, which a few bold mistakes weigh on most.

    Args:
        ece: with the temperature applied.
        uncalibrated: at a temperature of 1, of the same pictures.

    Returns:
        A sentence; None where the error gets no larger.
    """
    if ece <= uncalibrated:
        return None
    return (
        "note: the temperature, which is fitted to the likelihood of held-out pictures, makes the "
        f"calibration error larger here: {ece:.2%} with it, {uncalibrated:.2%} without"
    )


def expected_calibration_error(
    confidence: FloatArray, correct: NDArray[np.bool_], bins: int = 15
) -> float:
    """Mean distance between confidence and accuracy, over equal-width bins of confidence.

    Args:
        confidence: (N,), the largest probability of each picture.
        correct: (N,), whether its label was right.
        bins: how many; 15 is the customary number.
    """
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    # A bin's share times its gap is |Σ confidence - Σ correct| / N, and an empty bin adds nothing.
    gaps = np.bincount(index, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def fit_unknown_below(
    confidence: FloatArray, correct: NDArray[np.bool_], known_share: float = KNOWN_SHARE
) -> float:
    """The confidence that ``known_share`` of the rightly classified pictures reach.

    It needs no examples of what is unknown, which nobody could list; how much of such it then
    turns away is a score, and ``models.evaluate`` measures it.
    """
    return float(np.quantile(confidence[correct], 1 - known_share))


def fit_calibration(logits: FloatArray, labels: IntArray) -> tuple[float, float]:
    """Temperature and "unknown" threshold for logits (N, classes) of pictures labelled (N,)."""
    temperature = fit_temperature(logits, labels)
    confidence = probabilities(logits, temperature).max(axis=1)
    return temperature, fit_unknown_below(confidence, logits.argmax(axis=1) == labels)


def _log_probabilities(logits: FloatArray, temperature: float) -> NDArray[np.float64]:
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    return np.asarray(scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True)))
