"""Memory is used again, and never while anybody can still see what is in it."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from numpy.typing import NDArray

from camera_app.picture_memory import MOST_KEPT, PictureMemory

SHAPES = [(48, 64, 3), (64, 48, 3)]


def address(picture: NDArray[np.uint8]) -> int:
    return picture.__array_interface__["data"][0]  # type: ignore[no-any-return]


def test_what_nobody_holds_is_used_again() -> None:
    memory = PictureMemory()

    addresses = {address(memory.take(SHAPES[0])) for _ in range(20)}

    assert len(addresses) == 1


def test_a_part_of_a_picture_keeps_all_of_it() -> None:
    memory = PictureMemory()
    part = memory.take(SHAPES[0])[10:20, 10:20, ::-1]

    assert not np.shares_memory(part, memory.take(SHAPES[0]))


def test_no_more_than_a_few_are_kept() -> None:
    memory = PictureMemory()
    held = [memory.take(SHAPES[0]) for _ in range(2 * MOST_KEPT)]
    addresses = {address(picture) for picture in held}
    held.clear()

    again = [memory.take(SHAPES[0]) for _ in range(MOST_KEPT)]

    assert {address(picture) for picture in again} <= addresses
    assert not any(np.shares_memory(picture, memory.take(SHAPES[0])) for picture in again)


class Holders(RuleBasedStateMachine):
    """Takes pictures, fills each with a number of its own, and lets go of some."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = PictureMemory()
        self.held: list[tuple[NDArray[np.uint8], int]] = []
        self.taken = 0

    @rule(shape=st.sampled_from(SHAPES), whole=st.booleans())
    def take(self, shape: tuple[int, ...], whole: bool) -> None:
        picture = self.memory.take(shape)
        assert picture.shape == shape
        assert picture.flags.c_contiguous
        self.taken += 1
        picture[:] = self.taken % 256
        self.held.append((picture if whole else picture[1::2, ::-1], self.taken % 256))

    @rule(number=st.integers(0, 2 * MOST_KEPT))
    def let_go(self, number: int) -> None:
        del self.held[number : number + 1]

    @invariant()
    def what_is_held_stays(self) -> None:
        assert all((picture == number).all() for picture, number in self.held)


Holders.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestHolders = Holders.TestCase
