"""Starting threads where the system may refuse."""

import threading

from camera_app.errors import CameraAppError


def start_thread(thread: threading.Thread) -> None:
    """Start a thread.

    Raises:
        CameraAppError: the system allows no further one, or has no memory for it.
    """
    try:
        thread.start()
    except RuntimeError as error:
        raise CameraAppError(
            f"the system starts no further thread ({error}); end other programs, or raise the "
            "limit on processes and memory (`ulimit -u`, `ulimit -v`; of a service TasksMax=)"
        ) from error
