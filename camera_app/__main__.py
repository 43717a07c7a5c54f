"""``python -m camera_app``, and ``camera-app``: the command line as a process."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def run() -> "NoReturn":
    """Run the command line and end the process with its status."""
    # What takes time to load is loaded here: it is where an early Ctrl-C falls.
    try:
        from camera_app.quick_start import QuickStart

        with QuickStart() as start:
            from camera_app.cli import main

            status = main(loaded=start.over)
    except KeyboardInterrupt:
        from camera_app.errors import INTERRUPTED

        status = INTERRUPTED
    import threading  # main() has loaded it

    if threading.active_count() > 1:
        # A driver hangs, and its thread was left behind. Should the call come back while Python
        # shuts down, it would abort the process. All that is ours is closed by now.
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    run()
