"""In the garden: a bird."""

import math

from camera_app.sources.scenes.land import scatter
from camera_app.sources.scenes.paint import Canvas, Colour
from camera_app.sources.scenes.shapes import curve, ellipse, limb
from camera_app.sources.scenes.stage import Actor, Pose, Stage

BROWN: Colour = (62, 86, 112)
BROWN_DARK: Colour = (40, 54, 72)
BREAST: Colour = (52, 112, 212)
BELLY: Colour = (196, 212, 222)
SHANK: Colour = (50, 66, 90)


def _paint_leaves(canvas: Canvas) -> None:
    canvas.wash((110, 168, 140), (74, 124, 100), grain=0.12, cell=(0.3, 0.3))
    for number, (x, y) in enumerate(scatter(canvas, 12)):
        size = 0.05 + 0.03 * math.sin(3 * number)
        canvas.fill(ellipse(x, y, size, size), (150, 206, 184), soft=0.02, opacity=0.25)
    canvas.blur(0.02)
    reach = canvas.right + 0.2
    branch = limb([(-reach, 0.36), (-0.1, 0.3), (0.2, 0.315), (reach, 0.24)], [0.05, 0.06, 0.05])
    bark: tuple[Colour, Colour] = ((86, 104, 122), (40, 52, 64))
    canvas.fill(branch, *bark, soft=0.003, volume=0.4, depth=0.02, grain=0.12, cell=(0.06, 0.01))


def _paint_body(canvas: Canvas) -> None:
    for x in (0.0, 0.06):
        canvas.fill(limb([(x, 0.2), (x - 0.01, 0.3)], [0.014, 0.01]), SHANK)
        canvas.fill(limb([(x - 0.045, 0.302), (x + 0.02, 0.3)], [0.01, 0.014]), SHANK)
    tail = limb("160,120 300,220 420,320", [0.1, 0.06, 0.05])
    canvas.fill(tail, BROWN, BROWN_DARK, soft=0.003, grain=0.08, cell=(0.04, 0.02))
    body = curve(
        "-120,-160 -20,-160 100,-60 220,90 200,170 80,230 -60,220 -160,130 -200,0 -180,-100"
    )
    canvas.fill(body, (110, 140, 166), BELLY, soft=0.004, volume=0.3, depth=0.06, grain=0.02)
    wing = curve("-30,-80 80,-50 200,80 300,210 200,180 60,130 -40,40")
    canvas.fill(wing, (74, 98, 126), (44, 60, 82), soft=0.003, volume=0.3, depth=0.03, grain=0.08)
    for number in range(4):
        start = (0.02 * number, -0.03 + 0.035 * number)
        middle = (0.13 + 0.02 * number, 0.08 + 0.03 * number)
        feather = limb([start, middle, (0.24, 0.185)], [0.005, 0.008, 0.003])
        canvas.fill(feather, (120, 148, 172), opacity=0.8)


def _paint_head(canvas: Canvas) -> None:
    canvas.fill("-265,-215 -350,-185 -262,-175", (50, 62, 74), (30, 38, 46))
    head = curve("-240,-270 -150,-310 -50,-270 -5,-170 -30,-60 -120,-30 -210,-60 -262,-150")
    canvas.fill(head, BROWN, (92, 120, 146), soft=0.004, volume=0.2, depth=0.04, grain=0.03)
    face = curve("-262,-205 -215,-235 -150,-190 -75,-110 -50,10 -95,100 -165,95 -196,10 -205,-70")
    canvas.fill(face, BREAST, (84, 146, 224), soft=0.012, volume=0.12, grain=0.03)
    canvas.fill(ellipse(-0.19, -0.215, 0.021, 0.021), (20, 20, 22))
    canvas.fill(ellipse(-0.196, -0.222, 0.006, 0.006), (240, 240, 240))


def _hop(seconds: float) -> Pose:
    return Pose(y=-0.004 * abs(math.sin(2 * seconds)), degrees=1.5 * math.sin(1.1 * seconds))


def _look(seconds: float) -> Pose:
    return _hop(seconds)._replace(degrees=4 * math.sin(1.6 * seconds))


draw_bird = Stage(
    _paint_leaves,
    [Actor(_paint_body, _hop, (0.03, 0.3)), Actor(_paint_head, _look, (-0.1, -0.03))],
)
"""A robin on a branch."""
