"""What is asked of a Pi camera, and what is done with what it grants."""

from typing import Any

import numpy as np
import pytest

from camera_app.sources.csi import PiCameraReader
from camera_app.sources.csi_stream import configure
from camera_app.sources.fake_csi import FakePicamera2

from .conftest import Pixels, is_red

# As picamera2 lists an imx219's: the small mode is cut out of the middle.
SENSOR = (0, 0, 3280, 2464)
MODES = [
    {"size": (640, 480), "fps": 206.65, "crop_limits": (1000, 752, 1280, 960)},
    {"size": (1640, 1232), "fps": 41.85, "crop_limits": SENSOR},
    {"size": (1920, 1080), "fps": 47.57, "crop_limits": (680, 692, 1920, 1080)},
    {"size": (3280, 2464), "fps": 21.19, "crop_limits": SENSOR},
]
CROP = {"ScalerCrop": ((0, 0, 128, 128), SENSOR, SENSOR)}
CROPS = {**CROP, "ScalerCrops": ((0, 0, 128, 128), SENSOR, SENSOR)}
ANY = np.zeros((2, 2, 3), np.uint8)


def camera(**options: Any) -> FakePicamera2:
    return FakePicamera2(ANY, **{"modes": MODES, "controls": CROP, **options})


def test_the_whole_view_is_asked_for_at_the_least_cost() -> None:
    fake = camera()
    granted = configure(fake, (640, 480), 30)
    assert fake.wanted["raw"] == {"size": (1640, 1232)}
    assert granted["size"] == (640, 480)
    assert fake.set == {}, "the picture is not cropped where all of it is wanted"


def test_a_rate_that_only_a_narrower_mode_has_is_worth_it() -> None:
    fake = camera()
    configure(fake, (640, 480), 60)
    assert fake.wanted["raw"] == {"size": (640, 480)}


@pytest.mark.parametrize(
    "modes", [[], [{"format": "YUYV"}], RuntimeError("not a raw sensor")], ids=str
)
def test_a_camera_that_does_not_tell_its_modes_chooses_by_itself(modes: Any) -> None:
    fake = camera(modes=modes)
    assert configure(fake, (640, 480), 30)["size"] == (640, 480)
    assert "raw" not in fake.wanted


def test_a_mode_that_is_refused_is_not_insisted_on() -> None:
    fake = camera(configure_errors=[RuntimeError("Configuration failed")])
    assert configure(fake, (640, 480), 30)["size"] == (640, 480)
    assert "raw" not in fake.wanted


def test_what_is_refused_altogether_is_an_error() -> None:
    fake = camera(configure_errors=[RuntimeError("no"), RuntimeError("no memory")])
    with pytest.raises(RuntimeError, match="no memory"):
        configure(fake, (640, 480), 30)


def test_the_middle_square_is_cut_out_and_scaled_by_the_camera() -> None:
    fake = camera()
    assert configure(fake, (640, 480), 30, square=256)["size"] == (256, 256)
    assert fake.set == {"ScalerCrop": (408, 0, 2464, 2464)}
    assert fake.wanted["raw"] == {"size": (1640, 1232)}
    assert fake.wanted["main"]["format"] == "RGB888"


def test_where_picamera2_keeps_the_shape_itself_it_is_left_to_it() -> None:
    fake = camera(controls=CROPS)
    assert configure(fake, (640, 480), 30, square=256)["size"] == (256, 256)
    assert fake.set == {}


@pytest.mark.parametrize(
    "unable",
    [
        {"controls": {}},  # it would squeeze the picture
        {"grants": {(256, 256): (320, 256)}},
        {"configure_errors": [RuntimeError("Invalid camera configuration")]},
        {"controls": {"ScalerCrop": "what a later picamera2 may say"}},
    ],
    ids=["no crop", "another size", "refused", "not understood"],
)
def test_a_camera_that_cannot_do_it_gives_the_whole_picture(unable: dict[str, Any]) -> None:
    fake = camera(**unable)
    assert configure(fake, (640, 480), 30, square=256)["size"] == (640, 480)
    assert fake.set == {}


def test_the_reader_asks_for_no_more_than_what_was_wanted(red: Pixels) -> None:
    side = 120
    fake = FakePicamera2(red[:side, :side], modes=MODES, controls=CROP)
    reader = PiCameraReader(width=160, height=121, square=256, load=lambda: fake)
    reader.open()
    assert reader.describe().endswith("120x120 RGB888 at 30 fps")
    picture, _ = reader.read()
    assert picture.shape == (side, side, 3)
    assert is_red(picture)
