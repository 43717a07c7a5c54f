"""Scenes for the demo: pictures of CIFAR-10's classes, drawn in code and moving.

A scene is a function of the picture's width and height in pixels and of the seconds since the
scene began; it returns (height, width, 3) uint8 BGR, the same each time for the same arguments.
"""

from camera_app.sources.scenes.base import Scene
from camera_app.sources.scenes.garden import draw_bird
from camera_app.sources.scenes.home import draw_cat, draw_dog
from camera_app.sources.scenes.meadow import draw_horse
from camera_app.sources.scenes.pond import draw_frog
from camera_app.sources.scenes.road import draw_automobile, draw_truck
from camera_app.sources.scenes.sea import draw_ship
from camera_app.sources.scenes.sky import draw_airplane
from camera_app.sources.scenes.wood import draw_deer

SCENES: tuple[Scene, ...] = (
    Scene("ship", draw_ship),
    Scene("bird", draw_bird),
    Scene("airplane", draw_airplane),
    Scene("cat", draw_cat),
    Scene("automobile", draw_automobile),
    Scene("horse", draw_horse),
    Scene("truck", draw_truck),
    Scene("dog", draw_dog),
    Scene("frog", draw_frog),
    Scene("deer", draw_deer),
)
"""What the demo shows, in order; each label is the class that the scene is of."""

__all__ = ["SCENES", "Scene"]
