"""The margin is fitted on held-out pictures, and what it brings is measured on others."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from camera_app.inference.bundle import load_bundle
from camera_app.inference.cascade import load_model
from models.cascade import STEP, Answers, compare_answers, fit_margin, main
from models.evaluate import main as evaluate

SHARES = st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), min_size=1, max_size=60)


def answers(rows: list[tuple[float, bool, bool]]) -> Answers:
    lead, first, last = zip(*rows, strict=True)
    return Answers(np.array(lead), np.array(first), np.array(last))


def test_answers_are_compared_picture_by_picture() -> None:
    first = np.array([[0.7, 0.2, 0.1], [0.4, 0.35, 0.25], [0.1, 0.1, 0.8]])
    last = np.array([[0.1, 0.9, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

    found = compare_answers(first, last, np.array([0, 1, 2]))

    assert found.lead == pytest.approx([0.5, 0.05, 0.7])
    assert found.first_right.tolist() == [True, False, True]
    assert found.last_right.tolist() == [False, True, True]


def test_a_wider_margin_hands_more_over() -> None:
    found = answers([(0.05, False, True), (0.5, True, False), (0.9, True, True)])

    assert [found.top1(margin) for margin in (0.0, 0.1, 0.6)] == pytest.approx([2 / 3, 1, 2 / 3])
    assert [found.handed_over(margin) for margin in (0.0, 0.1, 0.6)] == pytest.approx(
        [0, 1 / 3, 2 / 3]
    )


def test_the_largest_margin_that_there_is_time_for() -> None:
    found = answers([(0.105, False, True), (0.305, False, True), *[(0.805, True, True)] * 8])

    assert fit_margin(found, 0.25, 0.5) == pytest.approx(0.8, abs=STEP)  # two in ten
    assert fit_margin(found, 0.25, 0.4) == pytest.approx(0.3, abs=STEP)  # one
    assert fit_margin(found, 0.25, 1.25) == pytest.approx(1, abs=STEP)  # all


def test_a_first_net_that_takes_all_the_time_hands_nothing_over() -> None:
    assert fit_margin(answers([(0.1, False, True)]), 0.7, 0.5) == 0


@given(SHARES, st.floats(0, 1), st.floats(0, 2))
def test_no_margin_takes_more_time_than_there_is(
    rows: list[tuple[float, bool, bool]], first_time: float, mean_time: float
) -> None:
    found = answers(rows)

    margin = fit_margin(found, first_time, mean_time)

    assert 0 <= margin <= 1
    assert margin == 0 or first_time + found.handed_over(margin) <= mean_time


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the shipped bundle, to be asked before it."""
    folder = tmp_path / "small"
    shutil.copytree(load_bundle("fastnet-cifar10").folder, folder)
    return folder


def test_fitted_it_can_be_asked_first_and_evaluated(
    small: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", str(small_cifar)]
    assert main([str(small), "fastnet-cifar10", *data, "--write"]) == 0

    printed = capsys.readouterr().out
    description = yaml.safe_load((small / "model.yaml").read_text())
    scores = description["scores"]
    assert description["hands_over"]["to"] == "fastnet-cifar10"
    assert f"margin: {description['hands_over']['margin']}" in printed
    assert f"recorded in {small / 'model.yaml'}" in printed.splitlines()
    # Both nets are one and the same, so that there is no time to hand anything over.
    assert description["hands_over"]["margin"] == 0
    assert scores["cascade_handed_over_test"] == 0
    assert scores["cascade_first_time"] == pytest.approx(1, abs=0.5)
    assert scores["cascade_top1_test"] == scores["cascade_last_alone_top1_test"]
    assert load_model((str(small), "fastnet-cifar10")).first is not None

    assert evaluate([str(small), "fastnet-cifar10", *data, "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert measured["top1"] == pytest.approx(scores["cascade_top1_test"], abs=1e-4)


def test_without_write_it_only_says_what_it_would_record(
    small: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in small.iterdir()}

    assert main([str(small), "fastnet-cifar10", "--data", str(small_cifar)]) == 0

    assert {path.name: path.read_bytes() for path in small.iterdir()} == before
    printed = capsys.readouterr().out
    for said in ("hands over to: fastnet-cifar10", "margin: 0", "cascade top1 test: ", "--write"):
        assert said in printed


def test_what_cannot_be_recorded_is_printed_all_the_same(
    small: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (small / "model.yaml.partial").mkdir()

    assert main([str(small), "fastnet-cifar10", "--data", str(small_cifar), "--write"]) == 1

    captured = capsys.readouterr()
    assert "margin: 0" in captured.out
    assert "recorded in" not in captured.out
    assert "cannot write" in captured.err


def test_fail_other_labels(
    small: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = small / "model.yaml"
    description = yaml.safe_load(file.read_text())
    description["labels"][0] = "zebra"
    file.write_text(yaml.safe_dump(description))

    assert main([str(small), "fastnet-cifar10", "--data", str(small_cifar), "--write"]) == 1

    assert "do not know the same labels" in capsys.readouterr().err
    assert yaml.safe_load(file.read_text()) == description


def test_fail_other_labels_than_the_pictures(
    small: Path, small_cifar: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = small / "model.yaml"
    description = yaml.safe_load(file.read_text())
    description["labels"].reverse()
    file.write_text(yaml.safe_dump(description))

    assert main([str(small), str(small), "--data", str(small_cifar), "--write"]) == 1

    assert "they are not the 10 of this dataset" in capsys.readouterr().err
    assert yaml.safe_load(file.read_text()) == description


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fastnet-cifar10"] * 3, "name one bundle, or two"),
        (["fastnet-cifar10", "fastnet-cifar10", "--write"], "name only that one"),
    ],
)
def test_fail_evaluate(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(words) == 2
    assert said in capsys.readouterr().err
