"""Draw FastNet from its table: ``python -m models.drawing models/architecture.svg``."""

import sys
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from camera_app.arguments import Parser
from camera_app.errors import OutputError
from models.command import command
from models.fastnet import INPUT_SIZE, LAYERS, multiply_adds_by_formula

COLOURS = {3: "#2f7d6d", 1: "#d08c3f", "pool": "#9aa3ad", "end": "#3d5a80"}
HEIGHTS = {32: 2.6, 16: 2.0, 8: 1.55, 4: 1.25, 2: 1.0}
"""Of a block, by the side of the pictures in it."""


@dataclass(frozen=True)
class Block:
    """One box of the drawing: what it is, below it what it gives."""

    name: str
    shape: str
    side: int
    colour: str


def blocks(classes: int = 10) -> list[Block]:
    """The layers of the ``camera`` form in order."""
    side = INPUT_SIZE
    boxes = [Block("picture", f"{side}×{side}×3", side, "#ffffff")]
    for spec in LAYERS:
        name = f"{spec.kernel_size}×{spec.kernel_size} conv"
        shape = f"{side}×{side}×{spec.filters}"
        boxes.append(Block(name, shape, side, COLOURS[spec.kernel_size]))
        if spec.pool_after:
            side //= 2
            boxes.append(Block("max-pool", f"{side}×{side}×{spec.filters}", side, COLOURS["pool"]))
    boxes.append(Block("average", str(LAYERS[-1].filters), side, COLOURS["end"]))
    boxes.append(Block("logits", str(classes), side, COLOURS["end"]))
    return boxes


def draw(path: Path) -> None:
    """Draw the layers in a row, in the format that ``path`` ends in.

    Raises:
        OutputError: it cannot be written, or nothing draws that format.
    """
    # Without a date and with a fixed salt for its names, the same table gives the same file.
    with mpl.rc_context({"svg.hashsalt": "fastnet", "font.size": 8}):
        figure = Figure(figsize=(12, 3.4), layout="constrained")
        axes = figure.add_subplot()
        boxes = blocks()
        for place, block in enumerate(boxes):
            _draw_block(axes, place, block)
        axes.set_xlim(-0.7, len(boxes) - 0.3)
        axes.set_ylim(-2.6, 2.0)
        axes.set_axis_off()
        millions = multiply_adds_by_formula() / 1e6
        axes.set_title(
            f"FastNet, camera form: every convolution carries its normalization and ReLU; "
            f"{millions:.0f} million multiply-adds"
        )
        try:
            metadata = {"Date": None} if path.suffix == ".svg" else None
            figure.savefig(path, metadata=metadata)
        except (OSError, ValueError) as error:
            raise OutputError(f"cannot draw {path}: {error}") from error


def _draw_block(axes: Axes, place: int, block: Block) -> None:
    height = HEIGHTS[block.side]
    box = Rectangle(
        (place - 0.36, -height / 2), 0.72, height, facecolor=block.colour, edgecolor="#222222"
    )
    axes.add_patch(box)
    axes.text(place, 0, block.name, rotation=90, ha="center", va="center", color=_ink(block.colour))
    axes.text(place, -1.45, block.shape, rotation=90, ha="center", va="top")
    if place:
        axes.annotate(
            "",
            (place - 0.36, 0),
            (place - 0.64, 0),
            arrowprops={"arrowstyle": "->", "linewidth": 0.8},
        )


def _ink(background: str) -> str:
    return "black" if background in ("#ffffff", COLOURS["pool"], COLOURS[1]) else "white"


@command("models.drawing")
def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = Parser("python -m models.drawing", description="Draw FastNet.")
    parser.add_argument("path", type=Path, help="file to write: .svg or .png")
    draw(parser.parse_args(arguments).path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
