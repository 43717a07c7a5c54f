"""On the water."""

import math

from camera_app.sources.scenes.paint import Canvas
from camera_app.sources.scenes.shapes import curve, limb
from camera_app.sources.scenes.stage import Actor, Pose, Stage

HORIZON = 0.02


def _paint_sea(canvas: Canvas) -> None:
    canvas.band(-canvas.bottom, HORIZON, (222, 186, 146), (240, 230, 218))
    canvas.band(HORIZON, canvas.bottom, (150, 122, 84), (96, 66, 34), grain=0.1, cell=(0.3, 0.012))
    canvas.band(HORIZON - 0.004, HORIZON + 0.004, (200, 184, 160), soft=0.004, opacity=0.7)


def _paint_freighter(canvas: Canvas) -> None:
    white, grey, dark = (248, 248, 246), (206, 200, 194), (48, 42, 40)
    for x, top in ((0.02, -0.2), (0.2, -0.18)):
        canvas.fill(limb([(x, top), (x, 0.0)], [0.012, 0.018]), (70, 150, 210), (40, 90, 150))
        canvas.fill(limb([(x, top + 0.03), (x + 0.1, -0.03)], [0.008, 0.008]), (60, 130, 190))
    for number, colour in enumerate(
        ((60, 90, 190), (150, 110, 60), (80, 150, 200), (70, 70, 160), (120, 130, 70))
    ):
        x = -0.1 + 0.09 * number
        box = [(x, -0.065), (x + 0.082, -0.065), (x + 0.082, 0.02), (x, 0.02)]
        canvas.fill(box, colour, tuple(0.65 * part for part in colour))  # type: ignore[arg-type]
    funnel = "-310,-250 -235,-250 -225,-140 -315,-140"
    canvas.fill(funnel, (30, 30, 180), (24, 24, 120), level=True)
    canvas.fill("-310,-250 -235,-250 -234,-225 -312,-225", dark)
    canvas.fill(limb([(-0.19, -0.3), (-0.19, -0.18)], [0.008, 0.012]), grey)
    for left, right, top, bottom in (
        (-0.255, -0.15, -0.215, -0.17),
        (-0.32, -0.145, -0.175, -0.115),
        (-0.345, -0.13, -0.12, -0.055),
        (-0.37, -0.12, -0.06, 0.02),
    ):
        deck = [(left, top), (right, top), (right, bottom), (left, bottom)]
        canvas.fill(deck, white, grey, soft=0.001)
        for step in range(int((right - left) / 0.036)):
            x, y = left + 0.014 + 0.036 * step, (top + bottom) / 2
            window = [(x, y - 0.011), (x + 0.02, y - 0.011), (x + 0.02, y + 0.011), (x, y + 0.011)]
            canvas.fill(window, (92, 74, 62))
    hull = "-410,0 -200,22 250,18 380,-20 455,-45 410,60 370,150 -360,150 -400,80"
    canvas.fill(hull, (62, 50, 190), (38, 26, 120), soft=0.002)
    canvas.fill("-500,110 500,110 500,200 -500,200", dark, clip=hull)
    canvas.fill(limb("-410,2 -200,24 250,20 455,-43", [0.012, 0.012]), white)


def _paint_waves(canvas: Canvas) -> None:
    crest = curve("-740,150 -400,142 -100,150 200,145 420,138 740,150")
    canvas.fill([*crest[:41], (0.74, 0.19), (-0.74, 0.19)], (124, 94, 58), soft=0.012, opacity=0.9)
    for x, wide in ((0.37, 0.1), (0.2, 0.07), (-0.05, 0.08), (-0.3, 0.1), (-0.43, 0.12)):
        foam = limb([(x - wide / 2, 0.148), (x + wide / 2, 0.15)], [0.006, 0.016, 0.006])
        canvas.fill(foam, (250, 246, 240), soft=0.005, opacity=0.85)
    for x, y, wide in (
        (-0.25, 0.28, 0.2),
        (0.2, 0.33, 0.26),
        (0.1, 0.22, 0.16),
        (-0.12, 0.41, 0.3),
    ):
        canvas.fill(
            limb([(x - wide / 2, y), (x + wide / 2, y)], [0.002, 0.008, 0.002]),
            (176, 148, 112),
            soft=0.004,
            opacity=0.5,
        )


def _pitch(seconds: float) -> Pose:
    return Pose(
        0.02 * math.sin(0.8 * seconds),
        0.006 * math.sin(1.9 * seconds),
        1.2 * math.sin(1.3 * seconds),
    )


def _roll_in(seconds: float) -> Pose:
    return Pose(0.02 * math.sin(1.1 * seconds + 1), 0.004 * math.sin(2.3 * seconds))


draw_ship = Stage(_paint_sea, [Actor(_paint_freighter, _pitch), Actor(_paint_waves, _roll_in)])
"""A freighter on a calm sea."""
