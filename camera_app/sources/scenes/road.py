"""On the road."""

import functools
import math

from camera_app.sources.scenes.land import hedge
from camera_app.sources.scenes.paint import Canvas, Colour
from camera_app.sources.scenes.shapes import Point, curve, ellipse, limb
from camera_app.sources.scenes.stage import Actor, Pose, Stage

WHEEL_DEGREES_PER_SECOND = 220.0


def _paint_street(canvas: Canvas) -> None:
    canvas.band(-canvas.bottom, -0.1, (232, 216, 196), (236, 230, 222))
    hedge(canvas, -0.1, 0.17, (60, 112, 84), (36, 66, 48))
    canvas.band(0.0, 0.13, (150, 158, 162), (132, 138, 142), soft=0.004)
    canvas.blur(0.008)
    canvas.band(
        0.12, canvas.bottom, (122, 116, 112), (150, 146, 142), grain=0.04, cell=(0.02, 0.006)
    )
    canvas.band(0.105, 0.125, (178, 178, 178), (130, 128, 126))
    canvas.band(0.4, 0.416, (216, 222, 224), soft=0.002, opacity=0.8)


def _paint_wheel(canvas: Canvas, *, place: Point, radius: float) -> None:
    x, y = place
    canvas.fill(ellipse(x, y, radius, radius), (40, 36, 34), (24, 22, 20))
    canvas.fill(ellipse(x, y, 0.62 * radius, 0.62 * radius), (206, 202, 198), (150, 146, 142))
    for spoke in range(5):
        angle = 2 * math.pi * spoke / 5
        end = (x + 0.55 * radius * math.cos(angle), y + 0.55 * radius * math.sin(angle))
        canvas.fill(limb([place, end], [0.1 * radius, 0.16 * radius]), (86, 82, 80))
    canvas.fill(ellipse(x, y, 0.14 * radius, 0.14 * radius), (70, 66, 64))


def _turn(seconds: float) -> Pose:
    return Pose(degrees=-WHEEL_DEGREES_PER_SECOND * seconds)


def _wheels(places: tuple[Point, ...], radius: float) -> list[Actor]:
    return [
        Actor(functools.partial(_paint_wheel, place=place, radius=radius), _turn, place)
        for place in places
    ]


def _paint_car(canvas: Canvas) -> None:
    red, dark_red, glass = (40, 30, 206), (24, 18, 116), (74, 58, 48)
    canvas.fill(ellipse(0.0, 0.245, 0.46, 0.035), (40, 36, 34), soft=0.02, opacity=0.8)
    body = curve(
        "-460,120 -450,60 -380,30 -240,5 -130,-110 -60,-145 120,-150 240,-125 360,-10 440,20 "
        "455,100 445,190 300,215 -300,215 -440,195"
    )
    canvas.fill(body, red, dark_red, soft=0.002, volume=0.3, depth=0.04)
    canvas.fill("-500,170 500,170 500,240 -500,240", (44, 38, 42), clip=body)
    front = curve("-200,-5 -160,-55 -110,-100 -50,-122 30,-127 46,-110 48,-20 36,-2 -100,-1")
    rear = curve("78,-20 78,-110 92,-127 140,-124 210,-98 255,-55 284,-15 268,-2 94,-2")
    for window in (front, rear):
        canvas.fill(window, (128, 108, 92), glass, soft=0.001)
    canvas.fill("-130,0 -60,-120 -30,-120 -100,0", (220, 204, 190), clip=front, opacity=0.4)
    for x in (0.062, -0.19, 0.29):
        canvas.fill(limb([(x, 0.0), (x + 0.01, 0.16)], [0.004, 0.004]), dark_red)
    canvas.fill(
        limb("-420,60 0,35 430,50", [0.006, 0.01]), (120, 116, 240), soft=0.004, opacity=0.8
    )
    for x in (0.015, 0.245):
        canvas.fill(ellipse(x, 0.05, 0.018, 0.005), (60, 56, 160))
    canvas.fill(ellipse(-0.425, 0.075, 0.03, 0.02, -20), (244, 246, 248), (180, 190, 196))
    canvas.fill(ellipse(0.44, 0.06, 0.015, 0.028), (30, 60, 250))
    for x in (-0.27, 0.27):
        canvas.fill(ellipse(x, 0.18, 0.1, 0.1), (26, 22, 24), clip=body)


def _paint_truck(canvas: Canvas) -> None:
    canvas.fill(ellipse(0.0, 0.3, 0.48, 0.03), (40, 36, 34), soft=0.02, opacity=0.8)
    canvas.fill("-400,160 460,160 460,250 -400,250", (50, 46, 46), (34, 30, 30))
    box = "-160,-280 470,-280 470,170 -160,170"
    canvas.fill(box, (244, 242, 240), (206, 202, 198), soft=0.002)
    for x in (-0.06, 0.04, 0.14, 0.24, 0.34, 0.44):
        canvas.fill([(x, -0.27), (x + 0.004, -0.27), (x + 0.004, 0.16), (x, 0.16)], (190, 186, 184))
    stripe: Colour = (50, 40, 200)
    canvas.fill("-160,-30 470,-30 470,50 -160,50", stripe)
    cab = curve(
        "-450,200 -455,60 -440,-10 -400,-150 -370,-175 -200,-180 -185,-160 -185,210 -300,225",
        steps=6,
    )
    canvas.fill(cab, (60, 50, 214), (30, 22, 130), soft=0.002, volume=0.25)
    canvas.fill("-425,-20 -385,-140 -375,-145 -380,-20", (110, 90, 76))
    canvas.fill("-360,-145 -230,-145 -230,-15 -365,-15", (120, 100, 84), (70, 56, 46))
    canvas.fill("-210,200 -200,200 -200,-200 -210,-200", (60, 56, 56))
    canvas.fill(ellipse(-0.435, 0.12, 0.016, 0.024), (236, 244, 248))
    canvas.fill("-465,170 -360,170 -360,225 -465,225", (206, 202, 200), (120, 116, 114))
    for x in (-0.3, 0.22, 0.38):
        canvas.fill(ellipse(x, 0.22, 0.085, 0.085), (26, 22, 24))


def _drive(seconds: float) -> Pose:
    return Pose(0.0, 0.003 * math.sin(7 * seconds), 0.3 * math.sin(3 * seconds))


def _pass_by(seconds: float) -> float:
    return 0.04 * seconds - 0.08


draw_automobile = Stage(
    _paint_street,
    [Actor(_paint_car, _drive), *_wheels(((-0.27, 0.19), (0.27, 0.19)), 0.078)],
    _pass_by,
)
"""A red car, side on, in front of a hedge."""

draw_truck = Stage(
    _paint_street,
    [Actor(_paint_truck, _drive), *_wheels(((-0.3, 0.235), (0.22, 0.235), (0.38, 0.235)), 0.07)],
    _pass_by,
)
"""A box truck on the same road."""
