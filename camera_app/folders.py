"""Where this package lies, and where a user's files go."""

import os
from pathlib import Path

_HOME = Path(__file__).resolve().parents[1]


def user_folder(variable: str, usual: str) -> Path:
    """A folder as the XDG Base Directory Specification names it.

    Args:
        variable: of the environment, e.g. ``XDG_STATE_HOME``; a value that is no absolute path is
            ignored, as the specification says.
        usual: the folder where there is none, below ``~``.

    Raises:
        RuntimeError: this user has no home folder.
    """
    value = os.environ.get(variable, "")
    return Path(value) if Path(value).is_absolute() else Path(usual).expanduser()


def python_environment() -> dict[str, str]:
    """Variables with which another Python finds this package where this process found it."""
    paths = [str(_HOME), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
