"""A file is there as a whole or as it was."""

import gc
from pathlib import Path
from typing import BinaryIO

import numpy as np
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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_zip_file_on_a_full_disk_complains_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", complaints.append)
    (tmp_path / "checkpoint.npz.partial").symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "checkpoint.npz", lambda file: np.savez(file, v0=np.zeros(30_000)))
    gc.collect()

    assert not complaints
    assert not list(tmp_path.iterdir())
