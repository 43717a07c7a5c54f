"""What every command line here does with an error that a person can mend."""

import functools
import sys
from collections.abc import Callable

from camera_app.errors import CameraAppError

Main = Callable[[list[str] | None], int]

INTERRUPTED = 130
"""Exit status after Ctrl-C, as a shell gives it."""


def command(name: str) -> Callable[[Main], Callable[..., int]]:
    """Let a command line say what is wrong in one sentence, and end with the error's status.

    Args:
        name: of the module, before the sentence.
    """

    def decorate(main: Main) -> Callable[..., int]:
        @functools.wraps(main)
        def told(arguments: list[str] | None = None) -> int:
            try:
                return main(arguments)
            except CameraAppError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return error.exit_status
            except KeyboardInterrupt:
                return INTERRUPTED

        return told

    return decorate
