"""At home: a cat indoors and a dog on the lawn, face to face."""

import math

from camera_app.sources.scenes.paint import Canvas, Colour, Style
from camera_app.sources.scenes.shapes import curve, ellipse, limb, mirrored
from camera_app.sources.scenes.stage import Actor, Pose, Stage

BLACK: Colour = (18, 20, 24)
GLINT: Colour = (250, 250, 250)

TABBY: Colour = (104, 122, 138)
TABBY_DARK: Colour = (50, 60, 70)
TABBY_LIGHT: Colour = (214, 222, 228)
STRIPE: Colour = (32, 38, 46)

WOOL: Colour = (236, 242, 246)
WOOL_DARK: Colour = (176, 190, 200)


def _paint_room(canvas: Canvas) -> None:
    canvas.wash((58, 52, 56), (34, 32, 40), grain=0.1, cell=(0.4, 0.4))
    floor: tuple[Colour, Colour] = ((60, 66, 92), (40, 44, 64))
    canvas.band(0.3, canvas.bottom, *floor, soft=0.02, grain=0.06, cell=(0.3, 0.02))
    canvas.blur(0.02)


def _paint_cat(canvas: Canvas) -> None:
    body = curve("-140,50 -260,250 -330,500 -280,680 0,700 280,680 330,500 260,250 140,50")
    fur: Style = {"soft": 0.006, "volume": 0.35, "depth": 0.08, "grain": 0.12, "cell": (0.02, 0.05)}
    canvas.fill(body, TABBY, TABBY_DARK, **fur)
    for side in (-1, 1):
        for y in (330, 450, 560):
            band = limb(mirrored(f"290,{y - 30} 125,{y + 30}", side), [0.03, 0.01])
            canvas.fill(band, STRIPE, soft=0.006, opacity=0.7, clip=body)
    canvas.fill(ellipse(0.0, 0.3, 0.11, 0.16), (200, 210, 218), soft=0.04, opacity=0.75)


def _paint_cat_head(canvas: Canvas) -> None:
    for side in (-1, 1):
        ear = curve(mirrored("60,-190 145,-305 200,-372 228,-365 246,-250 235,-70", side))
        canvas.fill(ear, TABBY_DARK, TABBY, soft=0.003)
        inner = curve(mirrored("120,-190 198,-325 218,-320 222,-150", side))
        canvas.fill(inner, (110, 120, 170), (120, 136, 164), soft=0.008, opacity=0.9)
    head = curve(
        "0,-235 150,-205 245,-90 262,40 180,150 70,200 -70,200 -180,150 -262,40 -245,-90 -150,-205"
    )
    fur: Style = {"soft": 0.004, "volume": 0.3, "depth": 0.07, "grain": 0.1, "cell": (0.02, 0.03)}
    canvas.fill(head, TABBY, (120, 138, 152), **fur)
    stripe: Style = {"soft": 0.004, "opacity": 0.85, "clip": head}
    for x in (-0.09, -0.045, 0.0, 0.045, 0.09):
        canvas.fill(limb([(1.3 * x, -0.225), (0.8 * x, -0.1)], [0.026, 0.008]), STRIPE, **stripe)
    for side in (-1, 1):
        for y in (-20, 40, 95):
            cheek = limb(mirrored(f"270,{y} 170,{y + 12}", side), [0.022, 0.006])
            canvas.fill(cheek, STRIPE, **stripe)
        _paint_cat_eye(canvas, side)
        canvas.fill(ellipse(0.048 * side, 0.108, 0.062, 0.05), TABBY_LIGHT, soft=0.012)
    canvas.fill(curve("-30,50 30,50 0,85", steps=4), (140, 140, 204), (96, 96, 160))
    for side in (-1, 1):
        canvas.fill(limb(mirrored("0,85 6,115 50,130", side), [0.007, 0.005]), (50, 54, 64))
        for y, tip in ((90, 64), (110, 96), (130, 128)):
            whisker = limb(mirrored(f"70,{y} 300,{tip}", side), [0.004, 0.001])
            canvas.fill(whisker, (240, 244, 246), opacity=0.7)


