"""Measure a bundle on test pictures: ``python -m models.evaluate models/fastnet-cifar10``.

It is the .tflite itself that is measured, through the loader and the runtime of the device.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from tqdm import tqdm

from camera_app.errors import CameraAppError, ModelError, OutputError, UsageError
from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.runtimes import MODULES, Runtime
from camera_app.inference.selection import choose_runtime
from models.bundle import add_scores
from models.data import ARCHIVES, LabelledPictures, load_dataset
from models.scores import Scores, score

RUNTIMES = ("auto", *MODULES)
CONFUSION_CLASSES = 20
"""A confusion table of more classes fits no terminal; --report draws it."""


def runtime_logits(runtime: Runtime, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits (N, classes) of pictures (N, S, S, 3) uint8 RGB, one by one as on the device."""
    bar = tqdm(pictures, desc=f"int8, {runtime.name}", unit="picture", leave=False)
    return np.stack([runtime.run(np.ascontiguousarray(picture[:, :, ::-1])) for picture in bar])


def evaluate(
    bundle: Bundle, data: LabelledPictures, runtime: str = "auto", threads: int = 1
) -> tuple[Scores, str]:
    """Measure a bundle.

    Args:
        bundle: what to measure.
        data: pictures of the bundle's input size, labelled with the bundle's labels.
        runtime: one of :data:`RUNTIMES`.
        threads: that the interpreter may use.

    Returns:
        The scores, and the name of the runtime they were measured with.

    Raises:
        ModelError: the pictures' labels are not the bundle's.
        RuntimeUnavailableError: the runtime does not work here.
    """
    if bundle.labels != data.names:
        raise ModelError(
            f"{bundle.folder} tells {len(bundle.labels)} classes apart, and they are not the "
            f"{len(data.names)} of this dataset; choose the one it was trained on with --dataset"
        )
    chosen, _ = choose_runtime(bundle, runtime, threads)
    try:
        logits = runtime_logits(chosen, data.pictures)
    finally:
        chosen.close()
    return score(logits, data.labels, bundle.temperature, bundle.unknown_below), chosen.name


def as_text(scores: Scores, labels: tuple[str, ...]) -> str:
    """The scores as lines for a terminal."""
    summary = scores.summary()
    lines = [f"{name.replace('_', ' '):>18}  {value}" for name, value in summary.items()]
    lines.append("")
    width = max(map(len, labels))
    per_class = zip(labels, scores.per_class, strict=True)
    lines += [f"{label:>{width}}  {share:7.2%}" for label, share in per_class]
    if len(labels) <= CONFUSION_CLASSES:
        lines += ["", "label (row) and answer (column):"]
        lines.append(" " * width + "".join(f"{label[:6]:>7}" for label in labels))
        for label, row in zip(labels, scores.confusion, strict=True):
            lines.append(f"{label:>{width}}" + "".join(f"{count:7d}" for count in row))
    return "\n".join(lines)


def as_json(scores: Scores, labels: tuple[str, ...], runtime: str) -> str:
    """The scores as one JSON object, every class and the confusion counts included."""
    per_class = zip(labels, scores.per_class, strict=True)
    content = {
        "runtime": runtime,
        **scores.summary(),
        "per_class": {
            label: None if np.isnan(share) else round(float(share), 4) for label, share in per_class
        },
        "confusion": scores.confusion.tolist(),
    }
    return json.dumps(content, indent=2)


def draw_confusion(scores: Scores, labels: tuple[str, ...], path: Path) -> None:
    """Draw the confusion counts as a picture, each row as shares of its class.

    Raises:
        OutputError: the picture cannot be written.
    """
    counts = scores.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.5 + 0.45 * min(len(labels), 40)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot(xlabel="answer", ylabel="label", title=f"top-1 {scores.top1:.2%}")
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    if len(labels) <= CONFUSION_CLASSES:
        for (row, column), count in np.ndenumerate(counts):
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=color, fontsize=7)
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error}") from error


def _write_report(folder: Path, scores: Scores, labels: tuple[str, ...], runtime: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scores.json").write_text(as_json(scores, labels, runtime) + "\n")
    except OSError as error:
        raise OutputError(f"cannot write the report to {folder}: {error}") from error
    draw_confusion(scores, labels, folder / "confusion.png")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        "python -m models.evaluate", description="Measure a model bundle on test pictures."
    )
    parser.add_argument("bundle", help="folder of the bundle, or the name of one that is shipped")
    parser.add_argument("--dataset", choices=ARCHIVES, default="cifar10")
    parser.add_argument("--data", type=Path, help="folder with the official archive")
    parser.add_argument("--runtime", choices=RUNTIMES, default="auto")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N pictures")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="write JSON and a picture")
    parser.add_argument("--write", action="store_true", help="record the scores in model.yaml")
    options = parser.parse_args(arguments)
    try:
        if options.threads < 1 or (options.limit is not None and options.limit < 1):
            raise UsageError("--threads and --limit must be positive")
        if options.write and options.limit is not None:
            raise UsageError("--write records whole scores only; leave --limit out")
        bundle = load_bundle(options.bundle)
        data = load_dataset(options.dataset, "test", options.data)
        data = data.take(np.arange(min(options.limit or len(data), len(data))))
        scores, runtime = evaluate(bundle, data, options.runtime, options.threads)
        labels = bundle.labels
        print(as_json(scores, labels, runtime) if options.json else as_text(scores, labels))
        if options.report is not None:
            _write_report(options.report, scores, labels, runtime)
        if options.write:
            test_scores = {f"{name}_test": value for name, value in scores.summary().items()}
            add_scores(bundle.folder, test_scores)
    except CameraAppError as error:
        print(f"models.evaluate: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
