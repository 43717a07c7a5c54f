"""A file belongs to one process."""

import errno
import fcntl
from pathlib import Path

import pytest

from camera_app.file_lock import claim


def test_a_file_is_claimed_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("w") as first, path.open("w") as second:
        assert claim(first)
        assert not claim(second.fileno())
        first.close()
        assert claim(second)


def test_a_file_system_without_locks_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with (tmp_path / "file").open("w") as file:
        assert claim(file)
