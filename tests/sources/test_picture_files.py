"""Pictures are known by their names, and put in an order that does not change."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_app.sources.picture_files import is_picture, natural_order


@given(st.lists(st.text(max_size=8), unique=True))
def test_the_order_does_not_depend_on_how_the_folder_is_listed(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(names, key=natural_order) == sorted(backwards, key=natural_order)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.jpg", True), ("a.JPG", True), ("a.mp4", False), ("jpg", False), ("._a.jpg", False)],
)
def test_pictures_are_known_by_their_names(name: str, expected: bool) -> None:
    assert is_picture(Path(name)) is expected
