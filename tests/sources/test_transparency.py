"""Cut-outs: what is transparent is white, whatever is stored under it."""

import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_app.sources.pictures import PicturesReader

from .conftest import HEIGHT, QUARTER_TURN, WIDTH, Pixels, is_red

HIDDEN = (0, 90, 0)  # BGR, of what is transparent


@pytest.fixture
def cut_out(red: Pixels) -> Pixels:
    """(120, 160, 4) BGRA: the left half red, the right half transparent."""
    opacity = np.full((HEIGHT, WIDTH), 255, np.uint8)
    opacity[:, WIDTH // 2 :] = 0
    red[:, WIDTH // 2 :] = HIDDEN
    return np.dstack((red, opacity))


def read(path: Path) -> Pixels:
    reader = PicturesReader(path)
    reader.open()
    picture = reader.read()
    assert picture is not None
    return picture[0]


def png(colour_type: int, rows: bytes, *chunks: tuple[bytes, bytes], width: int) -> bytes:
    """A PNG of eight bits a sample, each row of ``rows`` with its filter byte in front."""
    height = len(rows) // (1 + width * {0: 1, 3: 1, 4: 2, 6: 4}[colour_type])
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    parts = [(b"IHDR", size + bytes((8, colour_type, 0, 0, 0)))]
    parts += [*chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
        for name, data in parts
    )


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".png", []),
        (".webp", [cv2.IMWRITE_WEBP_QUALITY, 101]),  # lossless
        (".webp", [cv2.IMWRITE_WEBP_QUALITY, 90]),
    ],
)
def test_what_is_transparent_is_white(
    tmp_path: Path, cut_out: Pixels, suffix: str, options: list[int]
) -> None:
    cv2.imwrite(str(tmp_path / f"a{suffix}"), cut_out, options)
    pixels = read(tmp_path / f"a{suffix}")
    assert is_red(pixels[:, : WIDTH // 2 - 8])
    assert (pixels[:, WIDTH // 2 :] == 255).all()


def test_what_is_half_transparent_is_mixed_with_white(tmp_path: Path, cut_out: Pixels) -> None:
    cut_out[..., 3] = 51  # a fifth
    cv2.imwrite(str(tmp_path / "a.png"), cut_out)
    assert read(tmp_path / "a.png")[0, 0].tolist() == [208, 208, 248]


def test_sixteen_bits_are_laid_on_white_too(tmp_path: Path, cut_out: Pixels) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), cut_out.astype(np.uint16) * 257)
    pixels = read(tmp_path / "a.png")
    assert is_red(pixels[:, : WIDTH // 2])
    assert (pixels[:, WIDTH // 2 :] == 255).all()


def test_a_transparent_colour_of_a_palette_is_white(tmp_path: Path) -> None:
    palette = (b"PLTE", bytes((220, 20, 20, 0, 90, 0)))  # RGB
    opaque_then_not = (b"tRNS", bytes((255, 0)))
    data = png(3, b"\0\0\1" * 2, palette, opaque_then_not, width=2)
    (tmp_path / "a.png").write_bytes(data)
    assert read(tmp_path / "a.png")[0].tolist() == [[20, 20, 220], [255, 255, 255]]


def test_grey_may_be_transparent(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(4, b"\0\x40\xff\x40\0" * 2, width=2))
    assert read(tmp_path / "a.png")[0].tolist() == [[64, 64, 64], [255, 255, 255]]


def test_one_grey_may_be_transparent(tmp_path: Path) -> None:
    data = png(0, b"\0\x40\x5a\x41" * 2, (b"tRNS", b"\0\x5a"), width=3)
    (tmp_path / "a.png").write_bytes(data)
    assert read(tmp_path / "a.png")[0].tolist() == [[64, 64, 64], [255, 255, 255], [65, 65, 65]]


def test_text_that_speaks_of_it_is_no_transparent_grey(tmp_path: Path) -> None:
    chunk = (b"tEXt", b"Comment\0removed tRNS\0\x5a")
    (tmp_path / "a.png").write_bytes(png(0, b"\0\x40\x5a" * 2, chunk, width=2))
    assert read(tmp_path / "a.png")[0].tolist() == [[64, 64, 64], [90, 90, 90]]


def test_one_grey_of_a_picture_that_its_own_note_turns_is_white(tmp_path: Path) -> None:
    chunks = (b"tRNS", b"\0\x5a"), (b"eXIf", QUARTER_TURN)
    (tmp_path / "a.png").write_bytes(png(0, b"\0\x5a\x40", *chunks, width=2))
    assert read(tmp_path / "a.png")[..., 0].tolist() == [[255], [64]]


def test_a_cut_out_that_its_own_note_turns_is_laid_on_white_too(tmp_path: Path) -> None:
    exif = (b"eXIf", QUARTER_TURN)  # PNG, third edition, 11.3.4.5
    row = b"\0" + b"\x40\x40\x40\xff" + b"\x40\x40\x40\0" + b"\x40\x40\x40\x80"
    (tmp_path / "a.png").write_bytes(png(6, row, exif, width=3))
    assert read(tmp_path / "a.png")[..., 0].tolist() == [[64], [255], [159]]


def test_the_fourth_byte_of_a_bitmap_means_nothing(tmp_path: Path, cut_out: Pixels) -> None:
    cv2.imwrite(str(tmp_path / "a.bmp"), cut_out)
    assert read(tmp_path / "a.bmp")[0, -1].tolist() == list(HIDDEN)


def test_an_opaque_picture_is_as_it_was(tmp_path: Path, red: Pixels) -> None:
    opaque = np.dstack((red, np.full((HEIGHT, WIDTH), 255, np.uint8)))
    cv2.imwrite(str(tmp_path / "a.png"), opaque)
    assert (read(tmp_path / "a.png") == red).all()
