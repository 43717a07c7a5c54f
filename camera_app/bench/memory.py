"""How much memory a process holds."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """Of one process, in megabytes of 10^6 bytes; None where the system does not tell."""

    resident_mb: float | None
    peak_mb: float | None


def memory_of(process: int | str = "self") -> Memory:
    """What Linux counts for a process: VmRSS and VmHWM of /proc/PID/status (see proc(5))."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return Memory(None, None)
    # A process that has ended and waits for its parent has a status and no memory.
    fields = dict(line.split(":", 1) for line in status.splitlines() if line.startswith("Vm"))
    resident, peak = (
        int(fields[name].split()[0]) * 1024 / 1e6 if name in fields else None
        for name in ("VmRSS", "VmHWM")
    )
    return Memory(resident, peak)


def in_megabytes(memory: Memory) -> str:
    """What a process holds, for a person."""
    if memory.resident_mb is None or memory.peak_mb is None:
        return "not known on this system, or the run was too short to see"
    return f"{memory.resident_mb:.1f} MB resident, {memory.peak_mb:.1f} MB at most"
