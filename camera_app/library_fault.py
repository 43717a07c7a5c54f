"""What is wrong with a library that cannot be loaded, and the way out."""

import shlex
import sys
from pathlib import Path

from camera_app.errors import RuntimeUnavailableError

READY = "camera-app-ready"
"""deploy/environment.sh leaves it in an environment that it made; without it, it makes it anew."""


def is_missing(error: BaseException) -> bool:
    """Whether a library is not there, and not one that is there in parts, or broken.

    Of a module within a package the name has a dot: the package lacks a file. What the system
    cannot find for a library (libGL.so.1) is missing as well.
    """
    absent = isinstance(error, ModuleNotFoundError) and "." not in (error.name or "")
    return absent or "cannot open shared object file" in str(error)


def first_cause(error: BaseException) -> BaseException:
    """What was raised first: NumPy puts a page of advice around it."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def library_fault(error: Exception, what: str = "a library") -> RuntimeUnavailableError:
    """The one sentence for what was raised where a library was loaded.

    Args:
        error: anything; a library that was cut short by a power cut, or built for another Python or
            NumPy, raises what it likes.
        what: was loaded.
    """
    first = first_cause(error)
    reason = " ".join(str(first).split())
    if is_missing(first):
        return RuntimeUnavailableError(
            f"a library is missing ({reason}); `sh deploy/run.sh` installs what the program needs"
        )
    ready = Path(sys.prefix) / READY
    mend = (
        f"`rm {shlex.quote(str(ready))}`, and `sh deploy/run.sh`, or `sudo sh deploy/install.sh` "
        "for the service, installs all anew"
        if ready.exists()
        else "install it again with `pip install --force-reinstall numpy opencv-python`"
    )
    return RuntimeUnavailableError(
        f"{what} is damaged, or does not fit another ({type(first).__name__}: {reason}); {mend}"
    )
