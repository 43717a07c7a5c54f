"""Scores, against cases counted by hand."""

import numpy as np
import pytest

from models.scores import score

# Three classes; rows are pictures. Answers: 0, 1, 1, 2; labels: 0, 1, 2, 2.
LOGITS = np.array([[9.0, 0, 0], [0, 9, 0], [0, 1, 0.5], [0, 0, 9]])
LABELS = np.array([0, 1, 2, 2])


def test_by_hand() -> None:
    scores = score(LOGITS, LABELS, unknown_below=0.6)

    assert scores.pictures == 4
    assert scores.top1 == 0.75
    assert scores.top5 is None
    assert scores.confusion.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    assert scores.per_class.tolist() == [1, 1, 0.5]
    # The wrong one is unsure, and falls below the threshold.
    assert scores.answered == 0.75
    assert scores.top1_answered == 1


def test_temperature_changes_confidence_and_no_answer() -> None:
    cold, warm = score(LOGITS, LABELS, 1.0), score(LOGITS, LABELS, 5.0)

    assert cold.top1 == warm.top1
    assert cold.ece_uncalibrated == warm.ece_uncalibrated == cold.ece != warm.ece


def test_a_class_without_pictures_has_no_accuracy() -> None:
    assert np.isnan(score(LOGITS[:2], LABELS[:2]).per_class[2])


def test_the_commonest_mistakes_come_first_and_no_answer_that_is_right() -> None:
    scores = score(np.eye(3)[[0, 1, 1, 2, 2, 0]] * 9, np.array([0, 0, 0, 1, 1, 1]))

    assert scores.most_confused(9) == [(0, 1, 2), (1, 2, 2), (1, 0, 1)]
    assert scores.most_confused(1) == [(0, 1, 2)]


def test_nothing_answered() -> None:
    scores = score(LOGITS, LABELS, unknown_below=1.1)

    assert scores.answered == 0
    assert scores.top1_answered is None
    assert "top1_answered" not in scores.summary()


def test_top5_for_many_classes() -> None:
    logits = np.tile(np.arange(12.0), (12, 1))  # 11 is the likeliest, 0 the least

    scores = score(logits, np.arange(12))

    assert scores.top5 == pytest.approx(5 / 12)
    assert scores.summary()["top5"] == 0.4167
