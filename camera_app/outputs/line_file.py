"""A file of whole lines: appended, rotated by size, and mended after a power cut.

Every line is one append; a line that does not fit on the disk is taken back whole, so whatever
ends the program can cut only the very last line. The next start cuts that torn end off.
"""

import contextlib
import errno
import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from camera_app.errors import OutputError
from camera_app.file_lock import claim

logger = logging.getLogger(__name__)

STANDARD_ERROR = frozenset({"/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"})

_BLOCK = 64 * 1024
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")


class LineFile:
    """An append-only file that belongs to this program.

    Character devices and pipes (``/dev/stdout``) are written to as they are: they are neither
    mended nor rotated.

    Args:
        path: of the file; its folder is made if it is missing.
        signature: how every line of ours begins, every digit written as ``0``. A file that begins
            otherwise is someone else's and is left alone.
        max_bytes: size at which the file is rotated to ``path.1``, that to ``path.2``, and so on.
        backups: how many rotated files are kept; with 0 a full file starts again empty.

    Attributes:
        mended_bytes: size of the torn last line that was cut off on opening.
        is_standard_output: whether it is what the process prints to.

    Raises:
        OutputError: the file cannot be written, is not ours, or another process writes it.
    """

    def __init__(self, path: Path, *, signature: bytes, max_bytes: int, backups: int) -> None:
        self._signature = signature
        self._max_bytes = max_bytes
        self._backups = backups
        self._rotate_at = max_bytes
        self._stuck = False
        self._astray = False
        self._has_identity = True
        self.mended_bytes = 0
        try:
            self._path = _behind_links(path)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = self._open(os.O_CREAT)
            try:
                self._regular = _is_regular(self._descriptor)
                self.is_standard_output = _is_standard_output(self._descriptor)
                if self._regular:
                    self.mended_bytes = self._claim(self._descriptor)
                    # Some file systems name the same file otherwise each time.
                    self._has_identity = self._lies_there(os.fstat(self._descriptor))
            except BaseException:
                os.close(self._descriptor)
                raise
        except OutputError:
            raise
        except OSError as error:
            reason = error.strerror or str(error)
            if error.errno == errno.ENXIO:
                reason = "it is a socket" if path.is_socket() else "it is a pipe that nobody reads"
            if isinstance(error, FileExistsError):
                reason = f"{error.filename} is not a folder"
            raise OutputError(
                f"cannot write the log {path}: {reason}; choose another with --log, or --log none"
            ) from error

    @property
    def path(self) -> Path:
        """Where it lies, behind links."""
        return self._path

    def append(self, line: bytes) -> None:
        """Append one line, which ends with a newline.

        Raises:
            OSError: it could not be written, and the file is as it was before.
        """
        if not self._regular:
            os.write(self._descriptor, line)
            return
        size = self._in_its_place().st_size
        # What lies at the path while ours does not is somebody else's, and not to be renamed.
        if size and size + len(line) > self._rotate_at and not self._astray:
            self._rotate(size)
            size = os.fstat(self._descriptor).st_size
        try:
            written = os.write(self._descriptor, line)
            if written < len(line):
                # A second write does no more than say why the first was short.
                written += os.write(self._descriptor, line[written:])
            if written < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            os.ftruncate(self._descriptor, size)
            raise

    def sync(self) -> None:
        """Wait until what was appended is on the disk.

        Raises:
            OSError: the disk would not take it.
        """
        if self._regular:
            os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self, flags: int) -> int:
        # Without O_NONBLOCK a named pipe that nobody reads would hold the program up.
        flags |= os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(self._path, flags, 0o644)
        os.set_blocking(descriptor, True)
        return descriptor

    def _claim(self, descriptor: int) -> int:
        """Lock the file, see that it is ours, and cut off a torn last line; says how long that was.

        Raises:
            OutputError: it is not ours, or another process has it.
            OSError: it cannot be cut.
        """
        if not claim(descriptor):
            raise OutputError(
                f"another program is writing the log {self._path}; choose another with --log"
            )
        if not self._is_ours(self._path):
            raise OutputError(
                f"{self._path} exists and is not a log of this program; choose another with --log"
            )
        size = os.fstat(descriptor).st_size
        whole = _end_of_last_line(self._path, size)
        if whole < size:
            os.ftruncate(descriptor, whole)
        return size - whole

    def _is_ours(self, path: Path) -> bool:
        """Whether ``path`` begins, as far as it goes, like a line of ours.

        A power cut can leave of a file just begun its length alone: nothing but zeros.
        """
        try:
            with path.open("rb") as file:
                head = file.read(len(self._signature))
                if not head.strip(b"\0"):
                    return not any(block.strip(b"\0") for block in _blocks(file))
        except OSError as error:
            raise OutputError(
                f"cannot read the log {path}: {error.strerror}; choose another with --log"
            ) from error
        return self._signature.startswith(head.translate(_DIGITS_TO_ZERO))

    def _in_its_place(self) -> os.stat_result:
        """What the descriptor leads to, once that is the file which lies at the path.

        A file is deleted or renamed, and a disk is mounted over it late, or taken away and put
        back, while whoever reads the log looks at the path.

        Raises:
            OSError: it was deleted, and there cannot be another.
        """
        status = os.fstat(self._descriptor)
        if status.st_nlink and self._lies_there(status):
            self._astray = False
            return status
        try:
            self._reopen()
        except OSError as error:
            if not status.st_nlink:  # what is written there nobody can ever read
                raise
            if not self._astray:
                logger.warning(
                    "the log %s was moved away and is not begun again (%s); it goes on where it is",
                    self._path,
                    error,
                )
            self._astray = True
            return status
        return os.fstat(self._descriptor)

    def _lies_there(self, status: os.stat_result) -> bool:
        if not self._has_identity:
            return True
        try:
            return os.path.samestat(status, self._path.stat())
        except FileNotFoundError:
            return False
        except OSError:  # it cannot be told: a disk that fails, a folder that may not be entered
            return True

    def _rotate(self, size: int) -> None:
        """Make room by renaming; if that fails, say so once and let the file grow on."""
        try:
            if self._backups == 0:
                os.ftruncate(self._descriptor, 0)
            else:
                self._shift()
        except OSError as error:
            # Lines matter more than the limit: go on here, and try again when as much has come.
            self._rotate_at = size + self._max_bytes
            if not self._stuck:
                logger.warning("the log %s cannot be rotated and grows on: %s", self._path, error)
            self._stuck = True
        else:
            self._rotate_at = self._max_bytes
            self._stuck = False

    def _shift(self) -> None:
        """Rename ``path`` to ``path.1``, that to ``path.2`` …, and begin a new ``path``."""
        backups = [Path(f"{self._path}.{number}") for number in range(1, self._backups + 1)]
        for backup in backups:
            if backup.exists() and not (backup.is_file() and self._is_ours(backup)):
                raise FileExistsError(errno.EEXIST, "not a log of this program", str(backup))
        names = [self._path, *backups]
        for newer, older in reversed(list(zip(names, backups, strict=False))):
            if newer.exists():
                newer.replace(older)
        try:
            self._reopen()
        except OSError:
            if not self._path.exists():
                backups[0].replace(self._path)
            raise

    def _reopen(self) -> None:
        """Go on under the same name: in a new file, or in one of ours that someone has put there.

        Raises:
            OSError: there is none; the file stays what it was.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = self._open(os.O_CREAT)
        try:
            if not _is_regular(descriptor):
                raise FileExistsError(errno.EEXIST, "not a file any more", str(self._path))
            self._claim(descriptor)
        except OSError:
            os.close(descriptor)
            raise
        before, self._descriptor = self._descriptor, descriptor
        # The new file is to be gone on with whatever becomes of the end of the old one.
        with contextlib.suppress(OSError):
            os.fdatasync(before)
        with contextlib.suppress(OSError):
            os.close(before)


def _behind_links(path: Path) -> Path:
    """The file that ``path`` leads to: what is rotated is the file, never a link to it.

    Of all links, ``/dev/stdout`` must not be renamed. What it leads to has a path only where that
    is a file. And what Python prints to standard error may have gone elsewhere than descriptor 2,
    which is then for what libraries print.
    """
    if str(path) in STANDARD_ERROR:
        with contextlib.suppress(OSError, ValueError):  # as where it is no file, but memory
            path = Path(f"/dev/fd/{sys.stderr.fileno()}")
    real = Path(os.path.realpath(path))
    return real if real.is_file() or not path.exists() else path


def _is_regular(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)


def _is_standard_output(descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.fstat(1))
    except OSError:  # there is none
        return False


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(_BLOCK), b"")


def _end_of_last_line(path: Path, size: int) -> int:
    """Offset behind the last newline of a file of ``size`` bytes; 0 if it has none."""
    with path.open("rb") as file:
        end = size
        while end > 0:
            start = max(0, end - _BLOCK)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                return start + newline + 1
            end = start
    return 0
