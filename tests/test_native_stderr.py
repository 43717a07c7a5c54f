import subprocess
import sys

SCRIPT = """
import logging, os, sys
from camera_app.native_stderr import mute_native_stderr
os.write(2, b"before ")
mute_native_stderr()
os.write(2, b"NATIVE ")
logging.warning("ours")
print("and ours", file=sys.stderr)
raise SystemExit("the end")
"""


def test_only_what_python_prints_is_seen() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "before WARNING:root:ours\nand ours\nthe end\n"
