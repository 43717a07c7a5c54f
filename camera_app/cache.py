"""The user's cache: files that spare work, and on which nothing depends."""

import contextlib
import os
from pathlib import Path

from camera_app.folders import user_folder
from camera_app.no_wait import open_at_once

LARGEST = 2 * 1024 * 1024
"""Bytes of a file beyond which nobody here has written it."""


def cache_file(name: str) -> Path:
    """Where a file of that name lies, if it is there.

    Raises:
        RuntimeError: this user has no home folder.
    """
    return user_folder("XDG_CACHE_HOME", "~/.cache") / "camera-app" / name


def read_cached(file: Path) -> bytes:
    """What stands in a file of the cache; of what is too large its beginning.

    Raises:
        OSError: it is not there, or cannot be read.
    """
    with open_at_once(file) as stream:
        return stream.read(LARGEST)


def write_cached(file: Path, text: str) -> None:
    """Write a file of the cache; under its own name it is whole.

    It is not synced: what a power cut takes is only found again.

    Raises:
        OSError: it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(f".{os.getpid()}")
    try:
        written.write_text(text, "utf-8")
        written.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            written.unlink()
        raise
