"""Turning a picture as its camera noted that it was held, where OpenCV does not.

It heeds the note in JPEG and TIFF files, in WebP not, and in PNG only in its newer versions: these
two are decoded as they are stored, and turned here.
"""

from typing import Literal

from camera_app.sources import png, webp
from camera_app.sources.base import Pixels
from camera_app.sources.pixels import orient

_ORIENTATION_TAG, _SHORT = 0x0112, 3  # Exif 2.32, 4.6.4

_UPRIGHT: dict[int, tuple[int, str]] = {
    2: (0, "horizontal"),
    3: (180, "none"),
    4: (0, "vertical"),
    5: (90, "horizontal"),
    6: (90, "none"),
    7: (270, "horizontal"),
    8: (270, "none"),
}
"""The turn, in degrees clockwise, and the mirroring after it that each orientation asks for."""


def is_turned_here(data: bytes) -> bool:
    """Whether OpenCV is to leave the picture in a file as it is stored."""
    return data.startswith(png.START) or webp.is_webp(data)


def turn_upright(pixels: Pixels, data: bytes) -> Pixels:
    """A picture as the camera noted that it was held.

    Args:
        pixels: (H, W, 3) uint8 BGR, as stored.
        data: the file that it was decoded of, one that :func:`is_turned_here`.

    Returns:
        (H, W, 3) or (W, H, 3) uint8 BGR: ``pixels`` where there is no such note.
    """
    exif = png.exif_of(data) if data.startswith(png.START) else webp.exif_of(data)
    # Some programs put JPEG's name for it in front.
    rotate, flip = _UPRIGHT.get(_orientation(exif.removeprefix(b"Exif\0\0")), (0, "none"))
    return orient(pixels, rotate, flip)


def _orientation(exif: bytes) -> int:
    """1 to 8, as Exif counts; 0 where the notes do not say, or say nonsense.

    It is an entry of the first directory of a TIFF structure (TIFF 6.0, section 2).
    """
    orders: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}
    order = orders.get(exif[:4])
    if order is None:
        return 0

    def number(at: int, size: int) -> int:
        return int.from_bytes(exif[at : at + size], order)

    directory = number(4, 4)
    for entry in range(directory + 2, directory + 2 + 12 * number(directory, 2), 12):
        if (number(entry, 2), number(entry + 2, 2)) == (_ORIENTATION_TAG, _SHORT):
            return number(entry + 8, 2)
    return 0
