"""How long a film says it is: in what is written here by hand, and in anything."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.sources.film_length import stated_seconds

from .conftest import numbered
from .matroska import write_matroska


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), name) + body


def track(kind: bytes, ticks: int, long: bool) -> bytes:
    header = struct.pack(">B27xQ" if long else ">B19xI", long, ticks) + bytes(48)
    return box(b"trak", box(b"tkhd", header), box(b"mdia", box(b"hdlr", bytes(8) + kind)))


def mp4(*tracks: bytes, long: bool = False) -> bytes:
    header = struct.pack(">B19xI" if long else ">B11xI", long, 600) + bytes(20)
    return box(b"moov", box(b"mvhd", header), *tracks)


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize(
    "before",
    [b"", box(b"ftyp", b"isom"), struct.pack(">I4sQ", 1, b"mdat", 16 + 5) + b"film!"],
)
def test_an_mp4_is_as_long_as_its_track_of_pictures(
    tmp_path: Path, before: bytes, long: bool
) -> None:
    tracks = track(b"soun", 6000, long), track(b"vide", 1050, long), track(b"vide", 300, long)
    (tmp_path / "a.mp4").write_bytes(before + mp4(*tracks, long=long))
    assert stated_seconds(tmp_path / "a.mp4") == 1.75


def test_where_the_writer_did_not_know_yet_there_is_no_length(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(mp4(track(b"vide", 0, long=False)))
    assert stated_seconds(tmp_path / "a.mp4") is None


@pytest.mark.parametrize("start", [0, 100_000])
def test_a_matroska_film_is_as_long_as_from_its_first_picture(tmp_path: Path, start: int) -> None:
    path = tmp_path / "a.mkv"
    write_matroska(path, [numbered(1)] * 3, [start, start + 100, start + 200])
    assert stated_seconds(path) == pytest.approx(0.233)


def test_another_container_does_not_say(tmp_path: Path) -> None:
    (tmp_path / "a.avi").write_bytes(b"RIFF" + bytes(2000))
    assert stated_seconds(tmp_path / "a.avi") is None
    assert stated_seconds(tmp_path / "gone.mp4") is None


@given(st.binary(max_size=200), st.sampled_from([0, 40, 120, 200]), st.booleans())
def test_of_any_bytes_it_makes_a_length_or_none(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, kept: int, matroska: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    if matroska:
        write_matroska(path, [numbered(1)], [5])
        whole = path.read_bytes()
    else:
        whole = mp4(track(b"vide", 1050, long=False))
    path.write_bytes(whole[:kept] + data)
    seconds = stated_seconds(path)
    assert seconds is None or seconds > 0


@pytest.mark.parametrize("size", [2**63, 2**64 - 1])
def test_a_size_that_no_file_has_is_no_error(tmp_path: Path, size: int) -> None:
    (tmp_path / "a.mp4").write_bytes(struct.pack(">I4sQ", 1, b"mdat", size))
    assert stated_seconds(tmp_path / "a.mp4") is None
