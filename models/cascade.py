"""Let a small net answer first: ``python -m models.cascade fastnet-cifar10-half fastnet-cifar10``.

Fits, on the pictures that training held out, by how much the small net's likeliest class must lead
the next for its answer to stand: so much that both take half the large net's time. Measures on the
test pictures what both together reach, and with ``--write`` records both in the small bundle. The
margin depends on how fast each net is where it is fitted.
"""

import contextlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camera_app.arguments import Parser
from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.cascade import lead
from camera_app.inference.runtimes import open_runtime
from models.bundle import (
    print_recorded,
    print_scores,
    read_description,
    with_scores,
    write_description,
)
from models.calibrate import probabilities
from models.command import command
from models.compare.turns import time_in_turn
from models.data import LabelledPictures, load_dataset, split_held_out
from models.evaluate import check_fits, dataset_of
from models.ncnn_files import TFLITE, answers_of

FloatArray = NDArray[np.floating[Any]]

MEAN_TIME = 0.49
"""What both nets may take for a held-out picture on average, as a share of the large one's time: a
little less than half, since other pictures are handed over a little more often. All of it is used:
the smallest margin at which 5,000 pictures show no loss was one at which 10,000 others did."""

STEP = 0.01
"""Margins are tried from 0 to 1 at this distance."""

TURNS = 100
"""That each net has to run, beside the other, to know what the small one costs."""


@dataclass(frozen=True)
class Answers:
    """What both nets say of the same N labelled pictures.

    Attributes:
        lead: (N,) by how much the first net's likeliest class leads the next.
        first_right: (N,) whether the first net is right.
        last_right: (N,) whether the last one is.
    """

    lead: FloatArray
    first_right: NDArray[np.bool_]
    last_right: NDArray[np.bool_]

    def top1(self, margin: float) -> float:
        """Share of right answers where the last net is asked below ``margin``."""
        right = np.where(self.lead < margin, self.last_right, self.first_right)
        return float(right.mean())

    def handed_over(self, margin: float) -> float:
        """Share of pictures that the last net is asked about."""
        return float((self.lead < margin).mean())


def compare_answers(
    first: FloatArray, last: FloatArray, labels: NDArray[np.integer[Any]]
) -> Answers:
    """Both nets' probabilities (N, classes) against labels (N,); two classes at least."""
    return Answers(
        lead=lead(first),
        first_right=first.argmax(axis=1) == labels,
        last_right=last.argmax(axis=1) == labels,
    )


def fit_margin(answers: Answers, first_time: float, mean_time: float = MEAN_TIME) -> float:
    """The largest margin that both nets have time for; 0 … 1, and 0 where there is none.

    Args:
        answers: of held-out pictures.
        first_time: what the first net takes, as a share of the last one's time.
        mean_time: what both may take, likewise.
    """
    margins = np.linspace(0, 1, round(1 / STEP) + 1)
    allowed = [m for m in margins if first_time + answers.handed_over(m) <= mean_time]
    return float(max(allowed, default=0.0))


def relative_time(first: Bundle, last: Bundle, turns: int = TURNS) -> float:
    """What one run of ``first`` takes, as a share of one of ``last``: medians of runs in turn."""
    grey = np.full((last.input_size, last.input_size, 3), 128, np.uint8)
    with contextlib.ExitStack() as to_close:
        opened = [open_runtime(TFLITE, bundle, 1) for bundle in (first, last)]
        for runtime in opened:
            to_close.callback(runtime.close)
        runs = {
            name: lambda runtime=runtime: runtime.run(grey)
            for name, runtime in zip(("first", "last"), opened, strict=True)
        }
        return time_in_turn(runs, "last", turns)["first"].ratio


def measure(
    first: Bundle, last: Bundle, held_out: LabelledPictures, test: LabelledPictures
) -> tuple[float, dict[str, float]]:
    """Fit the margin on ``held_out``, and score both nets together on ``test``.

    Returns:
        The margin, and scores by name: shares of right answers, of pictures handed over, and the
        mean time of a picture as a share of what the last net alone takes.

    Raises:
        ModelError: the nets do not know the same labels, or not those of the pictures, or a net is
            not what it should be.
        RuntimeUnavailableError: LiteRT does not work here.
    """
    if first.labels != last.labels:
        raise ModelError(f"{first.folder} and {last.folder} do not know the same labels")
    check_fits(last, held_out)

    def answers_on(data: LabelledPictures) -> Answers:
        some, others = (
            probabilities(answers_of(bundle.folder, TFLITE, data.pictures), bundle.temperature)
            for bundle in (first, last)
        )
        return compare_answers(some, others, data.labels)

    fitted, tested = answers_on(held_out), answers_on(test)
    alone = relative_time(first, last)
    margin = round(fit_margin(fitted, alone), 3)
    scores = {
        "cascade_top1_held_out": fitted.top1(margin),
        "cascade_top1_test": tested.top1(margin),
        "cascade_last_alone_top1_test": float(tested.last_right.mean()),
        "cascade_handed_over_test": tested.handed_over(margin),
        "cascade_first_time": alone,
        "cascade_mean_time_test": alone + tested.handed_over(margin),
    }
    return margin, {name: round(value, 4) for name, value in scores.items()}


def write_margin(first: Bundle, last: Bundle, margin: float, scores: Mapping[str, float]) -> None:
    """Write into the first bundle's model.yaml when it hands over to ``last``."""
    description = read_description(first.folder)
    description["hands_over"] = {"to": last.name, "sha256": last.sha256, "margin": margin}
    write_description(first.folder, with_scores(description, scores))


@command("models.cascade")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser(
        "python -m models.cascade", description="Fit when a small net hands over to a larger one."
    )
    parser.add_argument("first", help="folder or name of the small net's bundle")
    parser.add_argument("last", help="the large net's")
    parser.add_argument("--data", type=Path, help="folder with the official archive")
    parser.add_argument(
        "--write", action="store_true", help="record both in the small net's model.yaml"
    )
    options = parser.parse_args(arguments)
    first, last = load_bundle(options.first), load_bundle(options.last)
    dataset = dataset_of(last)
    _, held_out = split_held_out(load_dataset(dataset, "train", options.data))
    test = load_dataset(dataset, "test", options.data)
    margin, scores = measure(first, last, held_out, test)
    # Printed first: minutes of measuring are not lost where they cannot be recorded.
    print_scores(first.folder, {"hands over to": last.name, "margin": margin, **scores})
    if options.write:
        write_margin(first, last, margin, scores)
    print_recorded(first.folder, options.write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
