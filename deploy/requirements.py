"""Print what pip has to install for this interpreter: ``python3 requirements.py [EXTRA ...]``.

A requirements file, made from pyproject.toml. Its first line describes the interpreter, so that
the copy kept in an environment tells whether that environment is still the right one. It still is
after an update within the same 3.x, which may come from the system at any time.
"""

import importlib.util
import platform
import re
import signal
import struct
import sys
import tomllib
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"

NO_WHEEL_ON_32_BIT_ARM = {
    "ai-edge-litert",
    "imagecodecs",
    "keras",
    "matplotlib",
    "numpy",
    "opencv-python",
    "pyyaml",
    "tensorflow",
}
"""What a 32-bit ARM gets from apt or does without.

A marker cannot tell: on a 64-bit kernel a 32-bit Python calls its machine aarch64.
"""


def is_32_bit_arm() -> bool:
    """Whether this interpreter is a 32-bit one for ARM, whatever the kernel is."""
    return struct.calcsize("P") == 4 and platform.machine().startswith(("arm", "aarch64"))


def needs_system_packages() -> bool:
    """Whether the environment must see what apt installed: picamera2, or OpenCV on 32-bit ARM."""
    return is_32_bit_arm() or importlib.util.find_spec("picamera2") is not None


def requirements(project: dict[str, Any], extras: list[str]) -> list[str]:
    """The project's dependencies and those of ``extras``, an extra that names another included.

    Args:
        project: the ``[project]`` table of pyproject.toml.
        extras: keys of its ``optional-dependencies``.
    """
    lines = list(project["dependencies"])
    for extra in extras:
        for line in project["optional-dependencies"][extra]:
            nested = re.fullmatch(rf"{project['name']}\[(\w+)\]", line)
            lines += requirements(project, [nested[1]]) if nested else [line]
    return list(dict.fromkeys(lines))


def has_wheel(requirement: str) -> bool:
    """Whether pip can install ``requirement`` here without compiling it."""
    name = re.split(r"[^\w-]", requirement)[0]
    return not (is_32_bit_arm() and name in NO_WHEEL_ON_32_BIT_ARM)


def main() -> None:
    """Print the file."""
    version = "{}.{}".format(*sys.version_info)
    packages = "with" if needs_system_packages() else "without"
    machine = ", 32-bit ARM" if is_32_bit_arm() else ""
    print(f"# {Path(sys.executable).resolve()}, {version}, {packages} system packages{machine}")
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    for line in requirements(project, sys.argv[1:]):
        if has_wheel(line):
            print(line)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that could not start says so itself
    main()
