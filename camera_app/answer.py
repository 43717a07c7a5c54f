"""What a command was asked for, printed."""

import sys

from camera_app.errors import OutputError


def answer(text: str) -> None:
    """Print what was asked for, all of it: unlike progress, half of it is of no use.

    Raises:
        OutputError: it cannot be printed.
        BrokenPipeError: whoever read it has seen enough.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot print: {error.strerror}") from error
