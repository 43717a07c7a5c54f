"""What command lines here have in common: what they say of errors, and of names they are given."""

import functools
import sys
from collections.abc import Callable, Iterable, Sequence

from camera_app.errors import INTERRUPTED, CameraAppError, UsageError

Main = Callable[[list[str] | None], int]


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


def chosen(only: Sequence[str] | None, known: Iterable[str], kind: str) -> list[str]:
    """The names that ``--only`` was given, as words or separated by commas; all without it.

    Args:
        only: words of the command line.
        known: names that there are.
        kind: what they are names of.

    Raises:
        UsageError: there is no such name.
    """
    names = list(known)
    wanted = names if only is None else [n for part in only for n in part.split(",") if n]
    if unknown := sorted(set(wanted) - set(names)):
        raise UsageError(f"there is no {kind} {', '.join(unknown)}; known are {', '.join(names)}")
    return wanted
