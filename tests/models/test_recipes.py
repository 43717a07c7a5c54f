"""Schedules are sensible for any budget of epochs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.recipes import RECIPES

names = st.sampled_from(sorted(RECIPES))
progress = st.floats(0, 1)


@given(name=names, at=progress)
def test_learning_rate_is_never_negative_nor_above_its_peak(name: str, at: float) -> None:
    recipe = RECIPES[name]

    assert 0 <= recipe.learning_rate_at(at) <= recipe.learning_rate * (1 + 1e-9)


@given(name=names, one=progress, other=progress)
def test_learning_rate_never_rises_after_the_warm_up(name: str, one: float, other: float) -> None:
    recipe = RECIPES[name]
    early, late = sorted((max(one, recipe.warm_up), max(other, recipe.warm_up)))

    assert recipe.learning_rate_at(early) >= recipe.learning_rate_at(late)


@given(name=names, epochs=st.integers(1, 400), data=st.data())
def test_picture_sizes_only_grow_and_end_at_full_size(
    name: str, epochs: int, data: st.DataObject
) -> None:
    recipe = RECIPES[name]
    one = data.draw(st.integers(0, epochs - 1))
    other = data.draw(st.integers(0, epochs - 1))

    assert recipe.size_in(min(one, other), epochs) <= recipe.size_in(max(one, other), epochs)
    assert recipe.size_in(epochs - 1, epochs) == 32


@pytest.mark.parametrize(
    ("epoch", "rate"),
    [(0, 1e-3), (79, 1e-3), (80, 1e-4), (119, 1e-4), (120, 1e-5), (160, 1e-6), (180, 0.5e-6)],
)
def test_papers_schedule_over_its_200_epochs(epoch: int, rate: float) -> None:
    assert RECIPES["paper"].learning_rate_at(epoch / 200) == pytest.approx(rate)


def test_papers_schedule_over_20_epochs_drops_at_the_same_shares() -> None:
    recipe = RECIPES["paper"]
    steps = 391

    rates = [recipe.learning_rate_at(epoch * steps / (20 * steps)) for epoch in range(20)]

    assert [epoch for epoch in range(1, 20) if rates[epoch] < rates[epoch - 1]] == [8, 12, 16, 18]


def test_camera_recipe_warms_up_and_ends_at_zero() -> None:
    recipe = RECIPES["camera"]

    assert recipe.learning_rate_at(0) == 0
    assert recipe.learning_rate_at(recipe.warm_up) == pytest.approx(recipe.learning_rate)
    assert recipe.learning_rate_at(1) == 0
