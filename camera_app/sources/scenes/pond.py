"""By the pond: a frog."""

import math

from camera_app.sources.scenes.land import scatter
from camera_app.sources.scenes.paint import Canvas, Colour, Style
from camera_app.sources.scenes.shapes import curve, ellipse, limb
from camera_app.sources.scenes.stage import Actor, Pose, Stage

MOSS: Colour = (60, 132, 108)
OLIVE: Colour = (30, 70, 62)
SPOT: Colour = (26, 48, 44)
THROAT: Colour = (150, 196, 196)
SKIN: Style = {"soft": 0.003, "volume": 0.4, "depth": 0.035, "grain": 0.08}


def _paint_earth(canvas: Canvas) -> None:
    canvas.wash((70, 92, 112), (58, 78, 98), grain=0.2, cell=(0.12, 0.07))
    for number, (x, y) in enumerate(scatter(canvas, 14)):
        wide = 0.03 + 0.02 * math.sin(5 * number)
        stone: tuple[Colour, Colour] = ((92, 116, 136), (44, 60, 76))
        shape = ellipse(x, y, wide, 0.6 * wide, 40 * number)
        canvas.fill(shape, *stone, soft=0.004, volume=0.4, depth=0.01, opacity=0.7)
    canvas.blur(0.005)


def _paint_frog(canvas: Canvas) -> None:
    canvas.fill(ellipse(0.02, 0.24, 0.4, 0.06), (20, 28, 36), soft=0.03, opacity=0.75)
    body = curve(
        "-362,-40 -310,-130 -200,-170 -60,-160 100,-120 260,0 340,130 300,200 100,222 -130,215 "
        "-255,150 -335,55"
    )
    canvas.fill(
        body, MOSS, OLIVE, soft=0.004, volume=0.4, depth=0.07, grain=0.08, cell=(0.04, 0.04)
    )
    throat = curve("-345,10 -260,45 -160,50 -120,130 -140,215 -250,150 -330,60")
    canvas.fill(throat, THROAT, (120, 168, 160), soft=0.015, clip=body, opacity=0.85)
    for number in range(16):
        x, y = -0.2 + 0.5 * (number * 0.618 % 1), -0.1 + 0.2 * (number * 0.382 % 1)
        spot = ellipse(x, y + 0.25 * max(x, 0.0), 0.026, 0.018)
        canvas.fill(spot, SPOT, soft=0.004, clip=body, opacity=0.85)
    for line, widths in (
        ("280,170 120,40 20,120", [0.13, 0.14, 0.07]),
        ("20,100 200,200 320,220", [0.07, 0.06, 0.05]),
        ("340,220 180,250 40,260", [0.04, 0.035, 0.03]),
        ("-120,70 -90,165 -165,250", [0.1, 0.065, 0.04]),
        ("-160,245 -260,275", [0.028, 0.014]),
        ("-160,245 -210,285", [0.028, 0.014]),
        ("-160,245 -150,285", [0.028, 0.014]),
    ):
        canvas.fill(limb(line, widths), MOSS, OLIVE, **SKIN)
    canvas.fill(limb("-360,-10 -280,30 -170,20", [0.006, 0.012, 0.004]), (20, 36, 34))
    for x, y, size in ((-0.13, -0.17, 0.045), (-0.25, -0.16, 0.055)):
        canvas.fill(ellipse(x, y, size, size), MOSS, OLIVE, **SKIN)
        iris = ellipse(x - 0.006, y, 0.7 * size, 0.66 * size)
        canvas.fill(iris, (50, 160, 214), (30, 110, 170))
        canvas.fill(ellipse(x - 0.008, y, 0.42 * size, 0.34 * size), (14, 16, 18))
        glint = ellipse(x - 0.018, y - 0.012, 0.12 * size, 0.12 * size)
        canvas.fill(glint, (250, 250, 250))


def _puff(seconds: float) -> Pose:
    return Pose(
        x=0.006 * math.sin(0.9 * seconds),
        degrees=0.8 * math.sin(1.2 * seconds),
        scale=1 + 0.015 * math.sin(3 * seconds),
    )


draw_frog = Stage(_paint_earth, [Actor(_paint_frog, _puff, (0.0, 0.25))])
"""A frog on bare earth."""
