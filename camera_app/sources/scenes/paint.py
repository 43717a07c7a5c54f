"""A canvas for the demo's scenes: soft edges, gradients, round shading and texture."""

import math
from typing import NamedTuple, TypedDict, Unpack

import cv2
import numpy as np

from camera_app.arrays import NDArray
from camera_app.sources.base import Pixels
from camera_app.sources.scenes.shapes import Shape, corners

Colour = tuple[float, float, float]
"""Blue, green, red, each 0 … 255."""

Floats = NDArray[np.float32]

FINENESS = 3
"""Edges are drawn on a grid so many times finer, then averaged.

OpenCV's own anti-aliasing makes a shape a pixel larger all around, which shows at 160x120.
"""


class Style(TypedDict, total=False):
    """How a shape is filled.

    Attributes:
        level: the colours run from left to right, not from top to bottom.
        soft: width of the edge.
        opacity: 0 … 1.
        volume: how much the shape is lit from the upper left as a round body is, 0 … 1.
        depth: how far that light reaches around the edge; 0.05 unless given.
        grain: strength of a texture, as a share of the colour.
        cell: width and height of the texture's grain; 0.03 each unless given.
        seed: of the texture.
        clip: an outline that paint does not leave.
    """

    level: bool
    soft: float
    opacity: float
    volume: float
    depth: float
    grain: float
    cell: tuple[float, float]
    seed: int
    clip: Shape


