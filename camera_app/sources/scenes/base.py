"""What a scene is."""

from collections.abc import Callable
from typing import NamedTuple

from camera_app.sources.base import Pixels


class Scene(NamedTuple):
    """A label and the function that draws it: (width, height, seconds) -> (H, W, 3) uint8 BGR."""

    label: str
    draw: Callable[[int, int, float], Pixels]
