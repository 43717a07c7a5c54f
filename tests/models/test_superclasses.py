"""The twenty superclasses, and accuracy by them."""

import numpy as np

from models.superclasses import SUPERCLASSES, accuracy_by_superclass, have_superclasses

LABELS = tuple(sorted(sum(SUPERCLASSES.values(), ())))


def test_each_of_a_hundred_classes_is_in_one_of_twenty() -> None:
    assert len(SUPERCLASSES) == 20
    assert {len(members) for members in SUPERCLASSES.values()} == {5}
    assert len(set(LABELS)) == 100


def test_they_are_known_by_their_names_in_any_order() -> None:
    assert have_superclasses(LABELS[::-1])
    assert not have_superclasses(LABELS[1:])


def test_a_near_miss_counts_within_and_a_far_one_does_not() -> None:
    oak, maple, bus = (LABELS.index(name) for name in ("oak_tree", "maple_tree", "bus"))
    confusion = np.zeros((100, 100), np.int64)
    confusion[oak, oak], confusion[oak, maple], confusion[oak, bus] = 1, 2, 1

    shares = accuracy_by_superclass(confusion, LABELS)

    assert shares["trees"] == (0.25, 0.75)
    assert np.isnan(shares["vehicles 1"]).all()