def _paint_cat_eye(canvas: Canvas, side: int) -> None:
    x, y = 0.105 * side, -0.04
    canvas.fill(ellipse(x, y, 0.062, 0.052), (170, 186, 196), soft=0.012, opacity=0.7)
    canvas.fill(ellipse(x, y, 0.048, 0.04, 10 * side), BLACK)
    canvas.fill(ellipse(x, y, 0.041, 0.034, 10 * side), (84, 196, 190), (60, 150, 150))
    canvas.fill(ellipse(x, y, 0.016, 0.031), BLACK)
    canvas.fill(ellipse(x - 0.012, y - 0.014, 0.007, 0.007), GLINT)


def _tilt(seconds: float) -> Pose:
    return Pose(x=0.008 * math.sin(0.9 * seconds), degrees=4 * math.sin(1.2 * seconds))


def _sit(seconds: float) -> Pose:
    return Pose(x=0.008 * math.sin(0.9 * seconds), scale=1 + 0.006 * math.sin(2.4 * seconds))


draw_cat = Stage(
    _paint_room,
    [Actor(_paint_cat, _sit, (0.0, 0.5)), Actor(_paint_cat_head, _tilt, (0.0, 0.15))],
)
"""A tabby cat that listens."""


def _paint_lawn(canvas: Canvas) -> None:
    canvas.wash((56, 110, 78), (40, 92, 60), grain=0.16, cell=(0.08, 0.05))
    canvas.blur(0.008)


def _paint_wool(canvas: Canvas, x: float, y: float, rx: float, ry: float, lock: float) -> None:
    """An ellipse with locks of the given radius around its edge."""
    for number in range(22):
        angle = 2 * math.pi * number / 22
        middle = (x + rx * math.cos(angle), y + ry * math.sin(angle))
        shape = ellipse(*middle, lock, lock * (0.9 + 0.2 * math.sin(9 * angle)))
        canvas.fill(shape, WOOL, WOOL_DARK, soft=0.008, volume=0.2, depth=0.03)
    canvas.fill(ellipse(x, y, rx, ry), WOOL, (214, 224, 230), soft=0.012, grain=0.035)


def _paint_dog(canvas: Canvas) -> None:
    canvas.fill(ellipse(0.0, 0.6, 0.32, 0.05), (20, 44, 28), soft=0.03, opacity=0.7)
    _paint_wool(canvas, 0.0, 0.36, 0.2, 0.2, 0.06)
    for side in (-1, 1):
        _paint_wool(canvas, 0.2 * side, 0.53, 0.07, 0.05, 0.03)
        _paint_wool(canvas, 0.095 * side, 0.46, 0.045, 0.12, 0.03)


def _paint_dog_head(canvas: Canvas) -> None:
    _paint_wool(canvas, 0.0, -0.09, 0.19, 0.18, 0.06)
    for side in (-1, 1):
        ear = curve(mirrored("160,-200 260,-160 300,20 240,100 180,0", side))
        hair: Style = {"soft": 0.01, "volume": 0.3, "depth": 0.04, "grain": 0.06}
        canvas.fill(ear, (206, 218, 228), (150, 170, 188), **hair)
        canvas.fill(ellipse(0.085 * side, -0.1, 0.034, 0.036), BLACK, soft=0.003)
        canvas.fill(ellipse(0.085 * side - 0.01, -0.112, 0.008, 0.008), GLINT)
    muzzle = ellipse(0.0, 0.02, 0.12, 0.09)
    canvas.fill(muzzle, (240, 246, 250), (206, 216, 224), soft=0.015, volume=0.15)
    canvas.fill(ellipse(0.0, -0.015, 0.045, 0.034), (26, 24, 28), BLACK, soft=0.003)
    tongue = curve("-50,60 0,50 50,60 30,120 0,135 -30,120")
    canvas.fill(tongue, (120, 120, 226), (96, 96, 190), soft=0.003)
    canvas.fill(limb("-70,55 0,45 70,55", [0.006, 0.01, 0.006]), (30, 30, 36))


draw_dog = Stage(
    _paint_lawn,
    [Actor(_paint_dog, _sit, (0.0, 0.5)), Actor(_paint_dog_head, _tilt, (0.0, 0.1))],
)
"""A white dog on a lawn."""
