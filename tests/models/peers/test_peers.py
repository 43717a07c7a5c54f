"""The command: files for whom they are needed, rows in a page and a CSV, mistakes in a sentence."""

import csv
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import models.peers.__main__ as command
from camera_app.inference.preprocess import crop_resize
from models.data import LabelledPictures
from models.peers import prepare as preparing
from models.peers.__main__ import main
from models.peers.registry import PEERS
from models.peers.turns import measure
from models.peers.work import FILM, NCNN_PARAM, ONNX_FLOAT, ONNX_INT8, RESNET8, Work
from tests.models.conftest import MakePictures
from tests.models.peers.conftest import FakePeer, block

Asked = list[tuple[str, Work]]


@pytest.fixture
def asked(small_cifar: Path, make_pictures: MakePictures, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Peers that are started, all pretended; each needs twice the time of the one before."""
    started: Asked = []

    def fake_start(name: str, work: Work) -> FakePeer:
        started.append((name, work))
        ms = 2.0 ** len(started)
        return FakePeer([{"labels": [3] * 40}, *[block(ms, ms)] * 3])

    def split(_: LabelledPictures) -> tuple[LabelledPictures, LabelledPictures]:
        return make_pictures(60), make_pictures(40, seed=1)

    monkeypatch.setattr(command, "start", fake_start)
    monkeypatch.setattr(command, "split_held_out", split)
    monkeypatch.setattr(command, "load_dataset", lambda *_: None)
    del small_cifar
    return started


def read(folder: Path) -> list[dict[str, str]]:
    with (folder / "peers.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_peers_are_given_their_files_and_leave_a_page(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: dict[str, bool] = {}
    sizes: list[tuple[int, ...]] = []

    def look(*arguments: Any) -> Any:
        (folder,) = (path for path in out.iterdir() if path.is_dir())
        there.update({path.name: path.stat().st_size > 0 for path in folder.iterdir()})
        _, frame = cv2.VideoCapture(str(folder / FILM)).read()
        sizes.append(frame.shape)
        return measure(*arguments)

    monkeypatch.setattr(command, "measure", look)
    out = tmp_path / "new" / "out"

    wanted = ["--only", "ncnn-plain,program-ncnn", "--repeats", "3", "--frames", "4"]
    wanted += ["--size", "320", "240"]
    assert main([*wanted, "--out", str(out)]) == 0

    assert [name for name, _ in asked] == ["litert", "ncnn-plain", "program-litert", "program-ncnn"]
    assert there == dict.fromkeys(("pictures.npy", NCNN_PARAM, "float.ncnn.bin", FILM), True)
    assert all(work.frames == 4 for _, work in asked)
    rows = read(out)
    assert [float(row["ratio"]) for row in rows] == [1, 2, 1, 2]
    assert [row["same_labels"] for row in rows[:2]] == ["1.0", "1.0"]
    page = (out / "peers.md").read_text(encoding="utf-8")
    assert "3 rounds in turn" in page
    assert "on 40 held-out pictures" in page
    assert sizes == [(240, 320, 3)]
    assert "frames are of 320x240." in page
    # Nets and film are gone.
    assert sorted(path.name for path in out.iterdir()) == ["peers.csv", "peers.md"]


def test_what_is_not_installed_has_a_row_that_says_so(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("onnx", "onnxruntime"):
        monkeypatch.setitem(sys.modules, package, None)
    peers = ["onnxruntime-float", "onnxruntime-int8", "opencv-float", "ncnn-plain"]

    assert main(["--only", *peers, "--repeats", "1", "--out", str(tmp_path / "out")]) == 0

    assert [name for name, _ in asked] == ["litert", "ncnn-plain"]
    for row in read(tmp_path / "out")[1:4]:
        assert "pip install '.[peers]'" in row["remarks"]
        assert row["ms"] == ""


def test_what_cannot_be_made_has_a_row_that_says_why(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> None:
        raise ValueError("operation FOO is unknown\nand more")

    makers = {**preparing.MAKERS, ONNX_INT8: fails, ONNX_FLOAT: fails, RESNET8: fails}
    monkeypatch.setattr(preparing, "MAKERS", makers)

    wanted = ["--only", "resnet8", "opencv-int8", "--repeats", "1"]
    assert main([*wanted, "--out", str(tmp_path / "out")]) == 0

    assert [name for name, _ in asked] == ["litert"]
    remarks = {row["name"]: row["remarks"] for row in read(tmp_path / "out")}
    assert "int8.onnx cannot be made (operation FOO is unknown)" in remarks["opencv-int8"]
    assert "resnet8.int8.tflite cannot be made" in remarks["resnet8"]


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("wrong", "words", "status"),
    [
        (["--only", "caffe"], "there is no peer caffe; known are litert", 2),
        (["--repeats", "0"], "--repeats and --frames must be positive", 2),
        (["--frames", "-1"], "must be positive", 2),
        (["--size", "480", "640"], "--size 480 640: a width, not less than the height", 2),
        (["--size", "641", "480"], "both even", 2),
        (["--size", "5000", "480"], "from 32 to 4096", 2),
        (["--model", "nonesuch"], "no model 'nonesuch'", 2),
    ],
)
def test_fail_usage(
    wrong: list[str], words: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(wrong) == status

    assert words in capsys.readouterr().err


@pytest.mark.usefixtures("asked")
def test_fail_folder_that_cannot_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    assert main(["--only", "ncnn", "--out", str(tmp_path / "file" / "out")]) == 1

    assert "cannot write the comparison to" in capsys.readouterr().err


def test_a_frame_holds_the_picture_where_the_program_looks(make_pictures: MakePictures) -> None:
    picture = make_pictures(1).pictures[0]

    frame = preparing.as_frame(picture, 640, 480)

    assert frame.shape == (480, 640, 3)
    assert frame[:, 0].tolist() == [[128] * 3] * 480
    seen = crop_resize(frame, 32)
    assert np.abs(seen.astype(int) - picture).mean() < 10


def test_every_file_that_a_peer_needs_can_be_made_and_every_peer_opened() -> None:
    for peer in PEERS.values():
        assert set(peer.files) <= set(preparing.MAKERS)
        module, function = peer.opener.split(".")
        imported = __import__(f"models.peers.{module}", fromlist=[function])
        assert callable(getattr(imported, function))


@pytest.mark.usefixtures("asked")
def test_what_was_measured_is_printed_where_it_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "peers.md").mkdir()

    assert main(["--only", "ncnn", "--repeats", "1", "--out", str(tmp_path)]) == 1

    told = capsys.readouterr()
    assert "| **ours**, ncnn |" in told.out
    assert "cannot write the comparison to" in told.err
