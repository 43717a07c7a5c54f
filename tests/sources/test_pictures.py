import os
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.errors import FrameError, SourceError
from camera_app.inference.preprocess import crop_resize
from camera_app.sources.pictures import PicturesReader
from camera_app.sources.recorded import RecordedSource

from .conftest import (
    HEIGHT,
    PATIENCE,
    QUARTER_TURN,
    WIDTH,
    Pixels,
    is_red,
    numbered,
    with_exif,
    with_segment,
)


def read_all(path: Path) -> tuple[list[str | None], list[Pixels]]:
    source = RecordedSource(PicturesReader(path))
    source.start()
    names, frames = [], []
    while (frame := source.next_frame(PATIENCE)) is not None:
        names.append(frame.name)
        frames.append(frame.pixels)
    return names, frames


@pytest.mark.parametrize(
    "suffix", [".jpg", ".JPEG", ".jpe", ".png", ".bmp", ".webp", ".tif", ".tiff", ".jp2", ".ppm"]
)
def test_a_red_picture_is_red(tmp_path: Path, red: Pixels, suffix: str) -> None:
    path = tmp_path / f"red{suffix}"
    cv2.imwrite(str(path), red)
    names, frames = read_all(path)
    assert names == [path.name]
    assert frames[0].shape == (HEIGHT, WIDTH, 3)
    assert is_red(frames[0])


@pytest.mark.parametrize("kind", ["16 bit", "alpha", "16 bit alpha"])
def test_depth_and_alpha_are_taken_off(tmp_path: Path, red: Pixels, kind: str) -> None:
    picture = red.astype(np.uint16) * 257 if "16 bit" in kind else red
    if "alpha" in kind:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA).astype(picture.dtype)
    path = tmp_path / "red.png"
    cv2.imwrite(str(path), picture)
    _, frames = read_all(path)
    assert frames[0].shape == (HEIGHT, WIDTH, 3)
    assert is_red(frames[0])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_grey_picture_gets_three_channels(tmp_path: Path, dtype: type) -> None:
    level = np.iinfo(dtype).max // 2
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((HEIGHT, WIDTH), level, dtype))
    _, frames = read_all(tmp_path / "grey.png")
    assert frames[0].shape == (HEIGHT, WIDTH, 3)
    assert set(np.unique(frames[0])) <= {127, 128}


def turned(jpeg: bytes) -> bytes:
    return with_segment(jpeg, b"Exif\0\0" + QUARTER_TURN)


def test_a_picture_is_turned_as_its_camera_noted(tmp_path: Path, red: Pixels) -> None:
    (tmp_path / "phone.jpg").write_bytes(turned(cv2.imencode(".jpg", red)[1].tobytes()))
    _, frames = read_all(tmp_path / "phone.jpg")
    assert frames[0].shape == (WIDTH, HEIGHT, 3)


def test_also_in_a_webp_file(tmp_path: Path, red: Pixels) -> None:
    webp = cv2.imencode(".webp", red)[1].tobytes()
    (tmp_path / "phone.webp").write_bytes(with_exif(webp, QUARTER_TURN))
    _, frames = read_all(tmp_path / "phone.webp")
    assert frames[0].shape == (WIDTH, HEIGHT, 3)
    assert is_red(frames[0])


