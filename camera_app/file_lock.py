"""Keeping a file to one process."""

import fcntl
from typing import IO, Any


def claim(file: int | IO[Any]) -> bool:
    """Lock a file, or a descriptor of it, for this process until it is closed.

    Returns:
        False if another process has it. Some network file systems cannot lock: there it is True,
        since what is written unlocked is better than nothing.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
