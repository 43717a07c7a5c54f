"""AUROC and FPR95 against their definitions, and the pictures that count as unknown."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.data import LabelledPictures
from models.rejection import (
    MADE,
    Rejection,
    auroc,
    false_positive_rate,
    make_unknown,
    measure_rejection,
    summary,
)

MakePictures = Callable[..., LabelledPictures]

# Few values, so that there are ties.
confidences = arrays(
    np.float64,
    st.integers(1, 40),
    elements=st.sampled_from([0.1, 0.2, 0.35, 0.5, 0.8, 0.9, 0.99, 1.0]),
)


@given(confidences, confidences)
def test_auroc_is_the_share_of_pairs_in_the_right_order(
    known: NDArray[np.float64], unknown: NDArray[np.float64]
) -> None:
    pairs = known[:, None] - unknown[None, :]

    by_definition = np.mean(pairs > 0) + np.mean(pairs == 0) / 2

    assert auroc(known, unknown) == pytest.approx(by_definition, abs=1e-12)


@given(confidences)
def test_auroc_of_the_same_against_the_same_is_a_half(known: NDArray[np.float64]) -> None:
    assert auroc(known, known) == 0.5


@given(confidences, confidences)
def test_auroc_the_other_way_round_is_the_rest(
    known: NDArray[np.float64], unknown: NDArray[np.float64]
) -> None:
    assert auroc(known, unknown) + auroc(unknown, known) == pytest.approx(1, abs=1e-12)


@given(confidences, confidences)
def test_both_rates_depend_on_the_order_alone(
    known: NDArray[np.float64], unknown: NDArray[np.float64]
) -> None:
    def stretched(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.exp(7 * confidence) - 3

    assert auroc(stretched(known), stretched(unknown)) == auroc(known, unknown)
    assert false_positive_rate(stretched(known), stretched(unknown)) == false_positive_rate(
        known, unknown
    )


@given(confidences, confidences, st.floats(0.01, 1))
def test_false_positives_at_the_highest_threshold_that_lets_enough_pass(
    known: NDArray[np.float64], unknown: NDArray[np.float64], rate: float
) -> None:
    thresholds = [t for t in known if np.mean(known >= t) >= rate - 1e-9]

    expected = np.mean(unknown >= max(thresholds))

    assert false_positive_rate(known, unknown, rate) == pytest.approx(expected)


def test_perfect_and_hopeless() -> None:
    low, high = np.array([0.1, 0.2, 0.3]), np.array([0.7, 0.8])

    assert (auroc(high, low), false_positive_rate(high, low)) == (1, 0)
    assert (auroc(low, high), false_positive_rate(low, high)) == (0, 1)


def test_by_hand() -> None:
    known = np.arange(1, 21) / 20  # 95 % of twenty are nineteen: all but 0.05
    unknown = np.array([0.05, 0.075, 0.1, 0.6])

    found = measure_rejection(known, unknown, unknown_below=0.6)

    assert found.pictures == 4
    assert found.fpr95 == 0.5
    # Pairs in the wrong order: none, 1, 1 and 11; tied: 1, 0, 1 and 1.
    assert found.auroc == pytest.approx(1 - (0 + 1 + 1 + 11 + 3 / 2) / 80)
    assert found.turned_away == 0.75


def test_single_precision_is_good_enough() -> None:
    rng = np.random.default_rng(0)
    known, unknown = rng.random(500), rng.random(400)

    assert auroc(known.astype(np.float32), unknown.astype(np.float32)) == pytest.approx(
        auroc(known, unknown), abs=1e-4
    )


@settings(max_examples=10, deadline=None)
@given(count=st.integers(1, 4), side=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_made_pictures_are_decided_by_the_seed(count: int, side: int, seed: int) -> None:
    made, again = make_unknown(count, side, seed), make_unknown(count, side, seed)

    assert tuple(made) == MADE
    for kind, pictures in made.items():
        assert pictures.dtype == np.uint8
        assert pictures.shape == (count, side, side, 3)
        assert np.array_equal(pictures, again[kind])


def test_made_pictures_are_what_they_are_called() -> None:
    made = make_unknown(50, 32)

    assert made["uniform_noise"].mean() == pytest.approx(127.5, abs=1)
    assert made["uniform_noise"].std() == pytest.approx(255 / 12**0.5, abs=1)
    # A normal of mean 1/2 and deviation 1 is below 0 with 30.9 %, and above 1 as often.
    assert np.mean(made["gaussian_noise"] == 0) == pytest.approx(0.309, abs=0.01)
    assert np.mean(made["gaussian_noise"] == 255) == pytest.approx(0.309, abs=0.01)
    assert (np.ptp(made["flat_colours"], axis=(1, 2)) == 0).all()
    assert len(np.unique(made["flat_colours"][:, 0, 0], axis=0)) > 40


def test_summary_takes_what_was_made_as_one_set() -> None:
    rng = np.random.default_rng(0)
    known = rng.random(300)
    unknown = {kind: rng.random(100) ** power for kind, power in zip(MADE, (1, 2, 3), strict=True)}
    rejections = {kind: measure_rejection(known, one, 0.5) for kind, one in unknown.items()}

    found = summary({"cifar100_unseen_test": Rejection(9, 0.9, 0.4, 0.3), **rejections})

    together = measure_rejection(known, np.concatenate(list(unknown.values())), 0.5)
    assert found == {
        "auroc_cifar100_unseen_test": 0.9,
        "fpr95_cifar100_unseen_test": 0.4,
        "turned_away_cifar100_unseen_test": 0.3,
        "auroc_noise": round(together.auroc, 4),
        "fpr95_noise": round(together.fpr95, 4),
        "turned_away_noise": round(together.turned_away, 4),
    }


def test_summary_without_cifar100() -> None:
    one = Rejection(9, 0.9, 0.4, 0.3)

    assert set(summary(dict.fromkeys(MADE, one))) == {
        "auroc_noise",
        "fpr95_noise",
        "turned_away_noise",
    }