def test_also_in_a_png_file_where_the_note_may_stand_behind_the_pixels(
    tmp_path: Path, red: Pixels
) -> None:
    png = cv2.imencode(".png", red)[1].tobytes()
    chunk = b"eXIf" + QUARTER_TURN
    exif = struct.pack(">I", len(QUARTER_TURN)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    end = png.index(b"IEND") - 4
    (tmp_path / "phone.png").write_bytes(png[:end] + exif + png[end:])
    _, frames = read_all(tmp_path / "phone.png")
    assert frames[0].shape == (WIDTH, HEIGHT, 3)
    assert is_red(frames[0])


@pytest.mark.parametrize(
    ("square", "side"), [(None, 800), (401, 800), (400, 400), (192, 200), (100, 100), (32, 100)]
)
def test_a_large_picture_is_decoded_no_larger_than_it_must_be(
    tmp_path: Path, square: int | None, side: int
) -> None:
    texture = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    picture = cv2.resize(texture, (1000, 800), interpolation=cv2.INTER_CUBIC)
    for name in ("a.jpg", "b.png"):
        cv2.imwrite(str(tmp_path / name), picture)
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "c.jpg").write_bytes(turned(data))
    reader = PicturesReader(tmp_path, square)
    reader.open()
    flat, png, upright = (found[0] for _ in range(3) if (found := reader.read()) is not None)

    assert flat.shape == (side, side * 5 // 4, 3)
    assert png.shape == (800, 1000, 3)
    assert upright.shape == (side * 5 // 4, side, 3)
    difference = crop_resize(flat, 32).astype(int) - crop_resize(png, 32).astype(int)
    assert np.abs(difference).mean() <= 3


def test_a_folder_is_read_in_the_order_a_person_would_put_it(tmp_path: Path) -> None:
    for name in ("b10.png", "b9.png", "A1.png", "b09.png", "c.bmp"):
        cv2.imwrite(str(tmp_path / name), numbered(1))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "._b9.png").write_text("what other systems leave behind")
    (tmp_path / "folder.d").mkdir()
    names, _ = read_all(tmp_path)
    assert names == ["A1.png", "b09.png", "b9.png", "b10.png", "c.bmp"]


def test_unreadable_pictures_are_skipped_counted_and_said(
    tmp_path: Path, red: Pixels, caplog: pytest.LogCaptureFixture
) -> None:
    jpeg = cv2.imencode(".jpg", red)[1].tobytes()
    (tmp_path / "1.jpg").write_bytes(jpeg)
    (tmp_path / "2 cut.jpg").write_bytes(jpeg[: len(jpeg) * 2 // 3])
    (tmp_path / "3 empty.jpg").write_bytes(b"")
    (tmp_path / "4 text.jpg").write_text("hello")
    (tmp_path / "5 folder.jpg").mkdir()
    (tmp_path / "6.jpg").write_bytes(jpeg)
    (tmp_path / "7 cut.png").write_bytes(cv2.imencode(".png", red)[1].tobytes()[:-20])
    source = RecordedSource(PicturesReader(tmp_path))
    source.start()
    frames = [source.next_frame(PATIENCE), source.next_frame(PATIENCE)]
    assert source.next_frame(PATIENCE) is None
    assert [frame and (frame.name, frame.index) for frame in frames] == [("1.jpg", 0), ("6.jpg", 5)]
    assert source.skipped == 5
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 5
    for words in ("2 cut.jpg is cut short", "3 empty.jpg is not", "4 text.jpg is not"):
        assert words in caplog.text
    for words in ("5 folder.jpg cannot be read", "7 cut.png is cut short"):
        assert words in caplog.text


def test_a_jpeg_with_something_after_its_end_is_whole(tmp_path: Path, red: Pixels) -> None:
    jpeg = cv2.imencode(".jpg", red)[1].tobytes()
    (tmp_path / "motion.jpg").write_bytes(jpeg + b"a phone's short film \xff\xda")
    _, frames = read_all(tmp_path / "motion.jpg")
    assert is_red(frames[0])


def test_the_end_of_a_thumbnail_is_not_the_end(tmp_path: Path, red: Pixels) -> None:
    jpeg = cv2.imencode(".jpg", red)[1].tobytes()
    (tmp_path / "cut.jpg").write_bytes(with_segment(jpeg, jpeg)[:-20])
    reader = PicturesReader(tmp_path / "cut.jpg")
    reader.open()
    with pytest.raises(FrameError, match=r"cut\.jpg is cut short"):
        reader.read()


@given(st.binary(max_size=64))
def test_any_bytes_are_a_picture_or_a_frame_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jpg"
    path.write_bytes(b"\xff\xd8" + data)
    reader = PicturesReader(path)
    reader.open()
    with pytest.raises(FrameError, match=r"any\.jpg is"):
        reader.read()


def test_one_picture_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    source = RecordedSource(PicturesReader(tmp_path / "text.png"))
    with pytest.raises(SourceError, match=r"text\.png holds no picture that can be read"):
        source.start()


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(SourceError, match=r"there are no pictures in .*put some of \.jpg"):
        PicturesReader(tmp_path).open()


def test_what_phones_save_and_is_not_read_is_said_not_passed_over_in_silence(
    tmp_path: Path, red: Pixels, caplog: pytest.LogCaptureFixture
) -> None:
    cv2.imwrite(str(tmp_path / "1.jpg"), red)
    for name in ("2.HEIC", "3.heic", "4.avif", "._2.HEIC", "notes.txt"):
        (tmp_path / name).write_bytes(b"....ftyp")
    names, _ = read_all(tmp_path)
    assert names == ["1.jpg"]
    (message,) = caplog.messages
    assert message.startswith(f"in {tmp_path} are 3 pictures that are not read in a folder")
    assert message.endswith(", .avif .heic; save them as .jpg")


def test_a_folder_of_nothing_else_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(b"....ftyp")
    with pytest.raises(SourceError, match=r"are all \.heic, which are not read .*; save them as"):
        PicturesReader(tmp_path).open()


def test_a_missing_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no file .*gone\.png"):
        PicturesReader(tmp_path / "gone.png").open()


def test_the_folder_is_described(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        cv2.imwrite(str(tmp_path / name), numbered(1))
    reader = PicturesReader(tmp_path)
    reader.open()
    assert reader.describe() == f"2 pictures in {tmp_path}"


def test_one_picture_is_one(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), numbered(1))
    reader = PicturesReader(tmp_path)
    reader.open()
    assert reader.describe() == f"1 picture in {tmp_path}"


def refusal_of(path: Path) -> str:
    reader = PicturesReader(path)
    reader.open()
    with pytest.raises(FrameError) as caught:
        reader.read()
    return str(caught.value)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.jpg")
    assert refusal_of(tmp_path / "p.jpg") == f"{tmp_path / 'p.jpg'} cannot be read: it is a pipe"


def test_a_device_behind_a_link_is_not_read_without_end(tmp_path: Path) -> None:
    # Of /dev/zero, which is what this is about, a program without the check reads for ever.
    (tmp_path / "d.jpg").symlink_to("/dev/null")
    assert "d.jpg cannot be read: it is a device" in refusal_of(tmp_path / "d.jpg")


def test_a_file_too_large_for_a_picture_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "film.jpg").open("wb") as file:
        file.truncate(10**12)
    assert "film.jpg is larger than" in refusal_of(tmp_path / "film.jpg")


def test_a_file_that_the_memory_does_not_hold_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_bytes(_: Path) -> bytes:
        raise MemoryError

    (tmp_path / "scan.bmp").touch()
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert "scan.bmp does not fit into the memory; make it smaller" in refusal_of(
        tmp_path / "scan.bmp"
    )


@pytest.mark.parametrize("decoded", [0, 1])
def test_a_picture_that_the_memory_does_not_hold_once_decoded_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: int
) -> None:
    """For a cut-out the memory may do once, and not a second time for its opacity."""
    decode = cv2.imdecode
    error = cv2.error("Failed to allocate 324000000 bytes")
    error.code = cv2.Error.StsNoMem
    left = iter(range(decoded))

    def imdecode(data: Any, flags: int) -> Any:
        if next(left, None) is None:
            raise error
        return decode(data, flags)

    cv2.imwrite(str(tmp_path / "map.png"), np.zeros((8, 8, 4), np.uint8))
    monkeypatch.setattr(cv2, "imdecode", imdecode)
    assert "map.png does not fit into the memory; make it smaller" in refusal_of(
        tmp_path / "map.png"
    )


@pytest.mark.parametrize("step", ["lay_on_white", "turn_upright"])
def test_nor_is_one_that_there_is_no_memory_to_work_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def out_of_memory(*_: Any) -> Any:
        raise MemoryError

    cv2.imwrite(str(tmp_path / "map.png"), np.zeros((8, 8, 4), np.uint8))
    monkeypatch.setattr(f"camera_app.sources.pictures.{step}", out_of_memory)
    assert "map.png does not fit into the memory" in refusal_of(tmp_path / "map.png")


def test_what_opencv_thinks_of_a_picture_is_not_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    webp = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02" + bytes(9)  # the flag of an animation
    (tmp_path / "a.webp").write_bytes(b"RIFF" + struct.pack("<I", len(webp)) + webp)
    assert "a.webp is not a picture, or is damaged, or of a kind" in refusal_of(tmp_path / "a.webp")
    assert capfd.readouterr().err == ""
