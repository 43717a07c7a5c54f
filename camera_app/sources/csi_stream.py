"""What is asked of a Pi camera: its whole view, scaled and cropped by the camera itself."""

import logging
from typing import Any

logger = logging.getLogger(__name__)

FORMAT = "RGB888"
"""libcamera's name for bytes in the order blue, green, red."""

Size = tuple[int, int]


def configure(camera: Any, size: Size, fps: int, square: int | None = None) -> dict[str, Any]:
    """Agree with an opened camera on a stream; it is not started.

    Args:
        camera: a Picamera2.
        size: (width, height) wanted, pixels.
        fps: wanted, frames per second.
        square: side in pixels of the middle square, where that is enough. A camera that cannot cut
            it out, or grants another size, is asked for ``size`` instead.

    Returns:
        What was granted: ``size``, ``format`` and more. A pipeline adjusts what it cannot do
        without a word, so it may be neither the size nor the format wanted.

    Raises:
        Exception: whatever libcamera's binding raises where it does not agree to anything.
    """
    view = _whole_view(camera, fps)
    if square is not None and _can_crop(camera):
        try:
            granted = _agree(camera, (square, square), fps, view)
            if granted["size"] == (square, square):
                _crop_to_middle_square(camera)
                return granted
        except Exception as error:  # libcamera's binding raises what it likes
            logger.debug("no square of %d: %r", square, error)
    try:
        return _agree(camera, size, fps, view)
    except Exception as error:
        if view is None:
            raise
        logger.debug("no picture from %s: %r", view, error)
        return _agree(camera, size, fps, None)


def _agree(camera: Any, size: Size, fps: int, view: Size | None) -> dict[str, Any]:
    sensor = {} if view is None else {"raw": {"size": view}}
    wanted = camera.create_video_configuration(
        main={"size": size, "format": FORMAT},
        controls={"FrameRate": fps},
        # A queued frame is an old frame.
        queue=False,
        **sensor,
    )
    camera.configure(wanted)
    return dict(camera.camera_configuration()["main"])


def _whole_view(camera: Any, fps: int) -> Size | None:
    """The size of the sensor's smallest mode that sees all the lens does, at ``fps`` or faster.

    Left to itself libcamera takes the mode nearest in size to the stream, and the small ones of
    many sensors are cut out of the middle: 640x480 of an imx219 shows 39 % of the width.

    Returns:
        (width, height), or None where the camera does not tell of its modes.
    """
    try:
        modes = [mode for mode in camera.sensor_modes if mode["fps"] >= fps]
        widest = max(_area(mode["crop_limits"][2:]) for mode in modes)
        whole: list[Size] = [
            mode["size"] for mode in modes if _area(mode["crop_limits"][2:]) == widest
        ]
        return min(whole, key=_area)
    except Exception as error:  # no modes, none so fast, or an older picamera2
        logger.debug("the sensor's modes are not known: %r", error)
        return None


def _can_crop(camera: Any) -> bool:
    """Whether it cuts out by itself; one that does not would squeeze its picture into a square."""
    controls = camera.camera_controls
    return "ScalerCrop" in controls or "ScalerCrops" in controls


def _crop_to_middle_square(camera: Any) -> None:
    """Scale the middle square of all that the sensor sees."""
    controls = camera.camera_controls
    if "ScalerCrops" in controls:
        return  # picamera2 has set it already, to keep the shape of things
    _, (left, top, width, height), _ = controls["ScalerCrop"]  # smallest, largest, default
    side = min(width, height)
    middle = (left + (width - side) // 2, top + (height - side) // 2, side, side)
    camera.set_controls({"ScalerCrop": middle})


def _area(size: Size) -> int:
    return size[0] * size[1]
