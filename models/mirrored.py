"""Fit a bundle to being shown a picture and its mirror image: ``python -m models.mirrored BUNDLE``.

The mean of both answers is right more often than one (:mod:`camera_app.inference.mirrored`) and
not as sure of itself. So it has a temperature and a threshold of its own, fitted on the pictures
that training held out. Export does the same for a new bundle. Every recipe mirrors its pictures, so
that both looks are at something the net has learnt; a bundle of things that a mirror changes, such
as arrows, must not be given this.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camera_app.inference.bundle import load_bundle
from models.bundle import print_scores, read_description, write_description
from models.calibrate import fit_calibration
from models.command import command
from models.data import LabelledPictures, load_dataset, split_held_out
from models.evaluate import dataset_of
from models.ncnn_files import TFLITE, answers_of
from models.scores import score

KEY = "mirrored"
"""In model.yaml."""


def measure_mirrored(
    folder: Path, held_out: LabelledPictures
) -> tuple[dict[str, float], dict[str, float]]:
    """Fit a bundle to being shown both.

    Args:
        folder: of the bundle.
        held_out: pictures that the net has not seen.

    Returns:
        What model.yaml says of it, and scores by name.

    Raises:
        RuntimeUnavailableError: LiteRT does not work here.
        ModelError: the bundle, or its net, is not what it should be.
    """
    logits = both_looks(folder, held_out.pictures)
    temperature, unknown_below = fit_calibration(logits, held_out.labels)
    scores = score(logits, held_out.labels, temperature, unknown_below)
    return (
        {"temperature": round(temperature, 4), "unknown_below": round(unknown_below, 4)},
        {
            f"top1_held_out_{KEY}": round(scores.top1, 4),
            f"ece_held_out_{KEY}": round(scores.ece, 4),
            f"answered_held_out_{KEY}": round(scores.answered, 4),
        },
    )


def both_looks(folder: Path, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean logits (N, classes) of pictures (N, S, S, 3) uint8 RGB and of their mirror images."""
    looks = [answers_of(folder, TFLITE, each) for each in (pictures, pictures[:, :, ::-1])]
    return (looks[0] + looks[1]) / np.float32(2)


def with_mirrored(
    description: Mapping[str, Any], calibration: Mapping[str, float]
) -> dict[str, Any]:
    """The description with this in it, behind the threshold of a single look."""
    items = [item for item in description.items() if item[0] != KEY]
    after = [key for key, _ in items].index("unknown_below") + 1
    return dict([*items[:after], (KEY, dict(calibration)), *items[after:]])


@command("models.mirrored")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        "python -m models.mirrored",
        description="Fit a model bundle to being shown a picture and its mirror image.",
    )
    parser.add_argument("bundle", help="folder of the bundle, or the name of one that is shipped")
    parser.add_argument("--data", type=Path, help="folder with the official archive")
    options = parser.parse_args(arguments)
    bundle = load_bundle(options.bundle)
    _, held_out = split_held_out(load_dataset(dataset_of(bundle), "train", options.data))
    calibration, scores = measure_mirrored(bundle.folder, held_out)
    description = with_mirrored(read_description(bundle.folder), calibration)
    description["scores"] = {**description.get("scores", {}), **scores}
    write_description(bundle.folder, description)
    print_scores(bundle.folder, calibration | scores)
    return 0


if __name__ == "__main__":
    sys.exit(main())
