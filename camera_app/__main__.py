"""``python -m camera_app``, and ``camera-app``: the command line as a process."""

import os
import sys
import threading
from typing import NoReturn

from camera_app.errors import INTERRUPTED


def run() -> NoReturn:
    """Run the command line and end the process with its status."""
    try:
        from camera_app.cli import main  # here: it is where an early Ctrl-C falls

        status = main()
    except KeyboardInterrupt:
        status = INTERRUPTED
    if threading.active_count() > 1:
        # A driver hangs, and its thread was left behind. Should the call come back while Python
        # shuts down, it would abort the process. All that is ours is closed by now.
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    run()
