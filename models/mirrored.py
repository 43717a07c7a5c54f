"""Fit a bundle to being shown a picture and its mirror image: ``python -m models.mirrored BUNDLE``.

The mean of both answers is right more often than one (test-time augmentation by a horizontal flip;
see :mod:`camera_app.inference.mirrored`) and not as sure of itself. So it has a temperature and a
threshold of its own, fitted on the pictures that training held out; ``--write`` records them.
Export does so for a new bundle. Every recipe mirrors its pictures, so that both looks are at
something the net has learnt; a bundle of things that a mirror changes, such as arrows, must not be
given this.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camera_app.arguments import Parser
from camera_app.inference.bundle import load_bundle
from models.bundle import (
    print_recorded,
    print_scores,
    read_description,
    with_key,
    with_scores,
    write_description,
)
from models.calibrate import fit_calibration
from models.command import command
from models.data import load_dataset, split_held_out
from models.evaluate import check_fits, dataset_of
from models.ncnn_files import TFLITE, answers_of
from models.scores import score

KEY = "mirrored"
"""In model.yaml."""


def measure_mirrored(
    logits: NDArray[np.float32], labels: NDArray[np.int64]
) -> tuple[dict[str, float], dict[str, float]]:
    """Fit a bundle to being shown both.

    Args:
        logits: (N, classes), of both looks at pictures that the net has not seen.
        labels: (N,), of these pictures.

    Returns:
        What model.yaml says of it, and scores by name.
    """
    temperature, unknown_below = fit_calibration(logits, labels)
    scores = score(logits, labels, temperature, unknown_below)
    return (
        {"temperature": round(temperature, 4), "unknown_below": round(unknown_below, 4)},
        {
            f"top1_held_out_{KEY}": round(scores.top1, 4),
            f"ece_held_out_{KEY}": round(scores.ece, 4),
            f"answered_held_out_{KEY}": round(scores.answered, 4),
        },
    )


def both_looks(
    folder: Path, pictures: NDArray[np.uint8], one_look: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Mean logits (N, classes) of pictures and of their mirror images.

    Args:
        folder: of the bundle.
        pictures: (N, S, S, 3) uint8 RGB.
        one_look: logits (N, classes) of the pictures as they are, if they are known already.

    Raises:
        RuntimeUnavailableError: LiteRT does not work here.
        ModelError: the bundle, or its net, is not what it should be.
    """
    if one_look is None:
        one_look = answers_of(folder, TFLITE, pictures)
    return (one_look + answers_of(folder, TFLITE, pictures[:, :, ::-1])) / np.float32(2)


def with_mirrored(
    description: Mapping[str, Any], calibration: Mapping[str, float]
) -> dict[str, Any]:
    """The description with this in it, behind the threshold of a single look."""
    return with_key(description, KEY, dict(calibration), after="unknown_below")


@command("models.mirrored")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser(
        "python -m models.mirrored",
        description="Fit a model bundle to being shown a picture and its mirror image.",
    )
    parser.add_argument("bundle", help="folder of the bundle, or the name of one that is shipped")
    parser.add_argument("--data", type=Path, help="folder with the official archive")
    parser.add_argument(
        "--write", action="store_true", help="record what was fitted, and its scores, in model.yaml"
    )
    options = parser.parse_args(arguments)
    bundle = load_bundle(options.bundle)
    data = load_dataset(dataset_of(bundle), "train", options.data)
    check_fits(bundle, data)
    _, held_out = split_held_out(data)
    logits = both_looks(bundle.folder, held_out.pictures)
    calibration, scores = measure_mirrored(logits, held_out.labels)
    # Printed first: minutes of measuring are not lost where they cannot be recorded.
    print_scores(bundle.folder, calibration | scores)
    if options.write:
        description = with_mirrored(read_description(bundle.folder), calibration)
        write_description(bundle.folder, with_scores(description, scores))
    print_recorded(bundle.folder, options.write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
