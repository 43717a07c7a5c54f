"""What is known sits out, what is not is shown, and on average every picture counts the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pruning import PictureLosses, Pruner


def pruner_with(losses: list[float]) -> Pruner:
    pruner = Pruner(len(losses))
    pruner.note(np.arange(len(losses)), np.array(losses, np.float32))
    pruner.end_epoch()
    return pruner


def test_before_any_loss_is_known_a_pass_is_a_permutation() -> None:
    rows, weights = Pruner(50).draw(50, 0.5, np.random.default_rng(0))

    assert sorted(rows) == list(range(50))
    assert (weights == 1).all()


def test_the_difficult_are_never_left_out_and_the_rest_counts_for_what_is() -> None:
    pruner = pruner_with([0.1] * 60 + [2.0] * 40)

    rows, weights = pruner.draw(5_000, 0.5, np.random.default_rng(0))

    shown = np.bincount(rows, minlength=100)
    assert shown[60:].min() >= shown.max() - 1  # as often as there were passes, the last one apart
    assert 0.4 < shown[:60].sum() / shown[60:].sum() / (60 / 40) < 0.6
    assert (weights[rows < 60] == 2).all()
    assert (weights[rows >= 60] == 1).all()
    # So the easy pictures' part of the sum over a pass is what it was: their share of all.
    assert weights[rows < 60].sum() / weights.sum() == pytest.approx(0.6, abs=0.03)


@given(
    losses=st.lists(st.floats(0, 10) | st.just(float("nan")), min_size=1, max_size=30),
    share=st.floats(0, 0.9),
    count=st.integers(1, 100),
    seed=st.integers(0, 9),
)
def test_any_losses_give_as_many_pictures_as_wanted(
    losses: list[float], share: float, count: int, seed: int
) -> None:
    pruner = pruner_with(losses)

    rows, weights = pruner.draw(count, share, np.random.default_rng(seed))
    again, _ = pruner.draw(count, share, np.random.default_rng(seed))

    assert len(rows) == len(weights) == count
    assert set(rows) <= set(range(len(losses)))
    assert (weights >= 1).all()
    assert np.array_equal(rows, again)


def test_an_epoch_is_drawn_by_the_losses_at_its_start() -> None:
    pruner = pruner_with([0.1] * 10 + [2.0] * 10)
    before, _ = pruner.draw(20, 0.5, np.random.default_rng(0))

    pruner.note(np.arange(20), np.linspace(2, 0, 20, dtype=np.float32))

    during, _ = pruner.draw(20, 0.5, np.random.default_rng(0))
    assert np.array_equal(before, during)
    pruner.end_epoch()
    after, _ = pruner.draw(20, 0.5, np.random.default_rng(0))
    assert not np.array_equal(before, after)


def test_the_metric_keeps_each_pictures_loss() -> None:
    metric = PictureLosses(3)
    logits = np.array([[2.0, 0, 0], [0, 3.0, 0], [0, 0, 0]], np.float32)
    targets = np.eye(3, dtype=np.float32)[[0, 0, 2]]

    metric.update_state(targets, logits, sample_weight=np.array([9.0, 9.0, 9.0]))

    by_hand = np.log(np.exp(logits).sum(axis=1)) - (logits * targets).sum(axis=1)
    assert np.asarray(metric.losses.numpy()) == pytest.approx(by_hand, rel=1e-5)
    assert float(metric.result()) == pytest.approx(np.mean(by_hand), rel=1e-5)
