"""A piece of another picture changes what is true of a picture by as much as it hides."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cutmix import cutmix


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    share=st.floats(0, 1),
    height=st.integers(1, 12),
    width=st.integers(1, 12),
)
def test_targets_are_the_shares_of_the_pictures_seen(
    seed: int, share: float, height: int, width: int
) -> None:
    count = 5
    # Each picture is of one colour that is its number, so that what is seen can be counted.
    pictures = np.empty((count, height, width, 3), np.uint8)
    pictures[:] = np.arange(count, dtype=np.uint8)[:, None, None, None]
    targets = np.eye(count, dtype=np.float32)

    mixed, mixed_targets = cutmix(pictures, targets, share, np.random.default_rng(seed))

    seen = (mixed[..., 0, None] == np.arange(count)).mean((1, 2))
    assert np.allclose(mixed_targets, seen, atol=1e-6)
    assert (pictures == np.arange(count)[:, None, None, None]).all()
    assert np.array_equal(targets, np.eye(count))


def test_the_share_decides_how_many_are_changed() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (400, 8, 8, 3), np.uint8)
    targets = np.zeros((400, 2), np.float32)

    for share, least, most in ((0.0, 0, 0), (0.5, 120, 220), (1.0, 300, 400)):
        mixed, _ = cutmix(pictures, targets, share, np.random.default_rng(1))
        changed = (mixed != pictures).any((1, 2, 3)).sum()
        assert least <= changed <= most, share
