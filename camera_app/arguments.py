"""What the command lines of the program and of its benchmark share."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from camera_app.columns import columns_of
from camera_app.errors import UsageError
from camera_app.passwords import without_passwords


class _Help(argparse.HelpFormatter):
    """As wide as the terminal.

    argparse makes one for each option. Left to find the width itself, it loads shutil for that, and
    with it four compressors: a hundredth of every start.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing the usage.

    Args:
        program: its name.
        options: as of argparse.
    """

    def __init__(self, program: str, **options: Any) -> None:
        super().__init__(program, formatter_class=_Help, **options)

    def error(self, message: str) -> NoReturn:
        """Refuse the command line.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{without_passwords(message)}; see --help")


def _columns() -> int:
    """What the environment says, or the terminal, as for :func:`shutil.get_terminal_size`."""
    stated = os.environ.get("COLUMNS", "")
    if stated.isdecimal() and int(stated) > 0:
        return int(stated)
    return columns_of(sys.stdout)


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
