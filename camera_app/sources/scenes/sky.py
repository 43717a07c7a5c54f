"""In the air."""

import math

from camera_app.sources.scenes.land import scatter
from camera_app.sources.scenes.paint import Canvas
from camera_app.sources.scenes.shapes import curve, ellipse, limb
from camera_app.sources.scenes.stage import Actor, Pose, Stage


def _paint_sky(canvas: Canvas) -> None:
    canvas.wash((226, 168, 104), (246, 226, 196))
    for x, y in scatter(canvas, 4):
        for puff in range(5):
            cloud = ellipse(
                x + 0.09 * (puff - 2), y - 0.014 * (puff % 3), 0.16 - 0.02 * puff, 0.035
            )
            canvas.fill(cloud, (252, 248, 244), soft=0.03, opacity=0.3)


def _paint_airliner(canvas: Canvas) -> None:
    white, grey, shade = (250, 248, 246), (196, 184, 176), (128, 112, 104)
    navy, red = (112, 44, 24), (42, 32, 196)
    far_wing = "-30,-20 60,-20 160,-130 120,-130"
    canvas.fill(far_wing, grey, shade, soft=0.002)
    fin = curve("270,-50 360,-200 385,-225 435,-225 420,-40")
    canvas.fill(fin, red, (36, 26, 150), soft=0.002)
    canvas.fill("325,-115 430,-150 427,-115 300,-85", white)
    body = curve(
        "-450,12 -425,-22 -360,-52 -250,-62 0,-62 250,-60 400,-50 460,-35 440,-18 300,30 "
        "150,52 -100,58 -340,55 -430,40"
    )
    canvas.fill(body, white, (186, 172, 164), soft=0.002, volume=0.35, depth=0.03)
    belly = "-460,24 460,10 460,100 -460,100"
    canvas.fill(belly, navy, (72, 28, 18), clip=body, opacity=0.9)
    cockpit = "-425,-18 -375,-32 -372,-16 -415,-6"
    canvas.fill(cockpit, (60, 48, 40))
    for number in range(24):
        canvas.fill(ellipse(-0.33 + 0.027 * number, -0.012, 0.0065, 0.009), (92, 76, 66))
    for x in (-0.352, 0.315):
        canvas.fill([(x, -0.03), (x + 0.016, -0.03), (x + 0.016, 0.016), (x, 0.016)], grey)
    tail = "360,-30 420,-32 490,35 455,35"
    canvas.fill(tail, (224, 214, 206), shade, soft=0.002)
    canvas.fill("-30,45 60,85 50,100 -35,88", grey, shade)
    canvas.fill(limb("-55,98 50,96", [0.056, 0.04]), white, shade, volume=0.4)
    canvas.fill(ellipse(-0.077, 0.098, 0.011, 0.027), (70, 56, 48))
    wing = "-100,20 100,24 270,185 225,190 90,100"
    canvas.fill(wing, (228, 220, 214), (132, 118, 110), soft=0.002)
    canvas.fill(limb("-100,20 90,100 225,190", [0.006, 0.006]), white)


def _fly(seconds: float) -> Pose:
    return Pose(
        0.03 * math.sin(0.9 * seconds),
        0.02 * math.sin(1.5 * seconds),
        3 + 2 * math.sin(0.9 * seconds),
        1 + 0.02 * math.sin(0.7 * seconds),
    )


draw_airplane = Stage(
    _paint_sky, [Actor(_paint_airliner, _fly)], drift=lambda seconds: 0.02 * seconds - 0.04
)
"""An airliner on its way, above a few thin clouds."""
