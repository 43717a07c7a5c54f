import signal
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


ABORTED = """
import os, resource
from camera_app.native_stderr import mute_native_stderr
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
mute_native_stderr()
os.abort()
"""


def test_where_a_process_was_when_it_was_ended_is_seen() -> None:
    """systemd's watchdog ends one that hangs with SIGABRT."""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", ABORTED],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGABRT
    assert "most recent call first" in done.stderr


def test_only_what_python_prints_is_seen() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "before WARNING:root:ours\nand ours\nthe end\n"
