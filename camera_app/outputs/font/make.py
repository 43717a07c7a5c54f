"""How ``roboto.npz`` was made: each glyph drawn once, large, in cells of one row.

    python -m camera_app.outputs.font.make Roboto-Medium.ttf

Needs Pillow, which the program itself does not.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont  # type: ignore[import-not-found]

from camera_app.arrays import NDArray

SIZE = 48  # pixels an em; larger than any text but a full-HD headline
MARGIN = 4  # pixels left and right of a glyph's advance, for what leans out of it

CHARACTERS = (
    "".join(
        chr(code)
        for first, last in ((0x20, 0x7E), (0xA1, 0x17F))
        for code in range(first, last + 1)
    ).replace("\u00ad", "")
    + "\u2013\u2014\u2026\u2022"  # dashes, ellipsis, bullet
)


def make_atlas(font_file: Path) -> dict[str, NDArray[Any]]:
    """Draw every character of ``CHARACTERS``.

    Returns:
        ``characters`` (n,) code points; ``advances`` (n,) pixels from one glyph to the next;
        ``starts`` (n,) left edge of each cell; ``cells`` (height, width) uint8 coverage, every cell
        being its glyph's advance and ``margin`` on both sides; ``baseline`` pixels from the top.
    """
    font = ImageFont.truetype(str(font_file), SIZE)
    ascent, descent = font.getmetrics()
    advances = [round(font.getlength(character)) for character in CHARACTERS]
    starts = np.cumsum([0, *(advance + 2 * MARGIN for advance in advances)])
    picture = Image.new("L", (int(starts[-1]), ascent + descent))
    draw = ImageDraw.Draw(picture)
    for character, start in zip(CHARACTERS, starts, strict=False):
        draw.text((int(start) + MARGIN, 0), character, font=font, fill=255)
    return {
        "characters": np.array([ord(character) for character in CHARACTERS], np.int32),
        "advances": np.array(advances, np.int32),
        "starts": starts[:-1].astype(np.int32),
        "cells": np.asarray(picture),
        "margin": np.int32(MARGIN),
        "baseline": np.int32(ascent),
        "size": np.int32(SIZE),
    }


if __name__ == "__main__":
    np.savez_compressed(Path(__file__).with_name("roboto.npz"), **make_atlas(Path(sys.argv[1])))
