"""Full-size photographs that are not CIFAR's: ``python -m models.photographs.stamps FOLDER``.

Tux Paint's stamps are photographs of animals, vehicles and things, cut out; Debian has them as the
package tuxpaint-stamps-default. They are laid on grounds drawn here, as large as a camera's frame,
into a folder for each of CIFAR-10's labels and one for what is none of them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_app.arguments import Parser
from camera_app.errors import DatasetError, OutputError
from camera_app.frame import UNKNOWN
from models.command import command

Pixels = NDArray[np.uint8]

STAMPS_FOLDER = Path("/usr/share/tuxpaint/stamps")

SIDE = 480
"""Of the pictures made, in pixels."""

FILLED = 0.86
"""How much of a picture's side the longer side of a stamp takes."""

STAMPS: dict[str, tuple[str, ...]] = {
    "airplane": ("vehicles/flight/planes/747", "military/vehicles/f22_raptor"),
    "automobile": ("vehicles/auto/beetle", "vehicles/auto/sedan", "vehicles/auto/sportscar2"),
    "bird": tuple(
        f"animals/birds/{name}"
        for name in (
            "blackbird",
            "crow",
            "cuckoo",
            "drake",
            "duck",
            "gander",
            "hen",
            "heron_greatblue",
            "lark",
            "magpie",
            "nandou",
            "ostrich",
            "owl",
            "pelican",
            "pigeon",
            "rooster",
            "seagull",
            "turkey",
        )
    ),
    "cat": ("seasonal/halloween/blackcat",),
    "deer": tuple(f"animals/mammals/deer/{name}" for name in ("caribou", "deer", "doe", "wapiti")),
    "dog": ("animals/mammals/dogs/dog", "animals/mammals/dogs/dingo"),
    "frog": ("animals/amphibians/frog", "animals/amphibians/frog-1"),
    "horse": ("animals/mammals/equines/horse",),
    "ship": ("vehicles/ship/chineseJunk", "vehicles/ship/walnutBoat"),
    "truck": ("vehicles/emergency/firetruck", "vehicles/garbagetruck"),
}
"""By label: the package's photographs of the ten kinds, and of its many birds the plainer ones."""

OTHER_FOLDERS = ("clothes", "food", "household", "plants")
OTHER_STAMPS = 48
"""So many of what is in these folders, evenly chosen, stand for what is none of the ten."""

BEHIND = {
    "airplane": ((225, 185, 140), (235, 205, 170)),
    "ship": ((230, 200, 170), (120, 85, 45)),
    "automobile": ((175, 180, 180), (85, 85, 85)),
    "truck": ((175, 180, 180), (85, 85, 85)),
}
MEADOW = ((225, 190, 150), (70, 130, 95))
ROOM = ((170, 185, 195), (90, 120, 150))
"""Colours (BGR) above and below the horizon that a thing of the label is seen against."""


def collect(folder: Path, stamps: Path = STAMPS_FOLDER) -> int:
    """Make the pictures; returns how many. ``folder`` gets a folder for each label.

    Raises:
        DatasetError: the stamps are not there.
        OutputError: ``folder`` exists, or cannot be written.
    """
    if not (stamps / "animals").is_dir():
        raise DatasetError(
            f"there are no stamps in {stamps}; `apt install tuxpaint-stamps-default` brings them, "
            "or name their folder with --stamps"
        )
    rng = np.random.default_rng(0)
    count = 0
    try:
        folder.mkdir(parents=True)
        for label, file in _files(stamps):
            stamp = _read(file)
            grounds = {"seen": _scene(label, rng), "plain": _plain(rng)}
            for kind, ground in grounds.items():
                target = folder / label / f"{file.parent.name}-{file.stem}-{kind}.png"
                target.parent.mkdir(exist_ok=True)
                if not cv2.imwrite(str(target), _lay(stamp, ground)):
                    raise OutputError(f"cannot write {target}; is the disk full?")
                count += 1
    except OSError as error:
        raise OutputError(f"cannot make {folder}: {error.strerror or error}") from error
    return count


def _files(stamps: Path) -> Iterator[tuple[str, Path]]:
    for label, names in STAMPS.items():
        for name in names:
            yield label, stamps / f"{name}.png"
    others = [
        path
        for folder in OTHER_FOLDERS
        for path in sorted((stamps / folder).rglob("*.png"))
        if "cartoon" not in str(path) and not path.stem.endswith("_mirror")
    ]
    for place in np.linspace(0, len(others) - 1, min(OTHER_STAMPS, len(others))).round():
        yield UNKNOWN, others[int(place)]


def _read(file: Path) -> NDArray[np.float32]:
    """The stamp (H, W, 4) float32, BGR and opacity 0 … 255, cut to what is not transparent."""
    stamp = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if stamp is None or stamp.ndim != 3 or stamp.shape[2] != 4:
        raise DatasetError(f"{file} is not the cut-out photograph it should be")
    rows, columns = np.nonzero(stamp[..., 3] > 20)
    stamp = stamp[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scale = FILLED * SIDE / max(stamp.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(stamp, None, fx=scale, fy=scale, interpolation=method)
    return np.asarray(resized, dtype=np.float32)


def _scene(label: str, rng: np.random.Generator) -> NDArray[np.float64]:
    above, below = BEHIND.get(label, ROOM if label == UNKNOWN else MEADOW)
    rows = np.linspace(0, 1, SIDE)[:, np.newaxis, np.newaxis]
    share = np.clip((rows - 0.6) * 12 + 0.5, 0, 1)
    clean: NDArray[np.float64] = np.array(above) * (1 - share) + np.array(below) * share
    return clean + rng.normal(0, 9, (SIDE, SIDE, 3))


def _plain(rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.uniform(90, 200, 3) + rng.normal(0, 4, (SIDE, SIDE, 3))


def _lay(stamp: NDArray[np.float32], ground: NDArray[np.float64]) -> Pixels:
    """The stamp in the middle of the ground."""
    height, width = stamp.shape[:2]
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    picture = ground.copy()
    opacity = stamp[..., 3:] / 255
    place = picture[top : top + height, left : left + width]
    place[:] = place * (1 - opacity) + stamp[..., :3] * opacity
    laid: Pixels = np.clip(picture, 0, 255).astype(np.uint8)
    return laid


@command("models.photographs.stamps")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser(
        "python -m models.photographs.stamps",
        description="Make labelled full-size pictures of Tux Paint's stamps.",
    )
    parser.add_argument("folder", type=Path, help="to make")
    parser.add_argument("--stamps", type=Path, default=STAMPS_FOLDER)
    options = parser.parse_args(arguments)
    count = collect(options.folder, options.stamps)
    print(f"{options.folder}: {count} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
