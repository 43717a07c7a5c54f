"""Measure a bundle on test pictures: ``python -m models.evaluate models/fastnet-cifar10``.

What is measured is the device's own file, through the loader and the runtime of the device: the
.tflite, or with ``--runtime ncnn`` ncnn's files.
"""

import contextlib
import functools
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from camera_app.arguments import Parser
from camera_app.errors import DatasetError, ModelError, UsageError
from camera_app.inference.bundle import Bundle
from camera_app.inference.cascade import load_model
from camera_app.inference.libraries import MODULES
from camera_app.inference.mirrored import TwoLooks
from camera_app.inference.net import open_net
from camera_app.inference.runtimes import Runtime
from models.bundle import add_scores
from models.calibrate import probabilities
from models.command import command
from models.data import ARCHIVES, LabelledPictures, load_dataset
from models.outliers import KINDS, OTHER, of_kinds
from models.rejection import MADE_PICTURES, make_unknown, measure_rejection
from models.report import Evaluation
from models.robustness import CORRUPTION_PICTURES, measure_robustness
from models.scores import score
from models.superclasses import have_superclasses

RUNTIMES = ("auto", *MODULES)


def runtime_logits(runtime: Runtime, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits (N, classes) of pictures (N, S, S, 3) uint8 RGB, one by one as on the device."""
    bar = tqdm(pictures, desc=f"int8, {runtime.name}", unit="picture", leave=False)
    return np.stack([runtime.run(np.ascontiguousarray(picture[:, :, ::-1])) for picture in bar])


def mirrored_logits(runtime: Runtime, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The same of the mean of both looks, at a picture and at its mirror image."""
    looks = TwoLooks(runtime)
    bar = tqdm(pictures, desc=f"int8, {runtime.name}, two looks", unit="picture", leave=False)
    return np.stack([looks.run(np.ascontiguousarray(each[:, :, ::-1]), None) for each in bar])


def evaluate(
    bundle: Bundle,
    data: LabelledPictures,
    runtime: str = "litert",
    threads: int = 1,
    *,
    mirrored: bool = False,
    corruption_pictures: int = 0,
    unknown: Mapping[str, NDArray[np.uint8]] | None = None,
) -> Evaluation:
    """Measure a bundle.

    Args:
        bundle: what to measure.
        data: pictures of the bundle's input size, labelled with the bundle's labels.
        runtime: one of :data:`RUNTIMES`.
        threads: that the interpreter may use.
        mirrored: whether the mean of the answers to a picture and to its mirror image is measured,
            as the program publishes it.
        corruption_pictures: how many of ``data``, from the first, to corrupt; 0 for none.
        unknown: pictures (M, S, S, 3) uint8 RGB of none of the bundle's classes, by set.

    Raises:
        ModelError: the pictures' labels are not the bundle's, or it is not fitted to mirrored ones.
        RuntimeUnavailableError: the runtime does not work here.
    """
    check_fits(bundle, data, "choose the one it was trained on with --dataset")
    if mirrored and bundle.mirrored is None:
        raise ModelError(
            f"{bundle.folder} is not fitted to mirrored pictures; fit it with "
            f"`python -m models.mirrored {bundle.folder} --write`"
        )
    calibration = bundle.published if mirrored else bundle.one_look
    temperature, unknown_below = calibration.temperature, calibration.unknown_below
    with contextlib.closing(open_net(bundle, runtime, threads)) as net:
        look = mirrored_logits if mirrored else runtime_logits
        as_logits = functools.partial(look, net.runtime)
        logits = as_logits(data.pictures)
        robustness = None
        if corruption_pictures:
            first = data.take(np.arange(min(corruption_pictures, len(data))))
            robustness = measure_robustness(as_logits, first)
        known = probabilities(logits, temperature).max(axis=1)
        rejections = {}
        for name, pictures in (unknown or {}).items():
            other = probabilities(as_logits(pictures), temperature).max(axis=1)
            rejections[name] = measure_rejection(known, other, unknown_below)
    return Evaluation(
        labels=bundle.labels,
        unknown_below=unknown_below,
        runtime=net.runtime.name,
        mirrored=mirrored,
        scores=score(logits, data.labels, temperature, unknown_below),
        robustness=robustness,
        rejections=rejections,
    )


def find_unknown(
    dataset: str, data_dir: Path | None, side: int, limit: int | None = None
) -> dict[str, NDArray[np.uint8]]:
    """Pictures of none of a dataset's classes: the other CIFAR's where they are, and made ones.

    The kinds of things that training shows as outliers are a set, and those that it never shows
    another, which is the one that tells how a net fares with the rest of the world; unless it
    started from a net that was taught them.

    Args:
        dataset: whose classes are known.
        data_dir: see :func:`models.data.load_dataset`.
        side: of the pictures made here, in pixels.
        limit: at most so many in each set.

    Returns:
        Pictures (M, side, side, 3) uint8 RGB, by the name of their set.
    """
    found = {}
    other = OTHER[dataset]
    try:
        data = load_dataset(other, "test", data_dir)
    except DatasetError as error:
        print(f"models.evaluate: measured without {other}: {error}", file=sys.stderr)
    else:
        for kinds in KINDS:
            found[f"{other}_{kinds}_test"] = of_kinds(other, data, kinds).pictures
    found |= make_unknown(MADE_PICTURES, side)
    return {name: pictures[:limit] for name, pictures in found.items()}


def check_fits(
    bundle: Bundle,
    data: LabelledPictures,
    way_out: str = "a bundle is fitted here only if CIFAR-10's or CIFAR-100's are its own",
) -> None:
    """Refuse a bundle of other classes: which of its answers are right, nobody could tell.

    Raises:
        ModelError: its labels are not those of ``data``, in their order, or it takes pictures of
            another size.
    """
    if bundle.labels != data.names:
        raise ModelError(
            f"{bundle.folder} tells {len(bundle.labels)} classes apart, and they are not the "
            f"{len(data.names)} of this dataset; {way_out}"
        )
    size = data.pictures.shape[1]
    if bundle.input_size != size:
        raise ModelError(
            f"{bundle.folder} takes pictures of {bundle.input_size} pixels a side, and those of "
            f"this dataset have {size}; name a bundle that takes such"
        )


def dataset_of(bundle: Bundle) -> str:
    """Key of :data:`models.data.ARCHIVES` that the bundle's labels are of."""
    return "cifar100" if have_superclasses(bundle.labels) else "cifar10"


@command("models.evaluate")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser(
        "python -m models.evaluate", description="Measure a model bundle on test pictures."
    )
    parser.add_argument(
        "bundle",
        nargs="+",
        help="folder of the bundle, or the name of one that is shipped; of two the first is asked "
        "first, as models.cascade fitted it",
    )
    parser.add_argument(
        "--dataset", choices=ARCHIVES, help="default: the one that the bundle's labels are of"
    )
    parser.add_argument("--data", type=Path, help="folder with the official archive")
    parser.add_argument(
        "--runtime", choices=RUNTIMES, default="litert", help="default: %(default)s"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--mirrored",
        action="store_true",
        help="measure what the program publishes: the mean of the answers to a picture and to its "
        "mirror image",
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help="only the first N pictures of each set"
    )
    parser.add_argument(
        "--corruptions", action="store_true", help="also on corrupted pictures (minutes)"
    )
    parser.add_argument(
        "--corruption-pictures",
        type=int,
        metavar="N",
        default=CORRUPTION_PICTURES,
        help="corrupt the first N pictures (default %(default)s)",
    )
    parser.add_argument(
        "--unknown",
        action="store_true",
        help="also how well it tells other things and noise from its own classes",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="write JSON and pictures")
    parser.add_argument("--write", action="store_true", help="record the scores in model.yaml")
    options = parser.parse_args(arguments)
    counts = (options.threads, options.corruption_pictures, options.limit)
    if any(count is not None and count < 1 for count in counts):
        raise UsageError("--threads, --limit and --corruption-pictures must be positive")
    if options.write and options.limit is not None:
        raise UsageError("--write records whole scores only; leave --limit out")
    if len(options.bundle) > 2:
        raise UsageError("name one bundle, or two of which the first is asked first")
    if options.write and len(options.bundle) == 2:
        raise UsageError("--write records what one bundle scores; name only that one")
    bundle = load_model(options.bundle[0] if len(options.bundle) == 1 else tuple(options.bundle))
    dataset = options.dataset or dataset_of(bundle)
    data = load_dataset(dataset, "test", options.data)
    data = data.take(np.arange(min(options.limit or len(data), len(data))))
    unknown = None
    if options.unknown:
        unknown = find_unknown(dataset, options.data, bundle.input_size, options.limit)
    found = evaluate(
        bundle,
        data,
        options.runtime,
        options.threads,
        mirrored=options.mirrored,
        corruption_pictures=options.corruption_pictures if options.corruptions else 0,
        unknown=unknown,
    )
    print(found.as_json() if options.json else found.as_text())
    # First: minutes of measuring are not lost where the report cannot be written.
    if options.write:
        add_scores(bundle.folder, found.for_description())
    if options.report is not None:
        found.write(options.report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
