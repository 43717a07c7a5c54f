"""What a comparison was made on."""

import contextlib
import platform
from pathlib import Path


def processor() -> str:
    """The processor's name; where the system does not tell, its kind."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
