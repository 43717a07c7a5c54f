"""Text on pictures: Roboto Medium, drawn once into ``roboto.npz`` and scaled by area.

OpenCV's own fonts are strokes of ASCII only; this one is a typeface, reads well at 11 pixels and
knows the Latin letters of Europe, but no Greek, Cyrillic or other ones. The glyphs are Google's,
under the Apache License 2.0 (LICENSE.txt); ``make.py`` shows how the file was made.
"""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np

from camera_app.outputs.drawing import Colour, Pixels, Stamp, make_stamp, press

ELLIPSIS = "…"
REPLACEMENT = "?"


class _Atlas:
    """The glyphs of ``roboto.npz``; its arrays are described in ``make.py``."""

    def __init__(self, file: Path) -> None:
        with np.load(file) as arrays:
            self.cells: Pixels = arrays["cells"]
            self.margin = int(arrays["margin"])
            self.size = int(arrays["size"])
            columns = zip(arrays["characters"], arrays["starts"], arrays["advances"], strict=True)
        self.glyphs = {chr(code): (int(start), int(advance)) for code, start, advance in columns}

    def row(self, text: str) -> Pixels:
        """``text``, all of it known characters, at the atlas's own size."""
        width = sum(self.glyphs[character][1] for character in text)
        row = np.zeros((self.cells.shape[0], width + 2 * self.margin), np.uint8)
        left = 0
        for character in text:
            start, advance = self.glyphs[character]
            cell = self.cells[:, start : start + advance + 2 * self.margin]
            place = row[:, left : left + cell.shape[1]]
            np.maximum(place, cell, out=place)
            left += advance
        return row


@cache
def _atlas() -> _Atlas:
    return _Atlas(Path(__file__).with_name("roboto.npz"))


@lru_cache(maxsize=1024)
def readable(text: str) -> str:
    """``text`` in characters that can be drawn; accents are dropped before a letter is."""
    known = _atlas().glyphs
    out = []
    for character in unicodedata.normalize("NFC", text):
        if character in known:
            out.append(character)
        elif character.isspace():
            out.append(" ")
        else:
            plain = unicodedata.normalize("NFKD", character)
            out.append("".join(part for part in plain if part in known) or REPLACEMENT)
    return "".join(out)


def drawable(text: str) -> bool:
    """Whether no letter of ``text`` becomes a question mark."""
    return readable(text).count(REPLACEMENT) == text.count(REPLACEMENT)


@lru_cache(maxsize=1024)
def text_width(text: str, size: int) -> int:
    """Width in pixels of ``text`` at ``size`` pixels an em."""
    atlas = _atlas()
    return round(sum(atlas.glyphs[c][1] for c in readable(text)) * size / atlas.size)


def line_height(size: int) -> int:
    """Height in pixels of a line of text at ``size`` pixels an em."""
    atlas = _atlas()
    return max(1, round(atlas.cells.shape[0] * size / atlas.size))


@lru_cache(maxsize=256)
def cut(text: str, size: int, width: int) -> str:
    """``text``, or as much of it as fits ``width`` pixels with an ellipsis behind it."""
    text = readable(text)
    if text_width(text, size) <= width:
        return text
    for end in range(len(text) - 1, -1, -1):
        shorter = text[:end].rstrip() + ELLIPSIS
        if text_width(shorter, size) <= width:
            return shorter
    return ""


@lru_cache(maxsize=96)  # a headline at 1920x1080 is a tenth of a megabyte
def _ink(text: str, size: int, colour: Colour) -> Stamp:
    row = _atlas().row(readable(text))
    width = max(1, round(row.shape[1] * size / _atlas().size))
    coverage = cv2.resize(row, (width, line_height(size)), interpolation=cv2.INTER_AREA)
    return make_stamp(coverage.astype(np.uint8, copy=False), colour)


def draw_text(picture: Pixels, text: str, left: int, top: int, size: int, colour: Colour) -> None:
    """Draw one line of ``text`` into ``picture``; what would leave it is cut off.

    Args:
        picture: (H, W, 3) uint8 BGR, written to.
        text: anything; see :func:`readable`.
        left: pixels to the left edge of the first letter.
        top: pixels to the top of the line, :func:`line_height` pixels tall.
        size: pixels an em.
        colour: of the letters.
    """
    if text:
        margin = round(_atlas().margin * size / _atlas().size)
        press(picture, _ink(text, size, colour), left - margin, top)
