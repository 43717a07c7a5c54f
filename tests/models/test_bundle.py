"""A bundle is written whole or not at all, and nobody else's folder is touched."""

import errno
from pathlib import Path

import pytest
import yaml

from camera_app.errors import ModelError, OutputError
from models.bundle import add_scores, new_bundle, read_description, write_description


def write(folder: Path, content: str) -> None:
    with new_bundle(folder) as built:
        (built / "model.tflite").write_text(content)
        write_description(built, {"name": folder.name, "labels": ["a", "ü"], "scores": {"old": 1}})


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_bundle_appears_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "mine"
    with new_bundle(folder) as built:
        (built / "model.tflite").write_text("1")
        assert not folder.exists()

    assert files(folder) == ["model.tflite"]
    assert files(tmp_path / "models") == ["mine"]


def test_a_bundle_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path / "mine", "old")
    (tmp_path / "mine" / "left-over").touch()

    write(tmp_path / "mine", "new")

    assert (tmp_path / "mine" / "model.tflite").read_text() == "new"
    assert files(tmp_path / "mine") == ["model.tflite", "model.yaml"]
    assert files(tmp_path) == ["mine"]


def test_a_failure_leaves_the_old_bundle(tmp_path: Path) -> None:
    write(tmp_path / "mine", "old")

    def fail_half_way() -> None:
        with new_bundle(tmp_path / "mine") as built:
            (built / "model.tflite").write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()

    assert (tmp_path / "mine" / "model.tflite").read_text() == "old"
    assert files(tmp_path) == ["mine"]


def test_a_failure_of_the_last_move_leaves_the_old_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "mine", "old")
    rename = Path.rename

    def fail_for_the_new(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new)
    with pytest.raises(OutputError, match="cannot write the bundle"):
        write(tmp_path / "mine", "new")

    assert (tmp_path / "mine" / "model.tflite").read_text() == "old"
    assert files(tmp_path) == ["mine"]


def test_the_bundle_that_one_is_in_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "mine", "old")
    monkeypatch.chdir(tmp_path / "mine")

    with new_bundle(Path()) as built:
        assert built.parent.parent == tmp_path
        write_description(built, {"name": "new"})

    assert files(tmp_path) == ["mine"]
    assert read_description(tmp_path / "mine") == {"name": "new"}


@pytest.mark.parametrize("content", [b"\xff", b"a: [", b"a: !!bool x", b"- 1"])
def test_fail_description_that_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.yaml").write_bytes(content)

    with pytest.raises(ModelError, match=r"model\.yaml"):
        read_description(tmp_path)


def test_fail_folder_that_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()

    with pytest.raises(OutputError, match="not a model bundle"):
        write(tmp_path / "photos", "new")

    assert files(tmp_path / "photos") == ["cat.jpg"]


def test_fail_parent_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot write the bundle"):
        write(tmp_path / "file" / "mine", "new")


def test_fail_name_that_no_disk_takes(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write the bundle .*too long"):
        write(tmp_path / ("x" * 300), "new")


def test_description_keeps_its_order_and_letters(tmp_path: Path) -> None:
    write(tmp_path / "mine", "1")

    text = (tmp_path / "mine" / "model.yaml").read_text(encoding="utf-8")
    assert text.index("name") < text.index("labels") < text.index("scores")
    assert "ü" in text


def test_scores_are_added_to_those_there(tmp_path: Path) -> None:
    write(tmp_path / "mine", "1")

    add_scores(tmp_path / "mine", {"top1_test": 0.9, "old": 2})

    description = yaml.safe_load((tmp_path / "mine" / "model.yaml").read_text(encoding="utf-8"))
    assert description["scores"] == {"old": 2, "top1_test": 0.9}
    assert description["name"] == "mine"
    assert files(tmp_path / "mine") == ["model.tflite", "model.yaml"]
