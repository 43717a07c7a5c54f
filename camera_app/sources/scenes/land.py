"""What several scenes have in common: hedges, grass, four legs, and how animals move."""

import math
from collections.abc import Callable

from camera_app.sources.scenes.paint import Canvas, Colour, Style
from camera_app.sources.scenes.shapes import Point, ellipse, limb
from camera_app.sources.scenes.stage import Pose

HOOF: Colour = (26, 26, 30)

FUR: Style = {"soft": 0.003, "volume": 0.3, "depth": 0.04, "grain": 0.03}
"""Short, glossy hair."""


def scatter(canvas: Canvas, density: int) -> list[Point]:
    """Places all over the canvas, so many a length of it, even but without a visible pattern.

    The R2 sequence: multiples of 1/p and 1/p², where p = 1.3247… is the plastic number.
    """
    return [
        (
            (n * 0.7548776662 % 1 - 0.5) * 2.1 * canvas.right,
            (n * 0.5698402910 % 1 - 0.5) * 2.1 * canvas.bottom,
        )
        for n in range(math.ceil(2 * density * canvas.right))
    ]


def hedge(canvas: Canvas, y: float, tall: float, colour: Colour, to: Colour) -> None:
    """Bushes in a row, from edge to edge, as far up as ``tall`` and around ``y``."""
    bushes = math.ceil(2 * canvas.right / 0.22) + 2
    for number in range(bushes):
        x = 0.22 * (number - bushes / 2)
        bush = ellipse(x, y, 0.18, tall * (1 + 0.35 * math.sin(2.4 * number)))
        canvas.fill(bush, colour, to, soft=0.018, grain=0.17, cell=(0.055, 0.055), seed=number)


def grass(canvas: Canvas, top: float, colours: tuple[Colour, Colour], tall: float) -> None:
    """Blades in rows that grow towards the viewer."""
    for row in range(4):
        y = top + (canvas.bottom - top) * (row / 4) ** 1.3
        size = tall * (0.4 + 0.3 * row)
        count = math.ceil(4 * canvas.right / size)
        for number in range(count):
            x = canvas.right * (2 * number / count - 1) + 0.3 * size * math.sin(7.1 * number + row)
            lean = 0.4 * size * math.sin(3.7 * number + 2 * row)
            tip = (x + lean, y - size * (0.7 + 0.3 * math.sin(5.3 * number)))
            blade = [(x - 0.05 * size, y), tip, (x + 0.05 * size, y)]
            canvas.fill(blade, colours[number % 2], opacity=0.6)


def leg(
    canvas: Canvas,
    hip: Point,
    foot: float,
    colours: tuple[Colour, Colour],
    wide: float,
    bend: float,
) -> None:
    """A hoofed animal's leg, from the hip down to ``foot``, its knee ``bend`` out of line."""
    x, top = hip
    knee = (x + bend, (top + foot) / 2 + 0.03)
    line = [(x, top), knee, (x + 0.3 * bend, foot - 0.03), (x + 0.2 * bend - 0.006, foot)]
    widths = [wide * share for share in (1.0, 0.5, 0.3, 0.26, 0.3)]
    canvas.fill(limb(line, widths), *colours, **FUR)
    hoof = [(x + 0.2 * bend, foot - 0.012), (x + 0.2 * bend - 0.012, foot)]
    canvas.fill(limb(hoof, [0.3 * wide, 0.42 * wide]), HOOF)


def breathe(seconds: float) -> Pose:
    """Shifting weight a little, and breathing."""
    return Pose(x=0.01 * math.sin(0.7 * seconds), scale=1 + 0.004 * math.sin(2.6 * seconds))


def sway(degrees: float, rate: float) -> Callable[[float], Pose]:
    """The pose of a head or a tail that swings and goes along with the body's weight.

    Args:
        degrees: to either side.
        rate: radians a second.
    """

    def pose(seconds: float) -> Pose:
        return breathe(seconds)._replace(degrees=degrees * math.sin(rate * seconds), scale=1.0)

    return pose
