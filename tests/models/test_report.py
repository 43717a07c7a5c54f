"""What was measured is said the same in text, JSON and model.yaml."""

import json
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from camera_app.errors import OutputError
from models.rejection import MADE, Rejection
from models.report import Evaluation
from models.robustness import Robustness
from models.scores import score
from models.superclasses import SUPERCLASSES

LABELS = ("cat", "dog", "ship")
# The second is told wrongly and is unsure; there is no ship.
LOGITS = np.array([[9.0, 0, 0], [0.2, 0, 0]])


def evaluation(with_everything: bool = True) -> Evaluation:
    scores = score(LOGITS, np.array([0, 1]), unknown_below=0.6)
    if not with_everything:
        return Evaluation(LABELS, 0.6, "fake", scores)
    robustness = Robustness(2, 0.5, {"fog": (0.5, 0.5, 0.5, 0.5, 0.0)})
    rejections = dict.fromkeys(("cifar100_unseen_test", *MADE), Rejection(7, 0.9, 0.4, 0.75))
    return Evaluation(LABELS, 0.6, "fake", scores, robustness, rejections)


def test_json_and_description_state_the_same_numbers() -> None:
    found = evaluation()

    content, description = json.loads(found.as_json()), found.for_description()

    assert description["top1_test"] == content["top1"] == 0.5
    further = {"top1_corruptions": 0.4, "corruption_pictures": 2, "auroc_noise": 0.9}
    assert further.items() <= content.items()
    assert further.items() <= description.items()
    assert content["per_class"] == {"cat": 1.0, "dog": 0.0, "ship": None}
    assert content["unknown"]["flat_colours"]["turned_away"] == 0.75


@pytest.mark.parametrize(
    ("runtime", "mirrored", "name"),
    [
        ("litert", False, "top1_test"),
        ("litert", True, "top1_test_mirrored"),
        ("ncnn", False, "top1_test_ncnn"),
        ("ncnn-float16", True, "top1_test_ncnn_float16_mirrored"),
    ],
)
def test_what_is_written_down_says_what_answered(runtime: str, mirrored: bool, name: str) -> None:
    scores = score(LOGITS, np.array([0, 1]))
    found = Evaluation(LABELS, 0.6, runtime, scores, mirrored=mirrored)
    assert found.for_description()[name] == 0.5
    assert json.loads(found.as_json())["mirrored"] is mirrored


def test_superclasses_are_told_of_cifar100_alone() -> None:
    labels = sum(SUPERCLASSES.values(), ())
    everything_but_one = np.eye(100) * 9
    everything_but_one[0] = everything_but_one[1]  # a beaver is taken for a dolphin
    scores = score(everything_but_one, np.arange(100))
    found = Evaluation(labels, 0.6, "fake", scores)

    content = json.loads(found.as_json())

    assert content["per_superclass"]["aquatic mammals"] == {"top1": 0.8, "within": 1.0}
    assert content["most_confused"] == [{"label": "beaver", "answer": "dolphin", "pictures": 1}]
    assert "1  beaver taken for dolphin" in found.as_text()
    assert "named within the superclass" in found.as_text()
    assert "per_superclass" not in json.loads(evaluation().as_json())
    assert "superclass" not in evaluation().as_text()


@pytest.mark.parametrize(("temperature", "larger"), [(1.0, False), (0.2, True), (2.0, False)])
def test_text_says_that_the_temperature_makes_the_calibration_error_larger(
    temperature: float, larger: bool
) -> None:
    # Half of the answers are right, and the net says so.
    scores = score(np.array([[0.1, 0], [0.1, 0]]), np.array([0, 1]), temperature)
    text = Evaluation(("cat", "dog"), 0.0, "fake", scores).as_text()
    error = f"{scores.ece:.2%} with it, {scores.ece_uncalibrated:.2%} without"
    assert text.endswith(error) is larger
    assert ("makes the calibration error larger" in text) is larger


def test_text_says_what_the_threshold_costs_and_brings() -> None:
    published, threshold = evaluation().as_text().splitlines()[-2:]

    assert "50.00% are named rightly, 0.00% wrongly, and 50.00% are unknown" in published
    assert threshold.startswith("threshold 0.6: answers 50.00% of the pictures")
    assert "100.00% of them rightly (50.00% without it)" in threshold
    assert "turns away 75.00% of cifar100 unseen test" in threshold


def test_text_has_a_dash_for_a_class_without_pictures() -> None:
    text = evaluation().as_text()

    lines = [line.split() for line in text.splitlines()]
    assert ["ship", "–"] in lines
    assert "nan" not in text


def test_what_was_not_asked_is_not_said() -> None:
    found = evaluation(with_everything=False)

    assert set(found.for_description()) == {f"{name}_test" for name in found.scores.summary()}
    assert not {"corruptions", "unknown"} & json.loads(found.as_json()).keys()
    assert "corruptions" not in found.as_text()
    assert "AUROC" not in found.as_text()
    assert "turns away" not in found.as_text()


def test_nothing_answered() -> None:
    scores = score(LOGITS, np.array([0, 1]), unknown_below=1.1)

    text = Evaluation(LABELS, 1.1, "fake", scores).as_text()

    published, threshold = text.splitlines()[-2:]
    assert "0.00% are named rightly, 0.00% wrongly, and 100.00% are unknown" in published
    assert threshold == "threshold 1.1: answers 0.00% of the pictures"


def test_pictures_are_drawn_of_what_there_is(tmp_path: Path) -> None:
    evaluation(with_everything=False).write(tmp_path / "plain")
    evaluation().write(tmp_path / "whole")

    assert not (tmp_path / "plain" / "corruptions.png").exists()
    for name in ("confusion.png", "corruptions.png"):
        assert np.ptp(imread(tmp_path / "whole" / name)) > 0.5


@pytest.mark.parametrize("name", ["scores.json", "confusion.png", "corruptions.png"])
def test_fail_a_file_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()

    with pytest.raises(OutputError, match="cannot write"):
        evaluation().write(tmp_path)
