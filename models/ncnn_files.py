"""Give a bundle its net for ncnn too: ``python -m models.ncnn_files models/fastnet-cifar10``.

The float weights that the bundle keeps are folded and quantized once more, for ncnn, and ncnn's
answers on the held-out pictures are compared with those of model.tflite, which stays as it is.
:mod:`models.export` does the same for a new bundle. Test pictures are never read.
"""

import contextlib
import hashlib
import shutil
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camera_app.arguments import Parser
from camera_app.errors import ModelError
from camera_app.inference.bundle import NCNN_PARAM_FILE, NCNN_WEIGHTS_FILE, load_bundle
from camera_app.inference.proof import open_proven
from models.bundle import (
    WEIGHTS_FILE,
    add_scores,
    new_bundle,
    print_scores,
    read_description,
    with_key,
    write_description,
)
from models.command import command
from models.data import LabelledPictures, load_dataset, split_held_out
from models.evaluate import check_fits, dataset_of, runtime_logits
from models.fastnet import build_fastnet
from models.fold import FoldedNet, fold
from models.ncnn_format import ncnn_format
from models.quantize import CALIBRATION_PICTURES, input_ranges
from models.scores import score
from models.weights import load_weights

TFLITE, NCNN = "litert", "ncnn"


def write_ncnn_files(folder: Path, net: FoldedNet, pictures: NDArray[np.uint8]) -> None:
    """Write ncnn's files into a bundle, and their hashes into its model.yaml.

    Args:
        folder: of the bundle, whose model.yaml is there already.
        net: the folded net.
        pictures: (N, S, S, 3) uint8 RGB training pictures to measure the ranges on.

    Raises:
        ModelError: the bundle has no readable description, or its net is dead: nothing but zeros
            enters one of its convolutions, and what it answers is always the same.
        OSError: the folder cannot be written.
    """
    ranges = input_ranges(net, pictures)
    if not all(limit > 0 for limit in ranges):
        raise ModelError(f"the net of {folder} answers the same whatever it is shown")
    param, weights = ncnn_format(net, ranges, pictures.shape[1])
    description = read_description(folder)
    (folder / NCNN_PARAM_FILE).write_bytes(param)
    (folder / NCNN_WEIGHTS_FILE).write_bytes(weights)
    hashes = {
        "param_sha256": hashlib.sha256(param).hexdigest(),
        "bin_sha256": hashlib.sha256(weights).hexdigest(),
        "param_crc32": f"{zlib.crc32(param):08x}",
        "bin_crc32": f"{zlib.crc32(weights):08x}",
    }
    write_description(folder, with_key(description, "ncnn", hashes, after="sha256"))


def compare_with_tflite(folder: Path, held_out: LabelledPictures) -> dict[str, float]:
    """Both nets of a bundle on the same pictures, each through its runtime.

    Args:
        folder: of the bundle.
        held_out: pictures that neither net has seen.

    Returns:
        ``top1_held_out_ncnn`` and ``ncnn_same_answer_as_tflite``, shares.

    Raises:
        RuntimeUnavailableError: LiteRT or ncnn does not work here.
        ModelError: the bundle, or one of its nets, is not what it should be.
    """
    tflite, ncnn = (answers_of(folder, name, held_out.pictures) for name in (TFLITE, NCNN))
    return {
        "ncnn_same_answer_as_tflite": same_answers(ncnn, tflite),
        "top1_held_out_ncnn": round(score(ncnn, held_out.labels).top1, 4),
    }


def answers_of(folder: Path, runtime: str, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits (N, classes) of pictures (N, S, S, 3) uint8 RGB, by one runtime of the device."""
    with contextlib.closing(open_proven(runtime, load_bundle(folder), 1)) as opened:
        return runtime_logits(opened, pictures)


def same_answers(some: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    """Share of pictures whose largest logit is the same in both (N, classes)."""
    return round(float((some.argmax(axis=1) == others.argmax(axis=1)).mean()), 4)


def folded_net(folder: Path, description: dict[str, Any]) -> FoldedNet:
    """The net of a bundle, from the weights it keeps.

    Raises:
        ModelError: it is not of the ``camera`` form, or does not say how wide it is.
        TrainingError: its weights are missing or damaged.
    """
    if description.get("form") != "camera":
        raise ModelError(
            f"{folder} is not of the camera form, and its weights do not tell what it was fed; "
            "export it again from its run"
        )
    try:
        network = build_fastnet(len(description["labels"]), "camera", description["width"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder} does not say what net it holds: {error}") from error
    load_weights(network, folder / WEIGHTS_FILE)
    return fold({variable.path: np.asarray(variable) for variable in network.weights})


@command("models.ncnn_files")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser(
        "python -m models.ncnn_files", description="Give a model bundle its net for ncnn too."
    )
    parser.add_argument("bundle", help="folder of the bundle, or the name of one that is shipped")
    parser.add_argument("--data", type=Path, help="folder with the official archive")
    options = parser.parse_args(arguments)
    bundle = load_bundle(options.bundle)
    net = folded_net(bundle.folder, read_description(bundle.folder))
    data = load_dataset(dataset_of(bundle), "train", options.data)
    check_fits(bundle, data)
    learning, held_out = split_held_out(data)
    with new_bundle(bundle.folder) as built:
        shutil.copytree(bundle.folder, built, dirs_exist_ok=True)
        write_ncnn_files(built, net, learning.pictures[:CALIBRATION_PICTURES])
        scores = compare_with_tflite(built, held_out)
        add_scores(built, scores)
    print_scores(bundle.folder, scores)
    return 0


if __name__ == "__main__":
    sys.exit(main())
