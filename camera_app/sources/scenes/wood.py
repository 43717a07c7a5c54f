"""At the edge of the wood: a stag."""

import math

from camera_app.sources.scenes.land import FUR, breathe, grass, leg, scatter, sway
from camera_app.sources.scenes.paint import Canvas, Colour
from camera_app.sources.scenes.shapes import Point, curve, ellipse, limb
from camera_app.sources.scenes.stage import Actor, Stage

FAWN: Colour = (76, 124, 178)
FAWN_DARK: Colour = (38, 66, 104)
CREAM: Colour = (186, 214, 232)
HORN: Colour = (120, 150, 172)
HORN_DARK: Colour = (70, 92, 110)


def _paint_wood(canvas: Canvas) -> None:
    canvas.wash((62, 96, 84), (58, 110, 96), grain=0.25, cell=(0.12, 0.12))
    trunks = math.ceil(2 * canvas.right / 0.2) + 1
    for number in range(trunks):
        x = 0.2 * (number - trunks / 2) + 0.05 * math.sin(4 * number)
        wide = 0.02 + 0.012 * math.sin(3 * number)
        trunk = [(x, -canvas.bottom - wide), (x, 0.15)]
        bark: tuple[Colour, Colour] = ((40, 54, 58), (44, 66, 66))
        canvas.fill(limb(trunk, [2 * wide, 2.4 * wide]), *bark, soft=0.008, opacity=0.7)
    for x, y in scatter(canvas, 18):
        leaves = ellipse(x, 0.55 * y - 0.2 * canvas.bottom, 0.05, 0.04)
        canvas.fill(leaves, (90, 166, 150), soft=0.02, opacity=0.35)
    canvas.blur(0.012)
    floor: tuple[Colour, Colour] = ((70, 142, 128), (46, 104, 92))
    canvas.band(0.12, canvas.bottom, *floor, soft=0.04, grain=0.12, cell=(0.04, 0.03))
    grass(canvas, 0.16, ((80, 168, 152), (44, 110, 96)), 0.07)


def _paint_body(canvas: Canvas) -> None:
    canvas.fill(ellipse(0.05, 0.415, 0.3, 0.025), (24, 48, 40), soft=0.02, opacity=0.6)
    leg(canvas, (-0.06, 0.06), 0.4, (FAWN_DARK, FAWN_DARK), 0.065, 0.01)
    leg(canvas, (0.21, 0.06), 0.4, (FAWN_DARK, FAWN_DARK), 0.065, 0.03)
    leg(canvas, (-0.1, 0.04), 0.42, (FAWN, FAWN_DARK), 0.085, -0.008)
    leg(canvas, (0.25, 0.04), 0.42, (FAWN, FAWN_DARK), 0.095, 0.02)
    canvas.fill(ellipse(0.295, -0.03, 0.03, 0.045, 20), CREAM, FAWN, soft=0.004)
    body = curve(
        "-140,-60 -60,-90 80,-80 200,-95 275,-60 300,20 280,85 200,95 100,100 -50,115 -140,90 "
        "-170,10"
    )
    canvas.fill(body, FAWN, (48, 82, 126), soft=0.005, volume=0.35, depth=0.05, grain=0.04)
    canvas.fill(ellipse(0.08, 0.09, 0.12, 0.016), CREAM, soft=0.012, opacity=0.7, clip=body)
    for x, y, degrees in ((-0.105, 0.05, 10), (0.255, 0.04, -10)):
        canvas.fill(ellipse(x, y, 0.035, 0.08, degrees), (66, 110, 162), soft=0.018, opacity=0.8)
    canvas.fill(ellipse(0.1, -0.04, 0.13, 0.025), (110, 160, 208), soft=0.025, opacity=0.6)


def _antler(canvas: Canvas, side: int) -> None:
    def at(x: float, y: float) -> Point:
        return (-0.2 + side * x, y)

    beam = [at(0.02, -0.27), at(0.07, -0.33), at(0.13, -0.37), at(0.125, -0.47)]
    canvas.fill(limb(beam, [0.02, 0.018, 0.008]), HORN, HORN_DARK)
    tines = ((0.06, -0.315, 0.06, -0.375), (0.1, -0.35, 0.07, -0.43), (0.13, -0.39, 0.175, -0.45))
    for x, y, tip_x, tip_y in tines:
        canvas.fill(limb([at(x, y), at(tip_x, tip_y)], [0.014, 0.005]), HORN)


def _paint_head(canvas: Canvas) -> None:
    neck = curve("-50,-70 -120,-160 -160,-250 -220,-250 -225,-150 -180,-20 -130,30")
    canvas.fill(neck, FAWN, (62, 102, 150), soft=0.004, volume=0.2, depth=0.04, grain=0.03)
    # Hides where the neck, which turns, is set on the body, which does not.
    canvas.fill(ellipse(-0.125, 0.0, 0.04, 0.06, -15), (64, 108, 158), soft=0.02)
    canvas.fill(ellipse(-0.2, -0.13, 0.02, 0.06, -8), CREAM, soft=0.01, opacity=0.7, clip=neck)
    for side in (-1, 1):
        _antler(canvas, side)
        ear = [(-0.195 + 0.03 * side, -0.26), (-0.195 + 0.1 * side, -0.275)]
        canvas.fill(limb(ear, [0.02, 0.04, 0.008]), FAWN, FAWN_DARK, soft=0.002)
    head = curve("-150,-280 -200,-295 -250,-270 -285,-200 -310,-155 -285,-130 -240,-150 -170,-200")
    canvas.fill(head, FAWN, (54, 92, 138), **FUR)
    canvas.fill(ellipse(-0.295, -0.148, 0.018, 0.014), (28, 30, 34), soft=0.002)
    canvas.fill(ellipse(-0.265, -0.14, 0.02, 0.012, -30), CREAM, soft=0.004, opacity=0.8)
    canvas.fill(ellipse(-0.22, -0.235, 0.011, 0.011), (14, 16, 20))


draw_deer = Stage(
    _paint_wood,
    [
        Actor(_paint_body, breathe, (0.0, 0.4)),
        Actor(_paint_head, sway(2.5, 1.4), (-0.1, 0.0)),
    ],
)
"""A stag among trees."""
