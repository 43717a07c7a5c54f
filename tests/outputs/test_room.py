"""Whether a file that a library writes can still grow."""

import os
from pathlib import Path

import pytest

from camera_app.outputs.room import (
    BUFFERED_BYTES,
    FAT_BYTES,
    INDEX_BYTES,
    NO_MORE,
    RESERVED_BYTES,
    Room,
    file_system_of,
)

VGA = 640 * 480


def room(path: Path, file_system: str = "ext4", free: int = RESERVED_BYTES) -> Room:
    path.touch()
    return Room(path, free_bytes=lambda _: free, file_system=lambda _: file_system)


def test_a_file_that_grows_as_slowly_as_ffmpeg_lets_it_goes_on(tmp_path: Path) -> None:
    """425 bytes for each black picture, and 256 KB at a time, were measured."""
    path = tmp_path / "out.mp4"
    watched = room(path)
    for written in range(0, 10_000, 30):
        os.truncate(path, written * 425 // BUFFERED_BYTES * BUFFERED_BYTES)
        assert watched.complaint(written, VGA) is None


def test_a_file_that_has_stopped_growing_takes_no_more(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    watched = room(path)
    os.truncate(path, BUFFERED_BYTES)
    complaints = [watched.complaint(written, VGA) for written in range(300, 3000, 30)]
    assert complaints[0] is None
    assert complaints[-1] == NO_MORE


@pytest.mark.parametrize("file_system", ["vfat", "msdos"])
def test_a_file_on_fat_ends_with_room_for_its_index(tmp_path: Path, file_system: str) -> None:
    path = tmp_path / "out.mp4"
    watched = room(path, file_system)
    largest = FAT_BYTES - RESERVED_BYTES - INDEX_BYTES * 1000
    os.truncate(path, largest)  # nothing of it is on the disk
    assert watched.complaint(1000, VGA) is None
    os.truncate(path, largest + 1)
    assert "no files larger than 4 GB" in str(watched.complaint(1000, VGA))


def test_other_file_systems_have_larger_files(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    watched = room(path)
    os.truncate(path, 2 * FAT_BYTES)
    assert watched.complaint(1000, VGA) is None


def test_the_file_system_is_that_of_the_device(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    device = tmp_path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    mounts.write_text(
        "22 1 254:999 / / rw shared:1 - ext4 /dev/root rw\n"
        f"36 22 {number} / /media/a\\040stick rw,nosuid shared:2 master:3 - vfat /dev/sda1 rw\n"
    )
    assert file_system_of(tmp_path, mounts) == "vfat"
    assert file_system_of(tmp_path, tmp_path / "no such file") == ""
    assert file_system_of(tmp_path / "pulled", mounts) == ""
