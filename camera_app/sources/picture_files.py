"""Which files are pictures, by what they are called and how they begin, and in which order."""

import re
from pathlib import Path

import cv2

from camera_app.sources.opencv import hush, native_path

SUFFIXES = (
    *(".jpg", ".jpeg", ".jfif", ".jpe", ".png", ".bmp", ".webp", ".tif", ".tiff"),
    *(".jp2", ".ppm", ".pgm", ".pbm"),
)
"""File names that are taken for pictures, in small or capital letters."""

NOT_READ = (".heic", ".heif", ".hif", ".avif", ".jxl", ".gif")
"""Names of pictures, as phones and browsers save them, which are passed over in a folder: this
OpenCV has no reader of pictures for them, though a GIF alone is read as a film."""

MOTION = (".mjpg", ".mjpeg")
"""Films that are nothing but one JPEG after the other, and so begin like a picture."""


def is_picture(path: Path) -> bool:
    """Whether a file's name says that it is a picture."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def is_picture_not_read(path: Path) -> bool:
    """Whether a file's name says that it is a picture of a kind that is not read here."""
    return path.suffix.lower() in NOT_READ and not path.name.startswith(".")


def begins_as_picture(path: Path) -> bool:
    """Whether a file holds a picture whatever it is called, by what it begins with.

    As a film it would have one frame, which is over before a label has stood for a moment.
    """
    if path.suffix.lower() in MOTION or not path.is_file():
        return False
    hush()
    try:
        return cv2.haveImageReader(native_path(path))
    except (ValueError, cv2.error):  # a name that OpenCV does not take, or a locked file
        return False


def natural_order(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Sort key by which ``frame9`` comes before ``frame10``; capitals do not count."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    key = [(True, 0, p) if not p.isdecimal() else (False, int(p), "") for p in pieces]
    return key, name
