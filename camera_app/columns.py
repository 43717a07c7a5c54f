"""How wide the terminal is."""

import os
from typing import TextIO

USUAL_COLUMNS = 80
"""Of a terminal that does not say how many it has, and of a file."""


def columns_of(stream: TextIO) -> int:
    """Columns of the terminal that a stream goes to."""
    try:
        # 0 is what a serial console reports.
        return os.get_terminal_size(stream.fileno()).columns or USUAL_COLUMNS
    except (OSError, ValueError):
        return USUAL_COLUMNS
