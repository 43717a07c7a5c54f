"""What the net cannot be faster than: its multiplications by those that one core can do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from camera_app.bench.clock import core_hertz
from camera_app.inference.bundle import Bundle

PER_CYCLE = {"avx512_vnni": 64, "asimddp": 32, "asimd": 8}
"""Multiply-adds of bytes that a core does in a cycle, by what Linux calls the ability: AVX-512 VNNI
(Zen 4), dot products in 128 bits (Cortex-A76), and multiplications in 128 bits (Cortex-A72)."""

UNEVEN = frozenset((2, 11, 12, 13, 14, 15, 16))
"""Numbers of a convolution that is dilated, or whose height is not as its width."""


@dataclass(frozen=True)
class Limit:
    """Of one core.

    Attributes:
        multiply_adds: of one picture.
        per_cycle: multiply-adds of bytes that the core does at most.
        ability: by which it does.
        hertz: cycles a second.
    """

    multiply_adds: int
    per_cycle: int
    ability: str
    hertz: float

    @property
    def milliseconds(self) -> float:
        """That a picture takes at least."""
        return self.multiply_adds / self.per_cycle / self.hertz * 1e3

    def __str__(self) -> str:
        """What it is, and why."""
        return (
            f"{self.milliseconds:.2f} ms on one core: {self.multiply_adds / 1e6:.0f} M "
            f"multiply-adds, {self.per_cycle} a cycle ({self.ability}), {self.hertz / 1e9:.2f} GHz"
        )


def limit_of(bundle: Bundle, cpuinfo: Path = Path("/proc/cpuinfo")) -> Limit | None:
    """The limit of a bundle's net on this machine; None where something of it is not known.

    Args:
        bundle: the model; its layers are read from its files for ncnn.
        cpuinfo: where the system says what the processor is able to do.
    """
    multiply_adds = multiply_adds_of_param(bundle.ncnn.read().param) if bundle.ncnn else None
    found = _ability(cpuinfo)
    hertz = core_hertz()
    if multiply_adds is None or found is None or hertz is None:
        return None
    return Limit(multiply_adds, PER_CYCLE[found], found, hertz)


def multiply_adds_of_param(param: str) -> int | None:
    """Of all convolutions and matrices of a net in a row, as ncnn describes it.

    None for a net with a layer whose share is not known.

    Args:
        param: text of a ``model.ncnn.param``; see ncnn's page on operators for its numbers.
    """
    width = height = total = 0
    for line in param.splitlines()[2:]:
        kind = line.partition(" ")[0]
        numbers = {int(key): int(value) for key, value in re.findall(r"\b(\d+)=(-?\d+)\b", line)}
        try:
            if kind == "Input":
                width, height = numbers[0], numbers[1]
            elif kind == "Convolution" and not numbers.keys() & UNEVEN:
                width, height = (_after(side, numbers, stride=3, pad=4) for side in (width, height))
                total += numbers[6] * width * height
            elif kind == "Pooling" and numbers.get(4) == 1:
                width = height = 1
            elif kind == "Pooling":
                width, height = (_after(side, numbers, stride=2, pad=3) for side in (width, height))
            elif kind == "InnerProduct":
                total += numbers[2]
            else:
                return None
        except (KeyError, ZeroDivisionError):
            return None
    return total


def _after(side: int, numbers: Mapping[int, int], *, stride: int, pad: int) -> int:
    return (side + 2 * numbers.get(pad, 0) - numbers[1]) // numbers.get(stride, 1) + 1


def _ability(cpuinfo: Path) -> str | None:
    try:
        words = set(cpuinfo.read_text("utf-8", "replace").split())
    except OSError:
        return None
    return next((ability for ability in PER_CYCLE if ability in words), None)
