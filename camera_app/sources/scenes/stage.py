"""A scene as a backdrop and actors: painted once a size, then only moved."""

import functools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from camera_app.arrays import NDArray
from camera_app.sources.base import Pixels
from camera_app.sources.scenes.paint import Canvas
from camera_app.sources.scenes.shapes import Point

SPRITE_REACH = 0.75
"""Actors are painted in a square that reaches this far from the middle."""

SPRITE_LIMIT = 720
"""Pixels a length of 1 takes at most in an actor's painting; larger pictures enlarge it."""

BACKDROP_MARGIN = 0.1
"""How much wider than the picture a backdrop is on either side, to drift by."""


class Pose(NamedTuple):
    """Where an actor is: moved by (x, y), turned clockwise and enlarged about its pivot."""

    x: float = 0.0
    y: float = 0.0
    degrees: float = 0.0
    scale: float = 1.0


class Actor(NamedTuple):
    """Something that moves: what it looks like, and its pose at each second of the scene."""

    paint: Callable[[Canvas], None]
    pose: Callable[[float], Pose]
    pivot: Point = (0.0, 0.0)


class Stage:
    """Draws one scene: call it with width and height in pixels and seconds since the start.

    Args:
        backdrop: paints what does not move.
        actors: from back to front.
        drift: how far the backdrop has moved to the right at each second, within ±0.1; unless
            given, it stands still.
    """

    def __init__(
        self,
        backdrop: Callable[[Canvas], None],
        actors: Sequence[Actor],
        drift: Callable[[float], float] | None = None,
    ) -> None:
        self._backdrop = backdrop
        self._actors = tuple(actors)
        self._drift = drift
        # One size at a time: a demo has one, and a 1920x1080 backdrop takes 7 MB.
        self._painted = functools.lru_cache(maxsize=1)(self._paint)

    def __call__(self, width: int, height: int, seconds: float) -> Pixels:
        """The scene's picture, (height, width, 3) uint8 BGR."""
        backdrop, sprites, sprite_unit = self._painted(width, height)
        unit = min(width, height)
        frame = self._seen(backdrop, width, unit, seconds)
        for actor, (sprite, corner) in zip(self._actors, sprites, strict=True):
            pose = actor.pose(seconds)
            _blend(frame, sprite, _place(actor.pivot, pose, corner, unit, sprite_unit, frame))
        return frame

    def _seen(self, backdrop: Pixels, width: int, unit: int, seconds: float) -> Pixels:
        """The part of the backdrop that is in the picture."""
        height = backdrop.shape[0]
        margin = (backdrop.shape[1] - width) // 2
        if self._drift is None:
            return backdrop[:, margin : margin + width].copy()
        shift = np.array([[1, 0, self._drift(seconds) * unit - margin], [0, 1, 0]])
        seen = cv2.warpAffine(backdrop, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.uint8)

    def _paint(self, width: int, height: int) -> tuple[Pixels, list[tuple[Pixels, Point]], float]:
        unit = min(width, height)
        margin = math.ceil(BACKDROP_MARGIN * unit)
        canvas = Canvas(width + 2 * margin, height, unit)
        self._backdrop(canvas)
        backdrop = np.ascontiguousarray(canvas.pixels()[..., :3])
        sprite_unit = min(unit, SPRITE_LIMIT)
        side = round(2 * SPRITE_REACH * sprite_unit)
        sprites = []
        for actor in self._actors:
            canvas = Canvas(side, side, sprite_unit)
            actor.paint(canvas)
            pixels = canvas.pixels()
            x, y, wide, high = cv2.boundingRect(pixels[..., 3])
            part = np.ascontiguousarray(pixels[y : y + high, x : x + wide])
            sprites.append((part, (x - side / 2, y - side / 2)))
        return backdrop, sprites, sprite_unit


def _place(
    pivot: Point, pose: Pose, corner: Point, unit: float, sprite_unit: float, frame: Pixels
) -> NDArray[np.float64]:
    """The 2x3 matrix from a sprite's pixels to the frame's."""
    height, width = frame.shape[:2]
    scale = pose.scale * unit / sprite_unit
    cos = scale * math.cos(math.radians(pose.degrees))
    sin = scale * math.sin(math.radians(pose.degrees))
    turn = np.array([[cos, -sin], [sin, cos]])
    centre = np.array([width, height]) / 2 + np.add(pivot, pose[:2]) * unit
    offset = centre + turn @ (np.array(corner) - np.array(pivot) * sprite_unit)
    return np.column_stack([turn, offset])


def _blend(frame: Pixels, sprite: Pixels, matrix: NDArray[np.float64]) -> None:
    """Lay a sprite over the frame, touching only the pixels under it."""
    high, wide = sprite.shape[:2]
    corners = matrix @ np.array([[0, wide, 0, wide], [0, 0, high, high], [1, 1, 1, 1]])
    x0, y0 = np.maximum(np.floor(corners.min(1)) - 1, 0).astype(int)
    x1, y1 = np.minimum(np.ceil(corners.max(1)) + 1, frame.shape[1::-1]).astype(int)
    if x1 <= x0 or y1 <= y0:
        return
    local = matrix - np.array([[0, 0, x0], [0, 0, y0]])
    moved = cv2.warpAffine(sprite, local, (int(x1 - x0), int(y1 - y0)))
    through = cv2.cvtColor(255 - moved[..., 3], cv2.COLOR_GRAY2BGR)
    part = frame[y0:y1, x0:x1]
    below = cv2.multiply(part, through, scale=1 / 255)
    cv2.add(below, moved[..., :3], dst=below)
    part[...] = below
