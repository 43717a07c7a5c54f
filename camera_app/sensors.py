"""How hot the board is, and whether it is held back: read where the kernel says so.

A sensor that is missing is None, never an error: most boards lack some, and an emulated one all.
"""

import contextlib
from pathlib import Path
from typing import NamedTuple

ROOT = Path("/")

# From the Raspberry Pi's documentation of `vcgencmd get_throttled`: what is so now, and, sixteen
# bits higher, what has been so since the start.
_NOW = {
    0: "the supply voltage is too low",
    1: "the processor's clock is capped",
    2: "the processor is throttled",
    3: "the soft temperature limit is reached",
}
_SINCE_START = 16
_SLOWED = (1, 2, 3)


class Throttling(NamedTuple):
    """What the Raspberry Pi's firmware says of itself.

    Attributes:
        flags: the bits, as ``vcgencmd get_throttled`` prints them.
    """

    flags: int

    @property
    def now(self) -> list[str]:
        """What holds the board back at this moment, in words."""
        return [words for bit, words in _NOW.items() if self.flags >> bit & 1]

    @property
    def before(self) -> list[str]:
        """What has held it back since it started, and no longer does."""
        return [
            words
            for bit, words in _NOW.items()
            if self.flags >> (bit + _SINCE_START) & 1 and not self.flags >> bit & 1
        ]

    @property
    def slowed(self) -> bool:
        """Whether the processor runs slower than it could, now."""
        return any(self.flags >> bit & 1 for bit in _SLOWED)


def read_temperature(root: Path = ROOT) -> float | None:
    """The hottest thermal zone, in degrees Celsius; None where the kernel knows of none."""
    readings = []
    for file in _found(root / "sys/class/thermal", "thermal_zone*/temp"):
        # A zone without a sensor behind it exists and cannot be read.
        with contextlib.suppress(ValueError, OverflowError):
            readings.append(int(_read(file) or "") / 1000)
    return max(readings, default=None)


def read_throttling(root: Path = ROOT) -> Throttling | None:
    """The firmware's flags; None where there is no such firmware."""
    for file in _found(root / "sys/devices/platform", "soc*/*firmware/get_throttled"):
        text = _read(file)
        if text is not None:
            return parse_throttling(text)
    return None


def parse_throttling(text: str) -> Throttling | None:
    """Flags as the kernel (``50005``) or ``vcgencmd`` (``throttled=0x50005``) writes them."""
    try:
        return Throttling(int(text.strip().rpartition("=")[2], 16))
    except ValueError:
        return None


def _found(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except OSError:  # it went meanwhile, or no file descriptor is left
        return []


def _read(file: Path) -> str | None:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return None
