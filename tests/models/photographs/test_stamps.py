"""Cut-out photographs are laid on grounds, a folder a label."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_app.frame import UNKNOWN
from models.photographs.stamps import OTHER_FOLDERS, SIDE, STAMPS, main

RED = (0, 0, 255, 255)


@pytest.fixture
def stamps(tmp_path: Path) -> Path:
    """Red rectangles under the names of the package's stamps, with a wide clear border."""
    stamp = np.zeros((60, 90, 4), np.uint8)
    stamp[20:40, 30:70] = RED
    others = [f"{folder}/thing-{number}" for folder in OTHER_FOLDERS for number in range(3)]
    for name in (*(name for names in STAMPS.values() for name in names), *others):
        file = tmp_path / "stamps" / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(file), stamp)
    return tmp_path / "stamps"


def test_every_stamp_becomes_two_pictures_of_its_label(stamps: Path, tmp_path: Path) -> None:
    assert main([str(tmp_path / "out"), "--stamps", str(stamps)]) == 0

    found = {folder.name: len(list(folder.iterdir())) for folder in (tmp_path / "out").iterdir()}
    assert found == {label: 2 * len(names) for label, names in STAMPS.items()} | {UNKNOWN: 24}


def test_the_thing_fills_the_middle_and_the_ground_the_rest(stamps: Path, tmp_path: Path) -> None:
    main([str(tmp_path / "out"), "--stamps", str(stamps)])

    for file in (tmp_path / "out/cat").iterdir():
        picture = cv2.imread(str(file))
        assert picture.shape == (SIDE, SIDE, 3)
        red = (np.abs(picture.astype(int) - RED[:3]).max(axis=2) < 30).mean()
        assert 0.86**2 / 2 * 0.9 < red < 0.86**2 / 2 * 1.1
        assert np.ptp(picture[:10, :10].astype(int)) < 150


def test_fail_no_stamps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "out"), "--stamps", str(tmp_path)]) == 1

    assert "apt install tuxpaint-stamps-default" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_fail_folder_that_exists(
    stamps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--stamps", str(stamps)]) == 1

    assert "cannot make" in capsys.readouterr().err


def test_fail_damaged_stamp(
    stamps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stamps / "animals/amphibians/frog.png").write_bytes(b"no picture")

    assert main([str(tmp_path / "out"), "--stamps", str(stamps)]) == 1

    assert "frog.png is not the cut-out photograph" in capsys.readouterr().err
