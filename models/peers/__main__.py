"""Measure the camera's net and program beside others: ``python -m models.peers --out FOLDER``.

All run the weights of one bundle, on one core, each in a process of its own, and the processes take
turns. See :mod:`models.peers.registry` for who they are.
"""

import functools
import importlib.metadata
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from camera_app.arguments import Parser
from camera_app.errors import OutputError, UsageError
from camera_app.inference.bundle import load_bundle
from models.command import chosen, command
from models.compare.processor import processor
from models.compare.turns import steadiness
from models.data import LabelledPictures, load_dataset, split_held_out
from models.evaluate import dataset_of
from models.peers.prepare import prepare
from models.peers.process import start
from models.peers.registry import NET, PEERS
from models.peers.table import as_csv, as_markdown
from models.peers.turns import REFERENCES, Row, measure
from models.peers.work import SIZE, Work
from models.quantize import CALIBRATION_PICTURES

REPEATS = 10
"""Rounds; their medians settle to about a per cent on a quiet machine."""

SHOWN = 1_000
"""Held-out pictures whose labels are compared."""

FRAMES = 100
"""Of the film, in a turn of a program."""

SMALLEST, LARGEST = 32, 4096
"""Sides of the film, pixels: no smaller than a net's picture, no larger than a camera gives."""

PACKAGES = (
    "ai-edge-litert",
    "tflite-runtime",
    "ncnn",
    "opencv-python",
    "onnxruntime",
    "mediapipe",
)


def compare(
    names: Sequence[str],
    learning: LabelledPictures,
    held_out: LabelledPictures,
    work: Work,
    rounds: int,
) -> list[Row]:
    """Measure peers.

    Args:
        names: of the registry.
        learning: training pictures; int8's ranges are measured on the first of them.
        held_out: pictures that nets are shown.
        work: the model, and where files go.
        rounds: turns of each.

    Returns:
        A row for each name; what could not be made or run says so in its row.

    Raises:
        CameraAppError: the model, or what the others are compared with, does not run.
    """
    needed = {file for name in names for file in PEERS[name].files}
    unmade = prepare(
        needed,
        load_bundle(work.model),
        learning.pictures[:CALIBRATION_PICTURES],
        held_out.pictures[:SHOWN],
        work,
    )
    failures = {
        name: unmade[file] for name in names for file in PEERS[name].files if file in unmade
    }
    return measure(names, failures, functools.partial(start, work=work), rounds)


def _heading(rows: Sequence[Row], rounds: int, pictures: int, size: tuple[int, int]) -> str:
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    sentences = [
        f"On one core of {processor()}, with {', '.join(versions)}.",
        f"Each in a process of its own, {rounds} rounds in turn; medians.",
        "Ratios are to ours with LiteRT in the same round.",
        f"Labels are compared on {pictures} held-out pictures, of which the film shows the first.",
        f"Its frames are of {size[0]}x{size[1]}.",
    ]
    for row in rows:
        if row.name in REFERENCES.values() and row.latency is not None:
            sentences += steadiness(f"our {row.peer.kind}", row.latency.spread)
    return " ".join(dict.fromkeys(sentences))  # that the machine was busy is said once


def _chosen(only: Sequence[str] | None) -> list[str]:
    """Names in the registry's order, with them our net and what their kind is compared with."""
    wanted = chosen(only, PEERS, "peer")
    references = {NET, *(REFERENCES[PEERS[name].kind] for name in wanted)}
    return [name for name in PEERS if name in wanted or name in references]


@command("models.peers")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser(
        "python -m models.peers",
        description="Measure the camera's net and program beside others that run the same weights.",
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of {', '.join(PEERS)}")
    parser.add_argument("--model", default="fastnet-cifar10", metavar="BUNDLE")
    parser.add_argument("--data", type=Path, help="folder with the official archive")
    parser.add_argument("--repeats", type=int, default=REPEATS, metavar="N", help="rounds")
    parser.add_argument(
        "--frames", type=int, default=FRAMES, metavar="N", help="of the film, in a round"
    )
    parser.add_argument(
        "--size",
        type=int,
        nargs=2,
        default=SIZE,
        metavar=("WIDTH", "HEIGHT"),
        help=f"of the film, pixels ({SIZE[0]} {SIZE[1]}, as of a camera)",
    )
    parser.add_argument("--out", type=Path, default=Path("runs/peers"), metavar="FOLDER")
    options = parser.parse_args(arguments)
    if options.repeats < 1 or options.frames < 1:
        raise UsageError("--repeats and --frames must be positive")
    width, height = options.size
    if not SMALLEST <= height <= width <= LARGEST or width % 2 or height % 2:
        raise UsageError(
            f"--size {width} {height}: a width, not less than the height, and a height are wanted, "
            f"both even and from {SMALLEST} to {LARGEST}"
        )
    names = _chosen(options.only)
    bundle = load_bundle(options.model)
    learning, held_out = split_held_out(load_dataset(dataset_of(bundle), "train", options.data))
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=options.out, prefix="nets-") as folder:
            work = Work(
                Path(folder), str(bundle.folder.absolute()), options.frames, (width, height)
            )
            rows = compare(names, learning, held_out, work, options.repeats)
        shown = min(len(held_out), SHOWN)
        page = as_markdown(rows, _heading(rows, options.repeats, shown, (width, height)))
        try:
            print(page, end="")
        finally:  # minutes of measuring are kept in the one place where the other cannot be written
            (options.out / "peers.md").write_text(page, encoding="utf-8")
            (options.out / "peers.csv").write_text(as_csv(rows), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write the comparison to {options.out}: {error}") from error
    return 0


if __name__ == "__main__":
    sys.exit(main())
