"""On the meadow: a horse."""

from camera_app.sources.scenes.land import FUR, breathe, grass, hedge, leg, sway
from camera_app.sources.scenes.paint import Canvas, Colour
from camera_app.sources.scenes.shapes import curve, ellipse, limb
from camera_app.sources.scenes.stage import Actor, Stage

BAY: Colour = (44, 76, 138)
BAY_DARK: Colour = (22, 38, 76)
BAY_LIGHT: Colour = (84, 124, 184)
MANE: Colour = (20, 22, 30)
MANE_LIGHT: Colour = (30, 34, 46)


def _paint_pasture(canvas: Canvas) -> None:
    canvas.band(-canvas.bottom, -0.1, (228, 196, 160), (238, 228, 214))
    hedge(canvas, -0.12, 0.17, (70, 108, 84), (40, 66, 50))
    far: tuple[Colour, Colour] = ((92, 158, 132), (72, 150, 112))
    canvas.band(-0.06, 0.14, *far, soft=0.01, grain=0.05, cell=(0.2, 0.03))
    canvas.blur(0.007)
    near: tuple[Colour, Colour] = ((70, 150, 112), (44, 112, 78))
    canvas.band(0.12, canvas.bottom, *near, soft=0.03, grain=0.1, cell=(0.04, 0.03))
    grass(canvas, 0.2, ((66, 160, 122), (40, 112, 80)), 0.05)


def _paint_tail(canvas: Canvas) -> None:
    tail = limb("325,-60 380,0 390,120 375,240", [0.03, 0.06, 0.065, 0.015])
    canvas.fill(tail, MANE, MANE_LIGHT, soft=0.004, grain=0.3, cell=(0.01, 0.08))


def _paint_body(canvas: Canvas) -> None:
    canvas.fill(ellipse(0.05, 0.405, 0.36, 0.03), (24, 52, 36), soft=0.02, opacity=0.6)
    leg(canvas, (-0.1, 0.08), 0.39, (BAY_DARK, MANE), 0.09, 0.01)
    leg(canvas, (0.27, 0.08), 0.39, (BAY_DARK, MANE), 0.09, 0.03)
    leg(canvas, (-0.145, 0.06), 0.41, (BAY, MANE), 0.12, -0.012)
    leg(canvas, (0.3, 0.06), 0.41, (BAY, MANE), 0.13, 0.025)
    body = curve(
        "-190,-80 -100,-125 50,-105 200,-125 300,-100 345,-20 345,60 280,120 50,145 -100,140 "
        "-195,80"
    )
    canvas.fill(body, BAY, BAY_DARK, soft=0.006, volume=0.4, depth=0.06, grain=0.03)
    for x, y, degrees in ((-0.14, 0.07, 10), (0.3, 0.06, -10)):
        canvas.fill(ellipse(x, y, 0.05, 0.09, degrees), (40, 68, 126), soft=0.025, opacity=0.8)
    for x, y in ((0.22, -0.06), (-0.06, -0.06)):
        canvas.fill(ellipse(x, y, 0.07, 0.035, -8), BAY_LIGHT, soft=0.03, opacity=0.55)


def _paint_head(canvas: Canvas) -> None:
    neck = curve(
        "-60,-110 -160,-240 -210,-335 -245,-360 -290,-330 -290,-260 -250,-120 -205,20 -140,30"
    )
    canvas.fill(neck, BAY, (38, 64, 118), soft=0.004, volume=0.2, depth=0.05, grain=0.03)
    # Hides where the neck, which turns, is set on the body, which does not.
    canvas.fill(ellipse(-0.145, 0.0, 0.05, 0.07, -15), (40, 68, 124), soft=0.025)
    mane = curve(
        "-30,-130 -120,-260 -190,-360 -240,-385 -270,-350 -220,-325 -200,-270 -150,-190 -100,-110"
    )
    canvas.fill(mane, MANE, MANE_LIGHT, soft=0.004, grain=0.3, cell=(0.01, 0.05))
    for x in (-0.235, -0.262):
        canvas.fill([(x - 0.014, -0.345), (x + 0.004, -0.405), (x + 0.02, -0.345)], BAY_DARK, BAY)
    head = curve(
        "-230,-360 -290,-355 -340,-290 -400,-215 -415,-180 -400,-150 -360,-155 -310,-200 "
        "-255,-215 -220,-270"
    )
    canvas.fill(head, (50, 84, 148), (28, 48, 92), **FUR)
    muzzle = curve("-395,-215 -418,-180 -400,-150 -360,-157 -365,-190")
    canvas.fill(muzzle, (34, 44, 62), soft=0.005, opacity=0.8)
    canvas.fill(curve("-300,-345 -345,-290 -385,-240 -335,-285"), (226, 234, 240), soft=0.003)
    canvas.fill(ellipse(-0.29, -0.305, 0.011, 0.009), (12, 12, 14))
    canvas.fill(ellipse(-0.396, -0.185, 0.007, 0.005), (12, 12, 14))


draw_horse = Stage(
    _paint_pasture,
    [
        Actor(_paint_tail, sway(7, 2.2), (0.325, -0.07)),
        Actor(_paint_body, breathe, (0.0, 0.4)),
        Actor(_paint_head, sway(2.5, 1.7), (-0.13, 0.0)),
    ],
)
"""A bay horse on a pasture."""
