"""How much memory a net needs to run: ``python -m models.compare.memory FILE`` prints megabytes.

Measured in a process of its own, from just before the net is opened to its highest point; so
neither Python nor the runtime's code counts, only the net, its tensors and its packed weights.
"""

import contextlib
import sys
from pathlib import Path

from camera_app.bench.memory import memory_of
from models.compare.files import run_module
from models.compare.litert import Net, load_library

RUNS = 3
"""The first run allocates all; the others prove it."""


def measured_peak_mb(path: Path) -> float | None:
    """What a process of its own prints for a .tflite file; None where it could not measure."""
    process = run_module("models.compare.memory", str(path.absolute()))
    try:
        return float(process.stdout)
    except ValueError:
        return None


def main(path: Path) -> float | None:
    """Open and run a net here; the megabytes of 10^6 bytes that took, None without a /proc."""
    load_library()
    # Imports may have taken more for a moment than there is now; see proc(5), clear_refs.
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    before = memory_of().resident_mb
    net = Net(path, threads=1)
    for _ in range(RUNS):
        net.run()
    peak = memory_of().peak_mb
    return None if before is None or peak is None else max(0.0, peak - before)


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
