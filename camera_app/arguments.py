"""What the command lines of the program and of its benchmark share."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from camera_app.errors import UsageError


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing the usage."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{message}; see --help")


def whole_number(text: str) -> int:
    """A count from 1; see argparse's ``type``."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, not {text!r}")
    return int(text)


def one_or_all(models: Sequence[str] | None) -> str | list[str] | None:
    """What ``--model``, which may be given twice, stands for in the configuration."""
    if not models:
        return None
    return models[0] if len(models) == 1 else list(models)
