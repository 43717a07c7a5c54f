"""Memory for pictures, used again instead of being taken anew for each one.

A picture is megabytes. The C library takes so much from the system for each, gives it back, and the
system clears every page before it hands it out again: with two small nets in a row on 1280x720
that was 150 page faults and a fifth of the processor time of a label.
"""

import sys
from collections.abc import Sequence

import numpy as np

from camera_app.arrays import NDArray

MOST_KEPT = 8
"""Pictures that one memory keeps: three read ahead, the one at work, and a few that a recorder or
a window still holds. Whoever holds more of them gets those beyond for himself."""


class PictureMemory:
    """Gives memory that nobody looks at any more. For one thread; pictures may go to others.

    Who still has a picture, or a part of one, refers to its array, and Python counts that. So a
    picture is safe for as long as anybody can see it.
    """

    def __init__(self) -> None:
        self._pictures: list[NDArray[np.uint8]] = []

    def take(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Memory of that shape, uint8, C-contiguous, with anything in it."""
        pictures = self._pictures
        if pictures and pictures[0].shape != shape:
            pictures.clear()
        for number in range(len(pictures)):
            if _references(pictures, number) == _OURS:
                return pictures[number]
        taken = np.empty(shape, np.uint8)
        if len(pictures) < MOST_KEPT:
            pictures.append(taken)
        return taken


def _references(pictures: Sequence[object], number: int) -> int:
    return sys.getrefcount(pictures[number])


_OURS = _references([object()], 0)
"""References to what is in a list and nowhere else."""
