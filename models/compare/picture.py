"""The comparison as a picture: how often right, against how long it takes."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator

from camera_app.errors import OutputError
from models.compare.rows import Row
from models.zoo.registry import FASTNET

OURS, OTHERS = "#c8472f", "#4a6785"

NEAR = ((8, 6), (8, -13), (-8, 6), (-8, -13), (0, 10), (0, -18))
FAR = tuple((right, up) for up in (26, -34, 44, -52) for right in (0, 30, -30))
"""Places for a label beside its point, in points; the first that hides nothing is taken. A line
leads to one that is far."""

LINE = {"arrowstyle": "-", "color": "#888888", "linewidth": 0.7, "shrinkB": 3}
"""From a label to the point that it names."""

Box = tuple[float, float, float, float]
"""Left, bottom, right and top in pixels."""


def draw(rows: Sequence[Row], path: Path, conditions: str) -> None:
    """Draw every row whose latency and CIFAR-10 accuracy are known.

    Args:
        rows: of the comparison; those of int8 on one thread are drawn.
        path: of the PNG file.
        conditions: a few words below the picture: how and where it was measured.

    Raises:
        OutputError: the picture cannot be written.
    """
    points = [(row, *place) for row in rows if (place := _place(row)) is not None]
    figure = Figure(figsize=(9, 6.5), layout="constrained", dpi=130)
    axes = figure.add_subplot(
        xlabel=f"milliseconds for one picture, 8-bit, one core   (faster ←)\n{conditions}",
        ylabel="CIFAR-10 test pictures recognized, %   (better ↑)",
    )
    axes.set_title("How often right, and how fast: up and to the left is better", loc="left")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter("")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if not points:
        axes.text(0.5, 0.5, "nothing was measured", transform=axes.transAxes, ha="center")
    for row, ms, accuracy in points:
        ours = row.name == FASTNET
        axes.scatter(
            ms,
            accuracy,
            s=260 if ours else 45,
            marker="*" if ours else "o",
            color=OURS if ours else OTHERS,
            zorder=3,
        )
    axes.margins(x=0.15, y=0.1)
    figure.draw_without_rendering()  # where the points are in pixels is known only now
    _label(axes, points)
    try:
        figure.savefig(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error}") from error


def _place(row: Row) -> tuple[float, float] | None:
    """Milliseconds and per cent, where both are known."""
    measured = row.measured.get("int8")
    timing = None if measured is None else measured.timings.get(1)
    if timing is None or row.reported.cifar10 is None:
        return None
    return timing.ms, row.reported.cifar10


def _label(axes: Axes, points: Sequence[tuple[Row, float, float]]) -> None:
    """Write the names beside the points so that none hides another or a point."""
    taken: list[Box] = []
    for row, ms, accuracy in points:
        x, y = axes.transData.transform((ms, accuracy))
        reach = 16 if row.name == FASTNET else 7
        taken.append((x - reach, y - reach, x + reach, y + reach))
    # Ours first: its name gets the best place.
    order = sorted(range(len(points)), key=lambda index: points[index][0].name != FASTNET)
    for index in order:
        row, ms, accuracy = points[index]
        ours = row.name == FASTNET
        for right, up in (*NEAR, *FAR):
            text = axes.annotate(
                row.entry.short or row.entry.title,
                (ms, accuracy),
                (right, up),
                textcoords="offset points",
                arrowprops=LINE if (right, up) in FAR else None,
                ha="left" if right > 0 else "right" if right < 0 else "center",
                fontsize=12 if ours else 9,
                fontweight="bold" if ours else "normal",
                color=OURS if ours else "#222222",
            )
            text.get_window_extent()  # puts it in its place
            extent = Text.get_window_extent(text)  # and without the line
            box = (extent.x0, extent.y0, extent.x1, extent.y1)
            if (right, up) == FAR[-1] or not any(_overlap(box, other) for other in taken):
                taken.append(box)
                break
            text.remove()


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
