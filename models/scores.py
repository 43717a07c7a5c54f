"""What a net's logits are worth: accuracy, by class, and how honest its probabilities are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibrate import (
    expected_calibration_error,
    negative_log_likelihood,
    probabilities,
)


@dataclass(frozen=True)
class Scores:
    """Measured on one set of pictures.

    Attributes:
        pictures: how many.
        top1: share whose likeliest class is their label.
        top5: share whose label is among the five likeliest; None for ten classes or fewer.
        nll: negative log-likelihood in nats, with the temperature applied.
        ece: expected calibration error over 15 bins, with the temperature applied.
        ece_uncalibrated: the same at a temperature of 1.
        answered: share of pictures at or above the "unknown" threshold: the coverage.
        top1_answered: accuracy among those, the selective accuracy; None if there are none.
        confusion: (classes, classes) counts; row: label, column: answer.
    """

    pictures: int
    top1: float
    top5: float | None
    nll: float
    ece: float
    ece_uncalibrated: float
    answered: float
    top1_answered: float | None
    confusion: NDArray[np.int64]

    @property
    def per_class(self) -> NDArray[np.float64]:
        """(classes,) share of each class's pictures that got its label; NaN for none."""
        counts = self.confusion.sum(axis=1)
        right = np.diag(self.confusion).astype(float)
        return np.divide(right, counts, out=np.full(len(counts), np.nan), where=counts > 0)

    def most_confused(self, count: int) -> list[tuple[int, int, int]]:
        """The ``count`` commonest mistakes: (label, answer, pictures), commonest first."""
        mistakes = self.confusion - np.diag(np.diag(self.confusion))
        order = np.argsort(-mistakes, axis=None, kind="stable")[:count]
        pairs = [divmod(int(place), len(mistakes)) for place in order]
        return [(i, j, int(mistakes[i, j])) for i, j in pairs if mistakes[i, j]]

    def summary(self) -> dict[str, Any]:
        """The single numbers, plain and rounded, by name."""
        names = ("top1", "top5", "nll", "ece", "ece_uncalibrated", "answered", "top1_answered")
        values = {name: getattr(self, name) for name in names}
        rounded = {name: round(value, 4) for name, value in values.items() if value is not None}
        return {"pictures": self.pictures, **rounded}


def score(
    logits: NDArray[np.floating[Any]],
    labels: NDArray[np.integer[Any]],
    temperature: float = 1.0,
    unknown_below: float = 0.0,
) -> Scores:
    """Score logits (N, classes) against labels (N,), N at least 1."""
    classes = logits.shape[1]
    answers = logits.argmax(axis=1)
    correct = answers == labels
    confidence = probabilities(logits, temperature).max(axis=1)
    answered = confidence >= unknown_below
    likeliest = np.argsort(-logits, axis=1, kind="stable")[:, :5]
    confusion = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(confusion, (labels, answers), 1)
    return Scores(
        pictures=len(labels),
        top1=float(correct.mean()),
        top5=float((likeliest == labels[:, None]).any(axis=1).mean()) if classes > 10 else None,
        nll=negative_log_likelihood(logits, labels, temperature),
        ece=expected_calibration_error(confidence, correct),
        ece_uncalibrated=expected_calibration_error(probabilities(logits).max(axis=1), correct),
        answered=float(answered.mean()),
        top1_answered=float(correct[answered].mean()) if answered.any() else None,
        confusion=confusion,
    )
