"""tests/conftest.py: a test that is skipped fails in CI, unless it needs a device."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY

TESTS = {
    "test_call.py": """
import pytest
def test_it():
    pytest.skip("no screen")
""",
    "test_mark.py": """
import pytest
@pytest.mark.skipif(True, reason="no screen")
def test_it(): pass
""",
    "test_module.py": """
import pytest
pytest.importorskip("no_such_module")
""",
}
HARDWARE = """
import pytest
@pytest.mark.hardware
def test_it():
    pytest.skip("no camera")
"""


def run(folder: Path, name: str, text: str, ci: str) -> "subprocess.CompletedProcess[str]":
    shutil.copy(REPOSITORY / "tests/conftest.py", folder)
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    (folder / name).write_text(text + "\n\ndef test_other(): pass\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", name],
        cwd=folder,
        env=os.environ | {"CI": ci},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", TESTS)
def test_a_skip_fails_in_ci_alone(tmp_path: Path, name: str) -> None:
    refused = run(tmp_path, name, TESTS[name], ci="true")
    assert refused.returncode != 0
    assert "CI must not skip this test" in refused.stdout
    allowed = run(tmp_path, name, TESTS[name], ci="")
    assert "1 skipped" in allowed.stdout
    assert "failed" not in allowed.stdout


def test_a_missing_device_is_no_failure(tmp_path: Path) -> None:
    run_in_ci = run(tmp_path, "test_hardware.py", HARDWARE, ci="true")
    assert run_in_ci.returncode == 0
    assert "1 passed, 1 skipped" in run_in_ci.stdout
