"""A file written in one move: after a full disk or a power cut, what was there is there still."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Let ``fill`` write a file, which then takes the place of ``path``.

    It writes to memory first: a ZIP file that a full disk breaks off complains again, with a
    traceback, when Python throws it away.

    Raises:
        OSError: it cannot be written; what was there is kept.
    """
    content = io.BytesIO()
    fill(content)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
