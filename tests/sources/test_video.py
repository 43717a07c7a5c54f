import itertools
import os
import re
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import pytest

from camera_app.errors import FrameError, SourceError
from camera_app.sources.ahead import PICTURES_AHEAD
from camera_app.sources.opencv import open_capture
from camera_app.sources.recorded import RecordedSource
from camera_app.sources.video import VideoReader

from .conftest import HEIGHT, PATIENCE, WIDTH, Pixels, is_red, number_of, numbered
from .matroska import write_matroska

MakeVideo = Callable[..., Path]


def read_all(path: Path) -> list[Pixels]:
    source = RecordedSource(VideoReader(path))
    source.start()
    frames: list[Pixels] = []
    while (frame := source.next_frame(PATIENCE)) is not None:
        assert frame.index == len(frames)
        assert frame.name is None
        frames.append(frame.pixels)
    return frames


@pytest.mark.parametrize(("name", "codec"), [("v.mp4", "mp4v"), ("v.avi", "MJPG")])
def test_a_red_video_is_red(make_video: MakeVideo, red: Pixels, name: str, codec: str) -> None:
    frames = read_all(make_video(name, [red] * 3, codec))
    assert len(frames) == 3
    assert all(frame.shape == (HEIGHT, WIDTH, 3) and is_red(frame) for frame in frames)


def test_every_frame_in_order_and_the_same_each_time(make_video: MakeVideo) -> None:
    path = make_video("v.mp4", [numbered(n) for n in range(20)])
    first, second = read_all(path), read_all(path)
    assert [number_of(frame) for frame in first] == list(range(20))
    assert [frame.tobytes() for frame in first] == [frame.tobytes() for frame in second]


def test_size_and_rate_are_described(make_video: MakeVideo, red: Pixels) -> None:
    path = make_video("v.mp4", [red] * 3)
    reader = VideoReader(path)
    assert reader.describe() == f"video {path}"
    reader.open()
    assert reader.describe() == f"video {path}, 160x120 at 10 fps"
    assert reader.frames_per_second == pytest.approx(10.0)
    reader.close()
    reader.close()


def test_one_frame_alone_is_a_picture(make_video: MakeVideo, red: Pixels) -> None:
    path = make_video("v.mp4", [red])
    reader = VideoReader(path)
    reader.open()
    assert reader.frames_per_second is None
    assert reader.describe() == f"picture {path}, 160x120"
    reader.close()
    assert len(read_all(path)) == 1


def test_a_whole_video_ends_without_a_word(
    make_video: MakeVideo, red: Pixels, caplog: pytest.LogCaptureFixture
) -> None:
    read_all(make_video("v.avi", [red] * 30, "MJPG"))
    assert not caplog.records


def test_a_truncated_video_gives_what_it_has_and_a_warning(
    make_video: MakeVideo, red: Pixels, caplog: pytest.LogCaptureFixture
) -> None:
    path = make_video("v.avi", [red] * 30, "MJPG")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    frames = read_all(path)
    assert 5 < len(frames) < 25
    assert all(is_red(frame) for frame in frames)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    ends_at = (len(frames) - 1) / 10
    assert (
        f"v.avi is cut short or damaged: its pictures end at {ends_at:.1f} of 3.0 s" in caplog.text
    )


@pytest.mark.parametrize(
    ("damaged", "stretches"),
    [([14], 1), ([7, 20], 2), ([10, 11, 28], 2), (range(1, 249), 1), (range(248), 1)],
)
def test_behind_a_damaged_picture_the_film_goes_on(
    make_video: MakeVideo,
    red: Pixels,
    caplog: pytest.LogCaptureFixture,
    damaged: Sequence[int],
    stretches: int,
) -> None:
    path = make_video("v.avi", [red] * 250, "MJPG")
    content = bytearray(path.read_bytes())
    # The first is in the header, which says how the pictures' own are marked.
    starts = [found.start() + 8 for found in re.finditer(b"00dc", content)][1:251]
    for number in damaged:
        begin, end = starts[number], starts[number + 1] - 10
        content[begin:end] = bytes(end - begin)
    path.write_bytes(content)
    reader = VideoReader(path)
    reader.open()
    frames, complaints = [], []
    while True:
        try:
            got = reader.read()
        except FrameError as error:
            complaints.append(str(error))
            continue
        if got is None:
            break
        frames.append(got[0])
    reader.close()
    assert len(frames) == 250 - len(damaged)
    assert all(is_red(frame) for frame in frames)
    assert len(complaints) == stretches
    assert all("v.avi is damaged after" in complaint for complaint in complaints)
    assert not caplog.records


