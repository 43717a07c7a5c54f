"""``python -m camera_app``, and ``camera-app``: the command line as a process."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def _end(_number: int, _frame: object) -> "NoReturn":
    """End the process where it stands: nothing is open yet."""
    os._exit(130)  # errors.INTERRUPTED, which would have to be loaded


def run() -> "NoReturn":
    """Run the command line and end the process with its status."""
    # What takes time to load is loaded here: it is where an early Ctrl-C falls.
    try:
        import signal

        # Python's own handler raises, which is lost where nothing lets an exception out, as after
        # each module that is imported: the program would go on.
        raises = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if raises:  # not where it is ignored, as in the background
            signal.signal(signal.SIGINT, _end)
        from camera_app.quick_start import QuickStart

        with QuickStart() as start:
            from camera_app.cli import main

            if raises:
                signal.signal(signal.SIGINT, signal.default_int_handler)
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
