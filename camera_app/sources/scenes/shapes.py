"""Shapes for the demo's scenes, each a list of corners.

Lengths are in shares of the side of the picture's centre square, which is what the net sees:
x runs to the right and y down, from (-0.5, -0.5) to (0.5, 0.5), with (0, 0) in the middle.
"""

import math
from collections.abc import Sequence

import numpy as np

from camera_app.arrays import NDArray

Point = tuple[float, float]

Shape = Sequence[Point] | str
"""Corners, as pairs or as text in the notation of SVG's ``points``, there in thousandths."""


def corners(shape: Shape) -> NDArray[np.float64]:
    """The corners of a shape, (N, 2)."""
    if isinstance(shape, str):
        return np.array([pair.split(",") for pair in shape.split()], dtype=float) / 1000
    return np.asarray(shape, dtype=float)


def mirrored(shape: Shape, side: int) -> list[Point]:
    """The shape, its x times ``side``: 1 for the right ear, -1 for the left."""
    return _pairs(corners(shape) * (side, 1))


def ellipse(x: float, y: float, rx: float, ry: float, degrees: float = 0.0) -> list[Point]:
    """An ellipse around (x, y), turned clockwise."""
    angles = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    across, down = rx * np.cos(angles), ry * np.sin(angles)
    return _pairs(np.stack([x + across * cos - down * sin, y + across * sin + down * cos], axis=1))


def curve(shape: Shape, *, closed: bool = True, steps: int = 8) -> list[Point]:
    """A smooth line through the corners: a uniform Catmull-Rom spline."""
    p = corners(shape)
    p = np.vstack([p[-1:], p, p[:2]]) if closed else np.vstack([p[:1], p, p[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = [
        b
        + 0.5 * t * (c - a)
        + t**2 * (a - 2.5 * b + 2 * c - 0.5 * d)
        + t**3 * (1.5 * (b - c) + 0.5 * (d - a))
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return _pairs(np.vstack(pieces if closed else [*pieces, p[-1:]]))


def limb(shape: Shape, widths: Sequence[float]) -> list[Point]:
    """The outline of a smooth, round-ended stroke along a line; its widths from start to end."""
    line = corners(curve(shape, closed=False))
    wide = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths) / 2
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) * wide[:, None]
    turn = np.linspace(0, math.pi, 9)[1:-1, None]
    end = line[-1] + normal[-1] * np.cos(turn) + along[-1] * wide[-1] * np.sin(turn)
    start = line[0] - normal[0] * np.cos(turn) - along[0] * wide[0] * np.sin(turn)
    return _pairs(np.vstack([line + normal, end, (line - normal)[::-1], start]))


def _pairs(outline: NDArray[np.float64]) -> list[Point]:
    return [(float(x), float(y)) for x, y in outline]
