"""Make a device's model from a finished run: ``python -m models.export --run runs/NAME``.

The float network is folded, quantized to int8, calibrated on the pictures that training held out,
and written as a bundle. On the way it proves itself: the float network, the folded one and the
int8 files themselves, for TFLite and for ncnn, through the device's own runtimes, answer the same
held-out pictures, and what they score goes into the bundle's model.yaml. Test pictures are never
read.
"""

import contextlib
import hashlib
import shlex
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from camera_app.arguments import Parser
from camera_app.errors import ModelError, OutputError, TrainingError
from camera_app.inference.bundle import DESCRIPTION_FILE, NET_FILE, load_bundle
from camera_app.inference.description import FORMAT, INPUT_ENCODING
from camera_app.inference.proof import prove
from camera_app.inference.runtimes import open_runtime
from models.bundle import (
    WEIGHTS_FILE,
    current_commit,
    new_bundle,
    print_scores,
    read_description,
    write_description,
)
from models.calibrate import fit_calibration, note_on_temperature
from models.command import command
from models.data import LabelledPictures, load_dataset, split_held_out
from models.fastnet import INPUT_SIZE, build_fastnet
from models.fold import fold
from models.mirrored import both_looks, measure_mirrored, with_mirrored
from models.ncnn_files import NCNN, TFLITE, answers_of, same_answers, write_ncnn_files
from models.pixels import pixel_scaling, scale_pictures
from models.quantize import CALIBRATION_PICTURES, float_logits, quantize
from models.recipes import RECIPES
from models.run_folder import (
    RunSettings,
    folder_in_commands,
    read_settings,
    training_commands,
)
from models.scores import score
from models.weights import load_weights, save_weights

PROOF_PICTURES = 500
"""Held-out pictures that the folded net is compared with the network on, logit by logit."""


def load_network(
    folder: Path, settings: RunSettings, classes: int, from_checkpoint: bool = False
) -> keras.Model:
    """The float network of a run, with its weights.

    Args:
        folder: of the run.
        settings: of the run.
        classes: number of labels.
        from_checkpoint: take a run's weights before it is finished.

    Raises:
        TrainingError: the run is not finished, or its weights are damaged or do not fit.
    """
    keras.config.set_dtype_policy("float32")
    recipe = RECIPES[settings.recipe]
    if recipe.form == "wide_resnet":
        raise TrainingError(
            f"{folder} is the run of a teacher, whose net is too large for a device; train a "
            f"FastNet by it: models.train --recipe distilled --teacher {folder}"
        )
    network = build_fastnet(classes, recipe.form, settings.width, INPUT_SIZE)
    if from_checkpoint:
        _load_from_checkpoint(network, folder / "checkpoint.npz")
    elif not (folder / WEIGHTS_FILE).is_file():
        raise TrainingError(
            f"{folder} has no {WEIGHTS_FILE}: its training is not finished; let it finish "
            "(the same models.train command goes on), or pass --checkpoint to take it as it is"
        )
    else:
        load_weights(network, folder / WEIGHTS_FILE)
    return network


