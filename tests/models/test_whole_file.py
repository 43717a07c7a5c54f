"""A file is there as a whole or as it was."""

from pathlib import Path
from typing import BinaryIO

import pytest

from models.whole_file import write_whole


def test_the_new_file_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_bytes(b"old")

    def fill(file: BinaryIO) -> None:
        file.write(b"new")
        assert path.read_bytes() == b"old"

    write_whole(path, fill)

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_fail_half_way(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_bytes(b"old")

    def fill(file: BinaryIO) -> None:
        file.write(b"ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_whole(path, fill)

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
