"""How much of a net's accuracy is left when pictures are corrupted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from models.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from models.data import LabelledPictures

CORRUPTION_PICTURES = 1_000
"""Each is seen 35 times: all 10,000 of a test set would take a quarter of an hour or more. A cell
of the table then has a standard error of about a point."""

AsLogits = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Pictures (N, S, S, 3) uint8 RGB → logits (N, classes)."""


@dataclass(frozen=True)
class Robustness:
    """Accuracy on corrupted pictures.

    Attributes:
        pictures: how many were corrupted, each in every way: the first ones of their set.
        clean: share of these pictures that is told rightly as they are.
        top1: share at each strength, weakest first, by corruption.
    """

    pictures: int
    clean: float
    top1: dict[str, tuple[float, ...]]

    @property
    def means(self) -> dict[str, float]:
        """Mean over the strengths, by corruption."""
        return {name: float(np.mean(shares)) for name, shares in self.top1.items()}

    @property
    def mean(self) -> float:
        """Mean over all corruptions and strengths, each counting the same."""
        return float(np.mean(list(self.means.values())))

    def summary(self) -> dict[str, Any]:
        """The single numbers, plain and rounded, by their names in model.yaml."""
        return {"top1_corruptions": round(self.mean, 4), "corruption_pictures": self.pictures}

    def as_json(self) -> dict[str, Any]:
        """All numbers, plain and rounded."""
        return {
            "pictures": self.pictures,
            "clean": round(self.clean, 4),
            "top1": {name: [round(x, 4) for x in shares] for name, shares in self.top1.items()},
            "mean": {name: round(share, 4) for name, share in self.means.items()},
        }

    def as_text(self) -> str:
        """The table of corruptions and strengths, for a terminal."""
        width = max(map(len, self.top1))
        lines = [
            "top-1 on corruptions made here (not CIFAR-10-C), at five strengths",
            f"of the first {self.pictures:,} pictures:",
            " " * width + "".join(f"{strength:8d}" for strength in STRENGTHS) + "    mean",
        ]
        for name, shares in self.top1.items():
            cells = "".join(f"{share:8.2%}" for share in (*shares, self.means[name]))
            lines.append(f"{name.replace('_', ' '):>{width}}{cells}")
        lines.append(f"mean of all {self.mean:.2%}; without corruption {self.clean:.2%}")
        return "\n".join(lines)


def measure_robustness(as_logits: AsLogits, data: LabelledPictures) -> Robustness:
    """Measure a net on ``data``, at least one picture, corrupted in every way."""

    def top1(pictures: NDArray[np.uint8]) -> float:
        return float((as_logits(pictures).argmax(axis=1) == data.labels).mean())

    cells = [(name, strength) for name in CORRUPTIONS for strength in STRENGTHS]
    shares = {
        cell: top1(corrupt(data.pictures, *cell))
        for cell in tqdm(cells, desc="corruptions", leave=False)
    }
    return Robustness(
        pictures=len(data),
        clean=top1(data.pictures),
        top1={
            name: tuple(shares[name, strength] for strength in STRENGTHS) for name in CORRUPTIONS
        },
    )
