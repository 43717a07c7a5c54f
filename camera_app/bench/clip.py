"""A video to measure on where none is given, and pictures that are in memory already."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from camera_app.errors import OutputError
from camera_app.sources.base import Pixels, Source
from camera_app.sources.recorded import RecordedSource

WIDTH, HEIGHT = 1280, 720
FRAMES_PER_SECOND = 30.0
CODEC = "mp4v"
"""MPEG-4 part 2: the one codec for moving pictures that every OpenCV wheel can write."""

DRIFT = 3
"""Pixels a frame by which the background moves: work for a decoder, as a real film has it."""

MARGIN = 100
"""Pixels that the background has to spare; after so many it begins again."""


def moving_pictures(count: int, width: int, height: int) -> Iterator[Pixels]:
    """Yield ``count`` pictures (height, width, 3) uint8 BGR: a disc crosses a drifting texture."""
    grain = np.random.default_rng(2).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    size = (width + MARGIN, height + MARGIN)
    background = cv2.resize(grain, size, interpolation=cv2.INTER_CUBIC)
    for number in range(count):
        shift = DRIFT * number % MARGIN
        picture = background[shift : shift + height, shift : shift + width].copy()
        centre = (5 * DRIFT * number % width, height // 2)
        cv2.circle(picture, centre, height // 6, (20, 200, 240), cv2.FILLED)
        yield picture.astype(np.uint8, copy=False)


def write_clip(path: Path, frames: int) -> None:
    """Write a video of ``frames`` moving pictures, 1280x720.

    Raises:
        OutputError: OpenCV cannot write it.
    """
    write_film(path, moving_pictures(frames, WIDTH, HEIGHT))


def write_film(path: Path, pictures: Iterable[Pixels]) -> None:
    """Write a video of pictures (H, W, 3) uint8 BGR, at least one, all of the first one's size.

    Raises:
        OutputError: OpenCV cannot write it.
    """
    pictures = iter(pictures)
    first = next(pictures)
    height, width = first.shape[:2]
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*CODEC), FRAMES_PER_SECOND, (width, height)
    )
    if not writer.isOpened():
        raise OutputError(f"OpenCV cannot write {path}; give --source a video of your own")
    for picture in itertools.chain([first], pictures):
        writer.write(picture)
    writer.release()


def play(
    pictures: list[Pixels],
    frames: int,
    shrink: Callable[[Pixels], Pixels] | None = None,
    *,
    copied: bool = True,
) -> Source:
    """A recording of so many frames that is in memory and plays ``pictures`` over and over.

    Args:
        pictures: (H, W, 3) uint8 BGR, at least one.
        frames: after how many it ends.
        shrink: as of any recording.
        copied: whether each frame is a copy, as a decoder gives one.
    """
    return RecordedSource(_MemoryReader(pictures, frames, copied=copied), shrink=shrink)


class _MemoryReader:
    """What :func:`play` reads."""

    live = False
    frames_per_second = FRAMES_PER_SECOND
    position_seconds = None

    def __init__(self, pictures: list[Pixels], frames: int, *, copied: bool) -> None:
        self._copied = copied
        self._size = pictures[0].shape
        self._pictures = itertools.islice(itertools.cycle(pictures), frames)

    def describe(self) -> str:
        """What it is, and the pictures' size."""
        height, width = self._size[:2]
        return f"pictures in memory, {width}x{height}"

    def open(self) -> None:
        """There is nothing to open."""

    def read(self) -> tuple[Pixels, None] | None:
        """The next picture; None at the end."""
        picture = next(self._pictures, None)
        if picture is None:
            return None
        return (picture.copy() if self._copied else picture), None

    def close(self) -> None:
        """There is nothing to close."""
