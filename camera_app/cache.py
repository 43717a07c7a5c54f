"""The user's cache: files that spare work, and on which nothing depends."""

import contextlib
import os
from pathlib import Path

from camera_app.folders import user_folder


def cache_file(name: str) -> Path:
    """Where a file of that name lies, if it is there.

    Raises:
        RuntimeError: this user has no home folder.
    """
    return user_folder("XDG_CACHE_HOME", "~/.cache") / "camera-app" / name


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
