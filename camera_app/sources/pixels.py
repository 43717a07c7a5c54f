"""From whatever a driver hands over to (H, W, 3) uint8 BGR, and the right way up."""

from typing import cast

import cv2
import numpy as np

from camera_app.errors import FrameError, UsageError
from camera_app.picture_memory import PictureMemory
from camera_app.sources.base import Pixels

ROTATIONS = (0, 90, 180, 270)
"""Degrees clockwise that a picture can be turned."""

FLIPS = ("none", "horizontal", "vertical", "both")
"""Ways a picture can be mirrored: ``horizontal`` swaps left and right."""

# YUV 4:2:0, one byte of brightness a pixel and a quarter of that for each colour difference:
# an array of H * 3/2 rows.
_PLANAR = {
    "NV12": cv2.COLOR_YUV2BGR_NV12,
    "NV21": cv2.COLOR_YUV2BGR_NV21,
    "I420": cv2.COLOR_YUV2BGR_I420,
    "YU12": cv2.COLOR_YUV2BGR_I420,
    "YV12": cv2.COLOR_YUV2BGR_YV12,
}

# YUV 4:2:2, two bytes a pixel.
_PACKED = {
    "YUYV": cv2.COLOR_YUV2BGR_YUYV,
    "YUY2": cv2.COLOR_YUV2BGR_YUYV,
    "YVYU": cv2.COLOR_YUV2BGR_YVYU,
    "UYVY": cv2.COLOR_YUV2BGR_UYVY,
}

YUV_FORMATS = frozenset(_PLANAR | _PACKED)
"""Four-character codes that :func:`to_bgr` needs to be told, since their shapes do not say."""

_CODE_OF_CHANNELS = {1: cv2.COLOR_GRAY2BGR, 4: cv2.COLOR_BGRA2BGR}

_ROTATE_CODES = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
_FLIP_CODES = {"horizontal": 1, "vertical": 0, "both": -1}


def to_bgr(
    array: object,
    width: int | None = None,
    height: int | None = None,
    fourcc: str | None = None,
) -> Pixels:
    """Check what a driver handed over, and convert it.

    Understood are BGR (H, W, 3), BGRA (H, W, 4), grey (H, W) and (H, W, 1), packed YUV 4:2:2
    (H, W, 2), planar YUV 4:2:0 (H * 3/2, W), and each of these as one flat row of bytes, such as
    the (1, W * H * 3) that OpenCV 4.11 makes of BGR3 (github.com/opencv/opencv/issues/27166).

    Args:
        array: uint8; not written to, and returned itself where it is BGR already.
        width: of the picture in pixels; needed for flat rows only.
        height: of the picture in pixels; needed for flat rows only.
        fourcc: V4L2's name of the pixel format. Needed for planar YUV; packed YUV is taken as
            YUYV without it; ignored where the shape says it all.

    Returns:
        (H, W, 3) uint8 BGR, C-contiguous.

    Raises:
        FrameError: it is no array of uint8, is empty, or has a shape that none of these has.
    """
    if not isinstance(array, np.ndarray):
        raise FrameError(f"the driver handed over {type(array).__name__} instead of a picture")
    if array.dtype != np.uint8:
        raise FrameError(
            f"the driver handed over {array.dtype} pixels; set the camera to an 8-bit format"
        )
    if array.size == 0:
        raise FrameError(f"the driver handed over an empty picture of shape {array.shape}")
    shaped = _shape(np.ascontiguousarray(array), width, height, fourcc)
    try:
        return _convert(shaped, fourcc)
    except cv2.error:  # sizes that no YUV picture has, such as an odd width
        raise _not_understood(array, fourcc) from None


def _shape(array: Pixels, width: int | None, height: int | None, fourcc: str | None) -> Pixels:
    """The same bytes with rows and columns; a third dimension only where there are channels."""
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    flat = array.ndim == 1 or (array.ndim == 2 and array.shape[0] == 1)
    if not flat:
        return array
    if not width or not height or width < 0 or height < 0:
        raise _not_understood(array, fourcc)
    if fourcc in _PLANAR and array.size * 2 == width * height * 3:
        return array.reshape(-1, width)
    channels, rest = divmod(array.size, width * height)
    if rest or channels not in (1, 2, 3, 4):
        raise FrameError(
            f"the driver handed over {array.size} bytes, which is no picture of {width}x{height}; "
            "try another size or format"
        )
    return array.reshape((height, width) if channels == 1 else (height, width, channels))


def _convert(array: Pixels, fourcc: str | None) -> Pixels:
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if channels == 3:
        return array
    if channels == 1 and fourcc in _PLANAR:
        code = _PLANAR[fourcc]
    elif channels == 2:
        code = _PACKED.get(fourcc or "YUYV", cv2.COLOR_YUV2BGR_YUYV)
    elif channels in _CODE_OF_CHANNELS:
        code = _CODE_OF_CHANNELS[channels]
    else:
        raise _not_understood(array, fourcc)
    return np.asarray(cv2.cvtColor(array, code), dtype=np.uint8)


def _not_understood(array: Pixels, fourcc: str | None) -> FrameError:
    named = f" ({fourcc})" if fourcc else ""
    return FrameError(
        f"the driver handed over an array of shape {array.shape}{named}, which is no picture this "
        "program knows; set the camera to BGR, YUYV or MJPG"
    )


def check_orientation(rotate: int, flip: str) -> None:
    """Refuse what :func:`orient` cannot do.

    Raises:
        UsageError: ``rotate`` is none of :data:`ROTATIONS`, or ``flip`` none of :data:`FLIPS`.
    """
    if rotate not in ROTATIONS:
        raise UsageError(f"cannot rotate by {rotate}: choose one of 0, 90, 180, 270 degrees")
    if flip not in FLIPS:
        raise UsageError(f"cannot flip {flip!r}: choose one of {', '.join(FLIPS)}")


def orient(
    pixels: Pixels, rotate: int = 0, flip: str = "none", memory: PictureMemory | None = None
) -> Pixels:
    """Turn a picture clockwise by ``rotate`` degrees, then mirror it.

    Args:
        pixels: (H, W, 3) uint8; returned itself where there is nothing to do.
        rotate: one of :data:`ROTATIONS`; 90 and 270 swap height and width.
        flip: one of :data:`FLIPS`.
        memory: where the picture lies that is returned otherwise; None for a place of its own.
    """
    memory = memory or PictureMemory()
    height, width = pixels.shape[:2]
    if rotate:
        turned = memory.take((width, height, 3) if rotate != 180 else (height, width, 3))
        pixels = cast(Pixels, cv2.rotate(pixels, _ROTATE_CODES[rotate], dst=turned))
    if flip != "none":
        pixels = cast(Pixels, cv2.flip(pixels, _FLIP_CODES[flip], dst=memory.take(pixels.shape)))
    return pixels
