"""tests/board/answers.py, which judges what an Arm processor says, judged on this one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from camera_app.inference.bundle import load_bundle
from tests.board import answers
from tests.end_to_end import RUNTIME

pytestmark = pytest.mark.skipif(
    answers.TFLITE not in answers.working_runtimes(load_bundle("fastnet-cifar10")),
    reason="LiteRT is not installed",
)


COUNT = 30


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as :func:`answers.write` leaves it, with fewer pictures and a shorter film."""
    folder = tmp_path_factory.mktemp("known")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answers, "COUNT", COUNT)
        patch.setattr(answers, "FRAMES_A_SCENE", 1)
        patch.setattr(answers, "FILM_RUNTIME", RUNTIME)
        answers.write(folder)
    return folder


@pytest.fixture
def known(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which a test may change."""
    monkeypatch.setattr(answers, "COUNT", COUNT)
    return shutil.copytree(written, tmp_path / "known")


def told(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_pictures_are_of_many_kinds(known: Path) -> None:
    with np.load(known / answers.PICTURES) as file:
        labels = answers.labels(load_bundle("fastnet-cifar10"), file[answers.TFLITE])
    assert len(labels) == COUNT
    assert len(set(labels)) > 5
    assert "unknown" in labels


def test_the_same_answers_differ_in_nothing(
    known: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers.compare(known, answers.TFLITE)
    found = told(capsys)
    assert found["own"] == found["tflite"]
    assert found["own"]["same_label"] == found["own"]["same_logits"] == found["of"] == COUNT
    assert found["own"]["largest"] == 0


def test_another_answer_is_counted(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with np.load(known / answers.PICTURES) as file:
        arrays = dict(file)
    logits = arrays[answers.TFLITE]
    logits[7] = np.where(np.arange(logits.shape[1]) == logits[7].argmin(), 50, 0)
    np.savez(known / answers.PICTURES, **arrays)

    answers.compare(known, answers.TFLITE)

    found = told(capsys)["own"]
    assert found["same_label"] == found["same_likeliest"] == found["same_logits"] == COUNT - 1
    assert found["largest"] > 10


def test_the_same_crops_differ_in_nothing(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers.shrink(known)
    found = told(capsys)
    assert found["of"] > 0
    assert found["other"] == found["largest"] == 0


def test_another_crop_is_counted(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with np.load(known / answers.CROPS) as file:
        arrays = dict(file)
    arrays["crops"][3, 10, 10, 1] ^= 0x80
    np.savez(known / answers.CROPS, **arrays)

    answers.shrink(known)

    found = told(capsys)
    assert (found["other"], found["largest"]) == (1, 128)