@pytest.mark.parametrize("step", [(33, 34, 33), (33, 33, 67, 100), (16, 33, 34, 50, 66, 21, 37)])
def test_pictures_have_their_place_where_the_container_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, step: tuple[int, ...]
) -> None:
    """Of pictures that come unevenly, rate and number are guesses of FFmpeg's."""
    path = tmp_path / "uneven.mkv"
    times = list(itertools.accumulate(itertools.islice(itertools.cycle(step), 59), initial=0))
    write_matroska(path, [numbered(n % 20) for n in range(60)], times)
    source = RecordedSource(VideoReader(path))
    source.start()
    assert source.frames_per_second is not None
    assert source.frames_per_second <= 60
    places = []
    while (frame := source.next_frame(PATIENCE)) is not None:
        places.append(frame.film_seconds)
    assert places == pytest.approx([at / 1000 for at in times])
    assert not caplog.records


def test_an_uneven_video_that_is_cut_short_says_where_it_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "cut.mkv"
    times = list(itertools.accumulate([16, 33, 50, 66] * 15, initial=0))
    write_matroska(path, [numbered(n % 20) for n in range(61)], times)
    os.truncate(path, path.stat().st_size // 2)
    frames = read_all(path)
    assert 20 < len(frames) < 40
    ends_at = times[len(frames) - 1] / 1000
    assert f"its pictures end at {ends_at:.1f} of 2.5 s" in caplog.text


@pytest.mark.parametrize("start", [1000, 100_000])
def test_a_film_whose_times_do_not_begin_at_0_is_not_called_cut_short(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, start: int
) -> None:
    """Such is a piece of a longer recording, and what some recorders of streams write."""
    times = range(start, start + 6000, 100)
    write_matroska(tmp_path / "piece.mkv", [numbered(n % 20) for n in range(60)], times)
    assert len(read_all(tmp_path / "piece.mkv")) == 60
    assert not caplog.records


def test_such_a_film_that_is_cut_short_says_how_long_it_would_be(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "piece.mkv"
    times = range(100_000, 106_000, 100)
    write_matroska(path, [numbered(n % 20) for n in range(60)], times)
    os.truncate(path, path.stat().st_size // 2)
    ends_at = (len(read_all(path)) - 1) / 10
    assert f"its pictures end at {ends_at:.1f} of 5.9 s" in caplog.text


def test_a_film_trimmed_without_encoding_it_anew_is_not_called_cut_short(
    make_video: MakeVideo, red: Pixels, caplog: pytest.LogCaptureFixture
) -> None:
    """All its pictures are still in the file, and an edit says from which on they are shown."""
    path = make_video("v.mp4", [red] * 30)
    content = path.read_bytes()
    assert len(read_all(path)) == 30

    def edited(name: bytes, content: bytes, at: int, value: int) -> bytes:
        place = content.index(name) + 4 + at
        return content[:place] + struct.pack(">I", value) + content[place + 4 :]

    content = edited(b"tkhd", content, 20, 1000)  # of 1000 a second
    content = edited(b"elst", content, 8, 1000)
    scale = struct.unpack_from(">I", content, content.index(b"mdhd") + 4 + 12)[0]
    path.write_bytes(edited(b"elst", content, 12, 2 * scale))
    assert len(read_all(path)) == 10
    assert not caplog.records


@pytest.mark.parametrize("stated", [0.0, float("nan"), -1e18])
def test_where_the_container_says_no_time_its_rate_does(
    make_video: MakeVideo, red: Pixels, monkeypatch: pytest.MonkeyPatch, stated: float
) -> None:
    class Timeless:
        def __init__(self, *options: Any) -> None:
            self._capture = open_capture(*options)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._capture, name)

        def get(self, prop: int) -> float:
            return stated if prop == cv2.CAP_PROP_POS_MSEC else self._capture.get(prop)

    monkeypatch.setattr("camera_app.sources.video.open_capture", Timeless)
    reader = VideoReader(make_video("v.avi", [red] * 4))
    reader.open()
    places = []
    for _ in range(4):
        reader.read()
        places.append(reader.position_seconds)
    assert places == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_a_video_cut_off_before_its_index_is_refused(make_video: MakeVideo, red: Pixels) -> None:
    path = make_video("v.mp4", [red] * 30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError, match=r"v\.mp4 is not a video, or is cut short"):
        VideoReader(path).open()


@pytest.mark.parametrize("name", ["notes.mp4", "notes.txt", "notes"])
def test_text_is_not_a_video(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("hello world\n" * 500)
    with pytest.raises(SourceError, match="is not a video"):
        VideoReader(path).open()


def test_a_phones_photograph_is_not_called_a_film(tmp_path: Path) -> None:
    path = tmp_path / "IMG_1.HEIC"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
    with pytest.raises(SourceError, match=r"a picture of a kind that is not read here.* as \.jpg$"):
        VideoReader(path).open()


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    with pytest.raises(SourceError, match=r"empty\.mp4 is empty; record or copy"):
        VideoReader(path).open()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no file .*gone\.mp4; check the path"):
        VideoReader(tmp_path / "gone.mp4").open()


def test_a_folder_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Is a directory"):
        VideoReader(tmp_path).open()


def test_reading_before_opening_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not open"):
        VideoReader(tmp_path / "v.mp4").read()


@pytest.mark.parametrize("name", ["2026-11-24T20:38:05.mp4", "http:x.mp4", "|x %d ü.mp4", "-x.mp4"])
def test_a_name_is_a_path_whatever_is_in_it(
    make_video: MakeVideo, red: Pixels, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = make_video("v.mp4", [red] * 3)
    path.rename(path.with_name(name))
    monkeypatch.chdir(path.parent)
    assert len(read_all(Path(name))) == 3


def test_a_name_that_is_not_utf_8_is_refused(make_video: MakeVideo, red: Pixels) -> None:
    path = make_video("v.mp4", [red] * 3)
    odd = path.rename(path.with_name("caf\udce9.mp4"))
    with pytest.raises(SourceError, match="is not UTF-8; rename it"):
        VideoReader(odd).open()


@pytest.mark.parametrize(("pictures", "way_out"), [(5, r"convert it to H\.264"), (1, "as .jpg")])
def test_a_video_of_which_nothing_can_be_decoded_says_so_in_one_sentence(
    make_video: MakeVideo,
    red: Pixels,
    caplog: pytest.LogCaptureFixture,
    pictures: int,
    way_out: str,
) -> None:
    path = make_video("v.mkv", [red] * pictures)
    first_cluster = path.read_bytes().index(b"\x1f\x43\xb6\x75")  # Matroska's mark of one
    os.truncate(path, first_cluster + 20)
    source = RecordedSource(VideoReader(path))
    with pytest.raises(SourceError, match=rf"could be decoded: .*codec .* {way_out}$"):
        source.start()
    assert not caplog.records


def test_a_film_is_decoded_into_the_same_few_places(make_video: MakeVideo) -> None:
    source = RecordedSource(VideoReader(make_video("v.mp4", [numbered(n % 8) for n in range(30)])))
    source.start()

    places = []
    while (frame := source.next_frame(PATIENCE)) is not None:
        places.append(frame.pixels.__array_interface__["data"][0])

    # The first lies where OpenCV put it, for its size was not known. Of the others three are read
    # ahead, one is looked at here, and one may be under way between the two.
    assert len(set(places[1:])) <= PICTURES_AHEAD + 2
