"""Whether a window could be opened."""

import re

from camera_app.doctor.finding import Finding, note, ok
from camera_app.doctor.machine import Machine


def check_display(machine: Machine) -> list[Finding]:
    """The finding on the display; none is no fault."""
    display = machine.environment.get("DISPLAY", "")
    if not display:
        wayland = machine.environment.get("WAYLAND_DISPLAY")
        if wayland:
            return [note("display", "Wayland without XWayland: there is no window, all else works")]
        return [note("display", "none here: there is no window, all else works")]
    local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", display)
    if local and not (machine.root / f"tmp/.X11-unix/X{local[1]}").exists():
        return [note("display", f"DISPLAY is {display}, and no screen is there", "unset DISPLAY")]
    return [ok("display", display)]
