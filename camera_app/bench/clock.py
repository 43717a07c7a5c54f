"""How fast one core's clock runs while it works."""

import ctypes
import mmap
import platform
import time
from pathlib import Path

MAX_FREQUENCY = Path("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")
"""In kHz. A virtual machine has none, and what /proc/cpuinfo names there is not the clock."""

CHAIN, LATENCY = 32, 3
"""Multiplications that each wait for the one before, and the cycles that each takes on every x86-64
processor since 2008."""

TURNS = 20_000
"""Half a millisecond: mostly undisturbed."""

ATTEMPTS = 20


def core_hertz() -> float | None:
    """Cycles a second of a core at work; None where there is no way to tell."""
    try:
        return int(MAX_FREQUENCY.read_text()) * 1e3
    except (OSError, ValueError):
        return _measured() if platform.machine() == "x86_64" else None


def _measured() -> float | None:
    """Timed on a chain of multiplications, of which it is known what they take."""
    turns = TURNS.to_bytes(4, "little")
    body = b"\x0f\xaf\xc0" * CHAIN + b"\xff\xc9"  # imul eax, eax …; dec ecx
    back = (-len(body) - 2).to_bytes(1, "little", signed=True)
    code = b"\xb9" + turns + b"\xb8\x03\0\0\0" + body + b"\x75" + back + b"\xc3"  # jnz; ret
    try:
        memory = mmap.mmap(-1, len(code), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    except OSError:  # some systems let no program write what it runs
        return None
    memory.write(code)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    run = ctypes.CFUNCTYPE(None)(start)

    def seconds() -> float:
        begin = time.perf_counter()
        run()
        return time.perf_counter() - begin

    return TURNS * CHAIN * LATENCY / min(seconds() for _ in range(ATTEMPTS))