def noise(
    width: int, height: int, cell: tuple[float, float], seed: int, octaves: int = 3
) -> Floats:
    """Smooth noise of mean 0 and deviation near 1, (height, width).

    Args:
        width: pixels.
        height: pixels.
        cell: width and height of the coarsest grain, pixels.
        seed: the same seed, the same noise.
        octaves: how many finer grains, each of half the size and strength, make it up.
    """
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        columns = max(2, math.ceil(width * 2**octave / max(cell[0], 1)) + 1)
        rows = max(2, math.ceil(height * 2**octave / max(cell[1], 1)) + 1)
        # A grain below a pixel is only cost.
        grid = rng.standard_normal((min(rows, height + 1), min(columns, width + 1)))
        total += (
            cv2.resize(grid.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
            / 2**octave
        )
    return total


class Canvas:
    """A picture being painted, transparent where nothing has been painted yet.

    Args:
        width: pixels.
        height: pixels.
        unit: pixels that a length of 1 takes.
    """

    def __init__(self, width: int, height: int, unit: float) -> None:
        self.width, self.height, self.unit = width, height, unit
        # Premultiplied: colours can then be blurred, resized and summed without dark edges.
        self._layer = np.zeros((height, width, 4), np.float32)

    @property
    def right(self) -> float:
        """x of the right edge; the left edge is its negative."""
        return self.width / 2 / self.unit

    @property
    def bottom(self) -> float:
        """y of the lower edge; the upper edge is its negative."""
        return self.height / 2 / self.unit

    def fill(
        self, shape: Shape, colour: Colour, to: Colour | None = None, **style: Unpack[Style]
    ) -> None:
        """Paint a shape over what is there.

        Args:
            shape: its outline.
            colour: at its top, or its left.
            to: at its bottom, or its right; the same colour unless given.
            style: see :class:`Style`.
        """
        soft, volume = style.get("soft", 0.0), style.get("volume", 0.0)
        depth = style.get("depth", 0.05)
        points = self._to_pixels(shape)
        margin = 3 * max(soft, depth if volume else 0.0) * self.unit + 2
        x0, y0 = np.maximum(np.floor(points.min(0) - margin), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(points.max(0) + margin), (self.width, self.height)).astype(int)
        if x1 <= x0 or y1 <= y0:
            return
        box = _Box(x0, y0, x1, y1)
        mask = _mask(points, box)
        paint = _gradient(points, box, colour, to or colour, style.get("level", False))
        if volume:
            paint *= _light(mask, volume, depth * self.unit)[..., None]
        if grain := style.get("grain", 0.0):
            wide, high = style.get("cell", (0.03, 0.03))
            cell = (wide * self.unit, high * self.unit)
            texture = noise(x1 - x0, y1 - y0, cell, style.get("seed", 1))
            paint *= 1 + grain * texture[..., None]
        np.clip(paint, 0, 255, out=paint)
        if soft:
            mask = _blurred(mask, soft * self.unit)
        if "clip" in style:
            mask = mask * _mask(self._to_pixels(style["clip"]), box)
        cover = (mask * style.get("opacity", 1.0))[..., None]
        part = self._layer[y0:y1, x0:x1]
        part *= 1 - cover
        part[..., :3] += paint * cover
        part[..., 3:] += 255 * cover

    def wash(self, colour: Colour, to: Colour | None = None, **style: Unpack[Style]) -> None:
        """Paint all over."""
        self.band(-self.bottom, self.bottom, colour, to, **style)

    def band(
        self,
        top: float,
        bottom: float,
        colour: Colour,
        to: Colour | None = None,
        **style: Unpack[Style],
    ) -> None:
        """Paint a strip from edge to edge."""
        side = self.right + 0.5
        shape = [(-side, top), (side, top), (side, bottom), (-side, bottom)]
        self.fill(shape, colour, to, **style)

    def blur(self, radius: float) -> None:
        """Put all that has been painted so far out of focus."""
        self._layer = _blurred(self._layer, radius * self.unit)

    def pixels(self) -> Pixels:
        """(height, width, 4) uint8: blue, green and red times opacity, and opacity."""
        return np.clip(np.rint(self._layer), 0, 255).astype(np.uint8)

    def _to_pixels(self, shape: Shape) -> NDArray[np.float64]:
        return corners(shape) * self.unit + (self.width / 2, self.height / 2)


class _Box(NamedTuple):
    """A part of the canvas, pixels."""

    x0: int
    y0: int
    x1: int
    y1: int


def _mask(points: NDArray[np.float64], box: _Box) -> Floats:
    """How much of each pixel an outline covers, 0 … 1."""
    width, height = box.x1 - box.x0, box.y1 - box.y0
    fine = np.zeros((height * FINENESS, width * FINENESS), np.uint8)
    # OpenCV counts from the middle of the first pixel, we from its corner.
    outline = np.rint((points - (box.x0, box.y0)) * FINENESS - 0.5).astype(np.int32)
    cv2.fillPoly(fine, [outline], (255,))
    mask = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return mask.astype(np.float32) / np.float32(255)


def _blurred(layer: Floats, sigma: float) -> Floats:
    # A wide blur takes long, and is the same when done on a smaller picture.
    shrink = max(int(sigma / 3), 1)
    height, width = layer.shape[:2]
    small = (math.ceil(width / shrink), math.ceil(height / shrink))
    if shrink > 1:
        layer = np.asarray(cv2.resize(layer, small, interpolation=cv2.INTER_AREA), np.float32)
    # OpenCV refuses a deviation of 0, and below a tenth of a pixel nothing changes.
    layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), max(sigma / shrink, 0.1)), np.float32)
    if shrink > 1:
        layer = np.asarray(cv2.resize(layer, (width, height)), np.float32)
    return layer


def _gradient(
    points: NDArray[np.float64], box: _Box, colour: Colour, to: Colour, level: bool
) -> Floats:
    """The colours of a shape, from one end of it to the other."""
    low, high = points.min(0)[1 - level], points.max(0)[1 - level]
    places = np.arange(box.x0, box.x1) if level else np.arange(box.y0, box.y1)
    share = np.clip((places - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)[:, None]
    first, last = np.array(colour, np.float32), np.array(to, np.float32)
    colours = first + share * (last - first)
    colours = colours[None, :, :] if level else colours[:, None, :]
    return np.broadcast_to(colours, (box.y1 - box.y0, box.x1 - box.x0, 3)).copy()


def _light(mask: Floats, volume: float, sigma: float) -> Floats:
    """Brightness of a round body: darker where its edge is near on the lower right."""
    blurred = _blurred(mask, sigma)
    shift = np.array([[1, 0, -0.5 * sigma], [0, 1, -0.9 * sigma]])
    inside = cv2.warpAffine(blurred, shift, mask.shape[::-1])
    light: Floats = 1 - volume + 1.2 * volume * inside
    return light
