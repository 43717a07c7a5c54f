"""A small checkout with the real scripts: real pip, real environments, no network."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]

PYPROJECT = """\
[project]
name = "camera-app"
dependencies = ["opencv-stand-in{specifier}"]
[project.optional-dependencies]
"""

PROGRAM = """\
import os
import sys
import cv2
print(os.getcwd() if os.environ.get("SHOW_FOLDER") else "|".join([cv2.VERSION, *sys.argv[1:]]))
sys.exit(int(sys.argv[1]) if sys.argv[1:] else 0)
"""


STAND_IN = """\
#!/bin/sh
case "$*" in
    "-P -m venv "*) for folder; do :; done ;;
    *) exec {python} "$@" ;;
esac
mkdir -p "$folder/bin"
cat >"$folder/bin/python" <<'END'
#!/bin/sh
{does}
exit 1
END
chmod +x "$folder/bin/python"
{ending}
"""


def make_wheel(folder: Path, version: str, module: str = "") -> None:
    """A package that, like opencv-python, brings a module named cv2."""
    name = f"opencv_stand_in-{version}"
    files = {
        "cv2.py": f'VERSION = "{version}"\n{module}\n',
        f"{name}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: opencv-stand-in\n"
        f"Version: {version}\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{name}.dist-info/RECORD"
    lines = [f"{record},,"]
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest())
            lines.append(f"{path},sha256={digest.decode().rstrip('=')},{len(content)}")
            wheel.writestr(path, content)
        wheel.writestr(record, "\n".join(lines) + "\n")


@dataclass
class Checkout:
    """A checkout in a folder with a space in its name, and the packages its pip can find."""

    root: Path
    packages: Path
    environment: dict[str, str]

    def require(self, specifier: str) -> None:
        (self.root / "pyproject.toml").write_text(PYPROJECT.format(specifier=specifier))

    def start(
        self,
        *arguments: str,
        script: Path | None = None,
        cwd: Path = Path("/"),
        **changes: str,
    ) -> "subprocess.Popen[str]":
        """Start deploy/run.sh, or a link to it, with some environment variables changed."""
        return subprocess.Popen(
            ["sh", str(script or self.root / "deploy/run.sh"), *arguments],
            cwd=cwd,
            env=self.environment | changes,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **options: Any) -> "subprocess.CompletedProcess[str]":
        """Like :meth:`start`, to its end."""
        process = self.start(*arguments, **options)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def stand_in(checkout: Checkout, folder: Path, does: str, ending: str = "") -> str:
    """A Python in ``folder`` whose environments do nothing but ``does``, in sh, and fail.

    Args:
        checkout: whose Python it is but for that.
        folder: that it is written to.
        does: what a Python in such an environment does.
        ending: what is done once an environment is made.
    """
    python = folder / "python"
    script = STAND_IN.format(python=checkout.environment["PYTHON"], does=does, ending=ending)
    python.write_text(script)
    python.chmod(0o755)
    return str(python)


def make_checkout(folder: Path) -> Checkout:
    root, packages = folder / "my camera", folder / "packages"
    shutil.copytree(
        REPOSITORY / "deploy", root / "deploy", ignore=shutil.ignore_patterns("__pycache__")
    )
    (root / "camera_app").mkdir()
    (root / "camera_app/__main__.py").write_text(PROGRAM)
    packages.mkdir()
    make_wheel(packages, "1.0")
    environment = {
        **os.environ,
        "HOME": str(folder),
        # What the tests run in may itself be an environment; its Python is what it was made from.
        "PYTHON": os.path.realpath(sys.executable),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": packages.as_uri(),
        "PIP_NO_INDEX": "1",
        "PIP_NO_CACHE_DIR": "1",
    }
    made = Checkout(root, packages, environment)
    made.require(">=1")
    return made


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout in which nothing has been run."""
    return make_checkout(tmp_path)


@pytest.fixture(scope="module")
def used_checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout in which deploy/run.sh has been run; not to be changed."""
    made = make_checkout(tmp_path_factory.mktemp("used"))
    run = made.run()
    assert (run.returncode, run.stdout) == (0, "1.0\n"), run.stderr
    assert "Setting up" in run.stderr
    shutil.rmtree(made.packages)  # a second set-up would find nothing to install
    return made
