"""What C libraries print on their own: for their developers, not for this program's users."""

import faulthandler
import os
import sys


def mute_native_stderr() -> None:
    """Send to nowhere what C libraries print to standard error, and keep what Python prints.

    libjpeg tells of each damaged picture of a webcam, libcamera and the TFLite runtimes of their
    set-up, and none of them can be asked not to. They write to file descriptor 2; ``sys.stderr``
    gets another one that leads where 2 led. To be called once, before logging takes hold of
    ``sys.stderr``; not at all when looking for a fault in one of those libraries.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    sys.stderr = os.fdopen(
        kept, "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace"
    )
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    if faulthandler.is_enabled():  # it writes to where descriptor 2 led when it was enabled
        faulthandler.enable(sys.stderr)
