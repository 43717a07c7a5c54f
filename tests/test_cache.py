"""A file of the cache is whole, or as it was."""

from pathlib import Path

import pytest

from camera_app.cache import cache_file, write_cached


def test_it_lies_where_the_user_keeps_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_file("a.json") == tmp_path / "camera-app" / "a.json"


def test_it_is_written_over_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.json"
    for text in ("one", "two"):
        write_cached(file, text)
        assert file.read_text("utf-8") == text
    assert list(file.parent.iterdir()) == [file]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.mkdir()
    with pytest.raises(OSError, match=r"a\.json"):
        write_cached(file, "text")
    assert list(tmp_path.iterdir()) == [file]
