"""The board and what runs on it: operating system, Python, disk, heat, power."""

import platform
import sys
from pathlib import Path

from camera_app.doctor.finding import Finding, fail, note, ok
from camera_app.doctor.machine import Machine
from camera_app.sensors import Throttling, parse_throttling, read_temperature, read_throttling

ENOUGH_BYTES = 200_000_000
"""The log takes 60 MB at its default limits; the rest is for a system that wants to be updated."""

HOT_CELSIUS = 80.0
"""From here on a Raspberry Pi slows itself down."""


def check_system(machine: Machine) -> list[Finding]:
    """All findings of this module."""
    return [
        _operating_system(machine),
        _python(machine),
        _disk(machine),
        _memory_limit(machine),
        _temperature(machine),
        _throttling(machine),
    ]


def _operating_system(machine: Machine) -> Finding:
    lines = (machine.read("etc/os-release") or "").splitlines()
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    name = fields.get("PRETTY_NAME", "unknown system").strip('"')
    board = f", {machine.board}" if machine.board else ""
    return ok("system", f"{name}, {platform.release()}, {platform.machine()}{board}")


def _python(machine: Machine) -> Finding:
    version = platform.python_version()
    kind = "virtual environment" if sys.prefix != sys.base_prefix else "no virtual environment"
    return ok("python", f"{version}, {machine.python} ({kind})")


def _disk(machine: Machine) -> Finding:
    places = {"/": machine.root, "/var/log": machine.root / "var/log"}
    free = {name: machine.free(path) for name, path in places.items()}
    known = {name: space for name, space in free.items() if space is not None}
    if not known:
        return note("disk", "how much is free cannot be told")
    place = min(known, key=known.__getitem__)
    message = f"{known[place] / 1e6:,.0f} MB free on {place}"
    if known[place] < ENOUGH_BYTES:
        return fail("disk", message, "sudo apt clean && sudo journalctl --vacuum-size=50M")
    return ok("disk", message)


def _memory_limit(machine: Machine) -> Finding:
    controllers = machine.read("sys/fs/cgroup/cgroup.controllers")
    if controllers is None:
        return note("memory limit", "this kernel has no unified control groups")
    if "memory" in controllers.split():
        return ok("memory limit", "the kernel can hold the service to its share")
    return note(
        "memory limit",
        "the kernel cannot hold the service to its share of memory",
        "sudo sed -i 's/$/ cgroup_enable=memory/' /boot/firmware/cmdline.txt && sudo reboot",
    )


def _temperature(machine: Machine) -> Finding:
    celsius = read_temperature(machine.root)
    if celsius is None:
        return note("temperature", "this board has no sensor that the kernel knows of")
    if celsius >= HOT_CELSIUS:
        return fail(
            "temperature",
            f"{celsius:.0f} °C, and a board slows itself down from {HOT_CELSIUS:.0f} °C: it needs "
            "a heat sink or fewer labels a second",
            "python -m camera_app --set power.max_fps=5",
        )
    return ok("temperature", f"{celsius:.0f} °C")


def _throttling(machine: Machine) -> Finding:
    throttling = read_throttling(machine.root) or _ask_firmware(machine)
    again = "vcgencmd get_throttled  # once it has its own supply of 5 V and 3 A, or is cooled"
    if throttling is None:
        return note("throttling", "this board does not tell")
    if throttling.now:
        return fail("throttling", ", ".join(throttling.now), again)
    if throttling.before:
        past = ", ".join(throttling.before)
        return note("throttling", f"not now, but since the start at times: {past}", again)
    return ok("throttling", "none since the start")


def _ask_firmware(machine: Machine) -> Throttling | None:
    if not Path(machine.root / "dev/vcio").exists():
        return None
    answer = machine.run(["vcgencmd", "get_throttled"])
    return parse_throttling(answer.output) if answer is not None and answer.status == 0 else None