def export(
    run: Path,
    folder: Path,
    learning: LabelledPictures,
    held_out: LabelledPictures,
    *,
    from_checkpoint: bool = False,
    thresholds_from: Path | None = None,
    replace: bool = False,
) -> dict[str, Any]:
    """Turn a run into a bundle at ``folder``.

    Args:
        run: folder of the run.
        folder: of the bundle; its name is the model's.
        learning: training pictures less ``held_out``.
        held_out: pictures to compare on and, unless the run learnt from them, to calibrate on.
        from_checkpoint: see :func:`load_network`.
        thresholds_from: bundle whose temperature and threshold are taken over, for a run that
            learnt from the held-out pictures too.
        replace: whether another run's bundle at ``folder`` may go.

    Returns:
        The scores that model.yaml now holds.

    Raises:
        CameraAppError: the run, its weights, the graph or the folder is not as it should be.
    """
    settings = read_settings(run)
    if not settings.held_out and thresholds_from is None:
        raise TrainingError(
            f"{run} learnt from every training picture, so none is left to fit the temperature "
            "on; pass --thresholds-from BUNDLE, exported from such a run without --all"
        )
    # First of all: minutes of quantizing and measuring are not lost to a slip of the finger.
    made_by = _commands(run, settings, folder.name) + (" --checkpoint" if from_checkpoint else "")
    if thresholds_from is not None:
        made_by += f" --thresholds-from {shlex.quote(str(thresholds_from))}"
    if not replace:
        _check_place(folder, made_by)
    thresholds = None
    if thresholds_from is not None:
        thresholds = _read_thresholds(thresholds_from, learning.names)
    recipe = RECIPES[settings.recipe]
    network = load_network(run, settings, len(learning.names), from_checkpoint)
    _check_finite(network, run)
    learnt_from = learning.pictures
    if not settings.held_out:
        learnt_from = np.concatenate([learnt_from, held_out.pictures])
    mean, scale = pixel_scaling(recipe, learnt_from)
    net = fold({variable.path: _to_numpy(variable) for variable in network.weights}, mean, scale)
    content = quantize(net, learning.pictures[:CALIBRATION_PICTURES])

    with new_bundle(folder) as built:
        (built / NET_FILE).write_bytes(content)
        save_weights(network, built / WEIGHTS_FILE, np.float16)
        description = {
            "format": FORMAT,
            "name": folder.name,
            "labels": list(learning.names),
            "input": {"size": INPUT_SIZE, "channels": "rgb", "encoding": INPUT_ENCODING},
            "temperature": 1.0,
            "unknown_below": 0.0,
            "sha256": hashlib.sha256(content).hexdigest(),
            "crc32": f"{zlib.crc32(content):08x}",
            "form": recipe.form,
            "width": settings.width,
            "scores": {},
            "made_by": made_by,
            "commit": current_commit(),
        }
        write_description(built, description)
        try:
            write_ncnn_files(built, net, learning.pictures[:CALIBRATION_PICTURES])
        except ModelError as error:
            raise _no_use(run, NCNN) from error

        # Through the device's own loader and runtimes: a bundle they refuse is never published.
        _prove(built, run)
        logits = {
            "float": _network_logits(network, held_out.pictures, mean, scale),
            "folded": float_logits(net, held_out.pictures[:PROOF_PICTURES]),
            "int8": answers_of(built, TFLITE, held_out.pictures),
            "ncnn": answers_of(built, NCNN, held_out.pictures),
        }
        mirrored: dict[str, float] | None
        if thresholds is None:
            temperature, unknown_below = fit_calibration(logits["int8"], held_out.labels)
            both = both_looks(built, held_out.pictures, logits["int8"])
            mirrored, of_both_looks = measure_mirrored(both, held_out.labels)
        else:
            temperature, unknown_below, mirrored = thresholds
            of_both_looks = {}
        scores = _compare(logits)
        if settings.held_out:
            scores |= _held_out_scores(logits, held_out.labels, temperature, unknown_below)
            scores |= of_both_looks
        description = read_description(built) | {
            "temperature": round(temperature, 4),
            "unknown_below": round(unknown_below, 4),
            "scores": scores,
        }
        if mirrored is not None:
            description = with_mirrored(description, mirrored)
        write_description(built, description)
    return scores


def _load_from_checkpoint(network: keras.Model, path: Path) -> None:
    """A checkpoint is the network's variables, in order, then the optimizer's."""
    try:
        with np.load(path) as saved:
            arrays = [saved[f"v{i}"] for i in range(len(network.weights))]
    except Exception as error:  # zipfile, numpy and the disk each raise their own kinds
        raise TrainingError(f"cannot read the checkpoint {path}: {error}") from error
    if [array.shape for array in arrays] != [tuple(v.shape) for v in network.weights]:
        raise TrainingError(f"{path} belongs to another architecture")
    for variable, array in zip(network.weights, arrays, strict=True):
        variable.assign(array)


def _check_finite(network: keras.Model, run: Path) -> None:
    """Refuse weights that no arithmetic can be done with, which the converter would not name."""
    if not all(np.isfinite(_to_numpy(variable)).all() for variable in network.weights):
        raise TrainingError(
            f"the weights of {run} are not all finite numbers: its training diverged; "
            "train again, into another folder, with another --seed or with --float32"
        )


def _prove(built: Path, run: Path) -> None:
    """Refuse a net that the device would, in words of the run: the bundle is not there yet."""
    bundle = load_bundle(built)
    for name in (TFLITE, NCNN):
        with contextlib.closing(open_runtime(name, bundle, 1)) as runtime:
            try:
                prove(bundle, runtime)
            except ModelError as error:
                raise _no_use(run, name) from error


def _no_use(run: Path, runtime: str) -> TrainingError:
    return TrainingError(
        f"the net of {run} answers the same whatever {runtime} shows it, or no number a "
        "label, and no device would take it; see what its curve.csv says and train "
        "again, into another folder"
    )


def _network_logits(
    network: keras.Model, pictures: NDArray[np.uint8], mean: Any, scale: Any, batch_size: int = 250
) -> NDArray[np.float32]:
    starts = range(0, len(pictures), batch_size)
    batches = [
        network.predict_on_batch(scale_pictures(pictures[start : start + batch_size], mean, scale))
        for start in tqdm(starts, desc="float network", leave=False)
    ]
    return np.concatenate(batches)


