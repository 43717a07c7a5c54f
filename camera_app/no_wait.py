"""Opening a file to read it, whatever has taken its place."""

import os
from pathlib import Path
from typing import BinaryIO


def open_at_once(file: Path) -> BinaryIO:
    """Open a file to read its bytes; of a pipe that nobody writes to there are none.

    To open such a pipe in the usual way is to wait for somebody who does, for ever.

    Raises:
        OSError: it cannot be opened.
    """
    return open(file, "rb", opener=_open_at_once)


def _open_at_once(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    return descriptor
