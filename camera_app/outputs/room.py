"""Whether a file that a library writes, which never tells of an error, still grows."""

import os
from collections.abc import Callable
from pathlib import Path

RESERVED_BYTES = 32 * 1024 * 1024
"""Space left free on the disk: a video that runs into a full disk loses its index, and with it
everything."""

FAT_BYTES = 4 * 1024**3 - 1
"""No file on a FAT file system, as most sticks have it, is larger."""

INDEX_BYTES = 16
"""What the index at a video's end takes for each picture."""

BUFFERED_BYTES = 256 * 1024
"""FFmpeg holds as much back, and then writes it at once."""

NO_MORE = "the disk takes no more"


class Room:
    """Watches one file.

    Args:
        path: of the file.
        free_bytes: tells the free space in a folder.
        file_system: tells the type of the file system that a file lies on.
    """

    def __init__(
        self,
        path: Path,
        *,
        free_bytes: Callable[[Path], int],
        file_system: Callable[[Path], str],
    ) -> None:
        self._path = path
        self._free_bytes = free_bytes
        self._largest = FAT_BYTES if file_system(path) in {"vfat", "msdos"} else None
        self._size = 0
        self._grew_at = 0

    def complaint(self, written: int, pixels: int) -> str | None:
        """Why the file is to be ended now; None if it can go on.

        Args:
            written: pictures so far.
            pixels: in each of them.
        """
        try:
            size = self._path.stat().st_size
        except OSError as error:
            return f"the file is gone ({error.strerror})"
        if size != self._size:
            self._size, self._grew_at = size, written
        # Twice over, and what a black picture like the one before takes, measured and less a third.
        if (written - self._grew_at) * (10 + pixels // 1000) > 2 * BUFFERED_BYTES:
            return NO_MORE
        end = size + RESERVED_BYTES + INDEX_BYTES * written
        if self._largest is not None and end > self._largest:
            return "this file system (FAT) has no files larger than 4 GB"
        try:
            free = self._free_bytes(self._path.parent)
        except OSError:
            return None
        return "the disk is nearly full" if free < RESERVED_BYTES else None

    def size(self) -> int:
        """Bytes of the file; 0 if it cannot be seen."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0


def file_system_of(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The type of the file system that ``path`` lies on; empty if that cannot be found out."""
    try:
        device = path.stat().st_dev
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in lines:
        mount, _, system = line.partition(" - ")
        if mount.split()[2:3] == [number]:
            return system.split()[0]
    return ""
