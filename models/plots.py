"""What an evaluation found, drawn."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from camera_app.errors import OutputError
from models.corruptions import STRENGTHS
from models.robustness import Robustness
from models.scores import Scores

CONFUSION_CLASSES = 20
"""The counts of more classes could not be read."""


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
    _save(figure, path)


def draw_robustness(robustness: Robustness, path: Path) -> None:
    """Draw accuracy against strength, one line for each corruption; strength 0 is none.

    Raises:
        OutputError: the picture cannot be written.
    """
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot(
        xlabel="strength",
        ylabel="top-1",
        ylim=(0, 1),
        title=f"corruptions made here, {robustness.pictures:,} pictures, "
        f"mean {robustness.mean:.2%}",
    )
    for name, shares in robustness.top1.items():
        line = (robustness.clean, *shares)
        axes.plot((0, *STRENGTHS), line, marker="o", label=name.replace("_", " "))
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error}") from error
