"""Photographs go through the whole program, and what it logs of them is counted."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from camera_app.frame import UNKNOWN
from camera_app.sources.scenes import SCENES
from models.photographs.__main__ import Answers, as_text, count, main


def frame(label: str, likeliest: str) -> dict[str, Any]:
    return {"event": "frame", "label": label, "top": [[likeliest, 0.5], ["x", 0.1]]}


def test_answers_are_counted() -> None:
    log: list[dict[str, Any]] = [{"event": "start"}]
    log += [frame(label, "cat") for label in ("cat", "cat", "dog", UNKNOWN)]

    assert count("cat", log) == Answers(pictures=4, right=2, unknown=1, wrong=1, likeliest=4)
    assert count(UNKNOWN, log) == Answers(pictures=4, right=1, unknown=1, wrong=3, likeliest=0)
    assert count("cat", []) == Answers(0, 0, 0, 0, 0)


def test_the_table_adds_up_what_is_known() -> None:
    table = as_text(
        {
            "cat": Answers(4, 2, 1, 1, 3),
            "dog": Answers(4, 4, 0, 0, 4),
            UNKNOWN: Answers(2, 1, 1, 1, 0),
        }
    )

    lines = {line[:16].strip(): line[16:].split() for line in table.splitlines()}
    assert lines["cat"] == ["4", "50.0%", "25.0%", "25.0%", "75.0%"]
    assert lines["all but unknown"] == ["8", "75.0%", "12.5%", "12.5%", "87.5%"]
    assert lines["unknown"] == ["2", "50.0%", "50.0%", "50.0%"]


def test_photographs_through_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = next(scene for scene in SCENES if scene.label == "ship")
    for label, picture in (("ship", scene.draw(640, 480, 0.5)), (UNKNOWN, np.zeros((90, 90, 3)))):
        (tmp_path / label).mkdir()
        cv2.imwrite(str(tmp_path / label / "one.png"), picture)

    assert main([str(tmp_path)]) == 0

    lines = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()[1:]}
    assert lines["ship"][:2] == ["1", "100.0%"]
    assert lines[UNKNOWN][0] == "1"


def test_what_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for label in ("bird", "cat", "ship"):
        (tmp_path / label).mkdir()
    cv2.imwrite(str(tmp_path / "ship" / "good.png"), np.zeros((90, 90, 3)))
    for name in ("empty.png", "one.heic", "two.heic"):
        (tmp_path / "ship" / name).touch()
    (tmp_path / "bird" / "empty.png").touch()

    assert main([str(tmp_path)]) == 0

    said = capsys.readouterr()
    pictures = {line.split()[0]: line.split()[1] for line in said.out.splitlines()[1:4]}
    assert pictures == {"bird": "0", "cat": "0", "ship": "1"}
    assert f"skipped: {tmp_path / 'ship' / 'empty.png'} is not a picture" in said.err
    assert f"left out 2 in {tmp_path / 'ship'} " in said.err
    assert "(.heic)" in said.err
    assert f"{tmp_path / 'bird'} holds no picture that can be read" in said.err
    assert f"there are no pictures in {tmp_path / 'cat'}" in said.err


def test_fail_folder_that_is_no_label(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "zebra").mkdir()

    assert main([str(tmp_path)]) == 1

    assert "named like no label of fastnet-cifar10" in capsys.readouterr().err


def test_fail_no_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1

    assert "holds no folders of photographs" in capsys.readouterr().err


def test_fail_no_picture_in_any_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ship").mkdir()

    assert main([str(tmp_path)]) == 1

    assert "holds a picture that can be read" in capsys.readouterr().err
