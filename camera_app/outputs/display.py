"""Whether a window can be opened here, found out without opening one.

OpenCV's window library ends the whole process when the X server does not answer, so this asks
first, with the very library and credentials that the window would use.
"""

import contextlib
import ctypes
import importlib.util
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from camera_app.outputs.x11 import Connection, load_libxcb
from camera_app.threads import start_thread

ANSWER_SECONDS = 3.0
"""A display behind a slow network answers in well under this; a dead one never does."""


@contextlib.contextmanager
def hold_display() -> Iterator[str | None]:
    """Yield why no window can be opened, in a few words, or None if one can.

    Until the end of the block a connection to the display is held: some servers start afresh when
    the last one closes, and a window that opens at that moment would be the end of the process.

    Raises:
        CameraAppError: there can be no thread to ask in.
    """
    with contextlib.ExitStack() as held:
        if not os.environ.get("DISPLAY"):
            if os.environ.get("WAYLAND_DISPLAY"):
                yield "Wayland without XWayland (DISPLAY is not set)"
            else:
                yield "no display (DISPLAY is not set)"
        else:
            yield _why_no_answer(held) or _why_no_plugin()


def _why_no_answer(held: contextlib.ExitStack) -> str | None:
    """Connect to the display; the connection is closed when ``held`` is."""
    try:
        load_libxcb()
    except OSError:
        return "the library libxcb.so.1 is missing"
    connections: list[Connection] = []
    # In a thread, because a server that has stopped keeps its callers waiting for ever.
    thread = threading.Thread(
        target=lambda: connections.append(Connection()), name="display", daemon=True
    )
    start_thread(thread)
    thread.join(ANSWER_SECONDS)
    display = os.environ["DISPLAY"]
    if not connections:
        return f"the display {display} does not answer"
    held.callback(connections[0].close)
    if connections[0].broken:
        return f"the display {display} does not answer or refuses us"
    return None


def _why_no_plugin() -> str | None:
    """Whether the X11 plugin inside opencv-python's wheel finds the libraries it needs."""
    spec = importlib.util.find_spec("cv2")
    if spec is None or spec.origin is None:
        return "OpenCV is missing"
    plugin = Path(spec.origin).parent / "qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.exists():
        return None  # a build with another window library
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error)
    return None