def _read_thresholds(
    folder: Path, labels: Sequence[str]
) -> tuple[float, float, dict[str, float] | None]:
    """A bundle's temperature and threshold, and those of both looks, if it has any."""
    bundle = load_bundle(folder)
    if bundle.labels != tuple(labels):
        raise ModelError(
            f"{folder} tells other classes apart than this run, and its temperature and threshold "
            "are of no use here; pass --thresholds-from another bundle"
        )
    mirrored = None if bundle.mirrored is None else bundle.mirrored._asdict()
    return bundle.temperature, bundle.unknown_below, mirrored


def _compare(logits: dict[str, NDArray[np.float32]]) -> dict[str, float]:
    """How far folding and quantization moved the answers."""
    moved = np.abs(logits["folded"] - logits["float"][: len(logits["folded"])]).max()
    return {
        "fold_largest_logit_difference": float(f"{moved:.2g}"),
        "int8_same_answer_as_float": same_answers(logits["int8"], logits["float"]),
        "ncnn_same_answer_as_tflite": same_answers(logits["ncnn"], logits["int8"]),
    }


def _held_out_scores(
    logits: dict[str, NDArray[np.float32]],
    labels: NDArray[np.int64],
    temperature: float,
    unknown_below: float,
) -> dict[str, float]:
    int8 = score(logits["int8"], labels, temperature, unknown_below)
    return {
        "top1_held_out": round(int8.top1, 4),
        "top1_held_out_ncnn": round(score(logits["ncnn"], labels).top1, 4),
        "top1_held_out_float": round(score(logits["float"], labels).top1, 4),
        "ece_held_out": round(int8.ece, 4),
        "ece_held_out_uncalibrated": round(int8.ece_uncalibrated, 4),
        "answered_held_out": round(int8.answered, 4),
    }


def _commands(run: Path, settings: RunSettings, name: str) -> str:
    """What to type to make this bundle again, wherever the data lies."""
    export_it = f"python -m models.export --run {folder_in_commands(run)}"
    if name != _default_name(settings):
        export_it += f" --name {shlex.quote(name)}"
    return f"{training_commands(run, settings)} && {export_it}"


def _check_place(folder: Path, made_by: str) -> None:
    """Refuse to replace a bundle that other commands have made: it may be all that is left of it.

    Raises:
        OutputError: there is one.
    """
    if not (folder / DESCRIPTION_FILE).exists():
        return
    with contextlib.suppress(ModelError):  # one that cannot be read is another
        if read_description(folder).get("made_by") == made_by:
            return
    raise OutputError(
        f"{folder} holds a model that other commands have made; choose another --name, or pass "
        "--replace to let it go"
    )


def _to_numpy(variable: keras.Variable) -> NDArray[np.float32]:
    return np.asarray(keras.ops.convert_to_numpy(variable))


def _default_name(settings: RunSettings) -> str:
    name = f"fastnet-{settings.dataset}"
    name += "" if RECIPES[settings.recipe].form == "camera" else "-paper"
    if settings.width == 1:
        return name
    return f"{name}-half" if settings.width == 0.5 else f"{name}-x{settings.width:g}"


@command("models.export")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser(
        "python -m models.export", description="Turn a training run into a model bundle."
    )
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--name", help="of the bundle (fastnet-DATASET and what sets it apart)")
    parser.add_argument("--data", type=Path, help="folder with the official archive")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent, help="where bundles are kept (models/)"
    )
    parser.add_argument(
        "--checkpoint", action="store_true", help="take the weights of an unfinished run"
    )
    parser.add_argument(
        "--thresholds-from",
        type=Path,
        metavar="BUNDLE",
        help="take temperature and threshold over, for a run that learnt from all pictures",
    )
    parser.add_argument(
        "--replace", action="store_true", help="let another run's bundle of that name go"
    )
    options = parser.parse_args(arguments)
    settings = read_settings(options.run)
    folder = options.out / (options.name or _default_name(settings))
    learning, held_out = split_held_out(load_dataset(settings.dataset, "train", options.data))
    scores = export(
        options.run,
        folder,
        learning,
        held_out,
        from_checkpoint=options.checkpoint,
        thresholds_from=options.thresholds_from,
        replace=options.replace,
    )
    print_scores(folder, scores)
    if settings.held_out:
        note = note_on_temperature(scores["ece_held_out"], scores["ece_held_out_uncalibrated"])
        if note:
            print(note)
    return 0


if __name__ == "__main__":
    sys.exit(main())
