"""How well a net's confidence tells pictures of its classes from pictures of anything else.

The confidence is the device's own, the largest probability at the fitted temperature: D. Hendrycks
& K. Gimpel, "A baseline for detecting misclassified and out-of-distribution examples in neural
networks", 2017 (arXiv 1610.02136). A picture of a known class is the positive case throughout.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
Confidence = NDArray[np.floating[Any]]

MADE = ("uniform_noise", "gaussian_noise", "flat_colours")
"""Kinds of unknown pictures that are made here."""

MADE_PICTURES = 1_000
"""Of each of these kinds."""

TRUE_POSITIVE_RATE = 0.95
"""At which the false positive rate is customarily given."""


@dataclass(frozen=True)
class Rejection:
    """How one set of unknown pictures fared against the known ones.

    Attributes:
        pictures: how many unknown ones.
        auroc: see :func:`auroc`.
        fpr95: see :func:`false_positive_rate`, at a true positive rate of 95 %.
        turned_away: share of the unknown ones whose confidence is below the bundle's threshold: the
            rejection rate.
    """

    pictures: int
    auroc: float
    fpr95: float
    turned_away: float


def measure_rejection(known: Confidence, unknown: Confidence, unknown_below: float) -> Rejection:
    """Compare the confidence in known pictures (N,) with that in unknown ones (M,), N, M ≥ 1.

    Args:
        known: of pictures of the net's classes, whether told rightly or not.
        unknown: of pictures of none of them.
        unknown_below: the confidence below which the answer is "unknown".
    """
    return Rejection(
        pictures=len(unknown),
        auroc=auroc(known, unknown),
        fpr95=false_positive_rate(known, unknown),
        turned_away=float((unknown < unknown_below).mean()),
    )


def auroc(known: Confidence, unknown: Confidence) -> float:
    """Area under the receiver operating characteristic; 1 is perfect, 0.5 is chance.

    It is the probability that a known picture gets more confidence than an unknown one, a tie
    counting half, and so the Mann-Whitney statistic over the number of pairs: J. Hanley &
    B. McNeil, "The meaning and use of the area under a ROC curve", Radiology 143, 1982.

    Args:
        known: (N,), N ≥ 1.
        unknown: (M,), M ≥ 1.
    """
    ordered = np.sort(unknown)
    below = np.searchsorted(ordered, known, side="left").sum()
    not_above = np.searchsorted(ordered, known, side="right").sum()
    # Whole numbers up to here: nothing is rounded but the quotient.
    return float((below + not_above) / (2 * len(known) * len(unknown)))


def false_positive_rate(
    known: Confidence, unknown: Confidence, true_positive_rate: float = TRUE_POSITIVE_RATE
) -> float:
    """Share of unknown pictures that pass where the given share of the known ones does.

    The threshold is the highest that lets at least that share of the known ones pass, and what
    reaches it passes. Source of the measure: S. Liang et al., "Enhancing the reliability of
    out-of-distribution image detection in neural networks", 2018 (arXiv 1706.02690).

    Args:
        known: (N,), N ≥ 1.
        unknown: (M,), M ≥ 1.
        true_positive_rate: above 0, at most 1.
    """
    # Less than a picture is taken off for 0.95, which binary fractions only come close to.
    passing = math.ceil(true_positive_rate * len(known) - 1e-6)
    threshold = np.sort(known)[len(known) - passing]
    return float((unknown >= threshold).mean())


def make_unknown(count: int, side: int, seed: int = 0) -> dict[str, Pictures]:
    """Pictures of nothing at all, by kind: two kinds of noise, and single colours.

    Gaussian noise has a mean of 1/2 and a variance of 1 where white is 1, clipped, which leaves
    most of it black or white, as in Liang et al. (arXiv 1706.02690).

    Args:
        count: of each kind.
        side: of the pictures, in pixels.
        seed: another one gives others.

    Returns:
        (count, side, side, 3) uint8 each.
    """
    rng = np.random.default_rng(seed)
    shape = (count, side, side, 3)
    normal = 0.5 + rng.standard_normal(shape, dtype=np.float32)
    colours = rng.integers(0, 256, (count, 1, 1, 3), np.uint8)
    made = (
        rng.integers(0, 256, shape, np.uint8),
        np.rint(255 * np.clip(normal, 0, 1)).astype(np.uint8),
        np.broadcast_to(colours, shape),
    )
    return dict(zip(MADE, made, strict=True))


def summary(rejections: Mapping[str, Rejection]) -> dict[str, float]:
    """The single numbers, rounded, by their names in model.yaml.

    What was made here counts as one set, "noise". Its kinds are equally many, so that both rates
    of all together are the means of theirs.
    """
    groups = {name: (name,) for name in rejections if name not in MADE} | {"noise": MADE}
    return {
        f"{measure}_{group}": round(
            float(np.mean([getattr(rejections[name], measure) for name in names])), 4
        )
        for group, names in groups.items()
        for measure in ("auroc", "fpr95", "turned_away")
    }
