"""What the command lines of the program and of its benchmark share."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from camera_app.errors import UsageError
from camera_app.passwords import without_passwords


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing the usage."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{without_passwords(message)}; see --help")


def whole_number(text: str) -> int:
    """A count from 1; see argparse's ``type``."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, not {text!r}")
    return int(text)


def add_model(group: argparse._ArgumentGroup) -> None:
    """Add ``--model``; what is given is a list, see :func:`one_or_all`."""
    group.add_argument(
        "--model",
        action="append",
        metavar="BUNDLE",
        help="a bundle's name or folder; given twice, the first is asked first and the other where "
        "it is unsure",
    )


def one_or_all(models: Sequence[str] | None) -> str | list[str] | None:
    """What ``--model``, which may be given twice, stands for in the configuration."""
    if not models:
        return None
    return models[0] if len(models) == 1 else list(models)
