"""deploy/run.sh: sets up once, passes on, mends what was broken off, and says what is wrong."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from .conftest import Checkout, make_wheel, stand_in


def test_second_run_is_silent_and_needs_no_pip(used_checkout: Checkout) -> None:
    run = used_checkout.run()
    assert (run.returncode, run.stdout, run.stderr) == (0, "1.0\n", "")


def test_arguments_working_folder_and_exit_status_pass_through(
    used_checkout: Checkout, tmp_path: Path
) -> None:
    run = used_checkout.run("7", "--source", "a file.mp4", "*", "", cwd=tmp_path)
    assert (run.returncode, run.stdout) == (7, "1.0|7|--source|a file.mp4|*|\n")
    assert used_checkout.run(cwd=tmp_path, SHOW_FOLDER="1").stdout == f"{tmp_path}\n"


def test_a_link_and_somebody_elses_modules_do_not_lead_astray(
    used_checkout: Checkout, tmp_path: Path
) -> None:
    (tmp_path / "cv2.py").write_text("raise ImportError('not this one')\n")
    link = tmp_path / "run"
    link.symlink_to(used_checkout.root / "deploy/run.sh")
    odd = dict.fromkeys(("PYTHONPATH", "PYTHONHOME", "PYTHONPLATLIBDIR"), str(tmp_path))
    run = used_checkout.run(script=link, **odd)
    assert (run.returncode, run.stdout) == (0, "1.0\n"), run.stderr


@pytest.mark.parametrize("module", ["cv2", "camera_app"])
def test_modules_in_the_working_folder_do_not_either(
    checkout: Checkout, tmp_path: Path, module: str
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / f"{module}.py").write_text("raise ImportError('not this one')\n")
    run = checkout.run(cwd=folder)  # which sets up, and then runs
    assert (run.returncode, run.stdout) == (0, "1.0\n"), run.stderr


def test_set_up_that_was_killed_is_made_anew(checkout: Checkout) -> None:
    process = checkout.start()
    environment = checkout.root / ".venv"
    while not list(environment.glob("lib/python*/site-packages/pip")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert environment.is_dir()
    run = checkout.run()
    assert (run.returncode, run.stdout) == (0, "1.0\n"), run.stderr


def test_set_up_that_failed_names_the_cause_and_is_tried_again(checkout: Checkout) -> None:
    checkout.require("==2.0")
    run = checkout.run()
    assert run.returncode == 1
    last = run.stderr.splitlines()[-1]
    assert last.startswith("error: there is no opencv-stand-in==2.0 for Python 3.")
    assert last.endswith("; name another Python with PYTHON=/path/to/python3.")
    assert not (checkout.root / ".venv").exists(), "half an environment only takes room"
    make_wheel(checkout.packages, "2.0")
    assert checkout.run().stdout == "2.0\n"


def test_changed_requirements_are_installed(checkout: Checkout) -> None:
    checkout.run()
    make_wheel(checkout.packages, "2.0")
    checkout.require(">=2")
    assert checkout.run().stdout == "2.0\n"


def test_an_environment_is_given_up_for_a_whole_one_only(checkout: Checkout) -> None:
    checkout.run()
    environment, before = checkout.root / ".venv", checkout.root / ".venv.before"
    checkout.require(">=2")
    assert checkout.run().returncode == 1
    checkout.require(">=1")
    run = checkout.run()
    assert (run.returncode, run.stdout, run.stderr) == (0, "1.0\n", "")

    make_wheel(checkout.packages, "2.0")
    checkout.require(">=2")
    process = checkout.start()
    while not (before.exists() and list(environment.glob("lib/python*/site-packages/pip"))):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    checkout.require(">=1")
    run = checkout.run()
    assert (run.returncode, run.stdout, run.stderr) == (0, "1.0\n", "")
    assert not before.exists()

    checkout.require(">=2")
    assert checkout.run().stdout == "2.0\n"
    assert not before.exists()


def test_an_environment_of_roots_in_a_users_checkout_is_named(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.run()
    programs = {
        "find": 'case "$*" in *.venv.before*-mindepth*) exit 1 ;; esac\nexec /usr/bin/find "$@"',
        "id": "case $1 in -u) echo 1000 ;; *) echo me ;; esac",
        "stat": 'case "$*" in *.venv.before) echo root ;; *) echo me ;; esac',
    }
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    before = checkout.root / ".venv.before"
    way_out = f"{before} belongs to root: take it away with 'sudo rm -r \"{before}\"'."

    checkout.require(">=0.5")
    run = checkout.run(PATH=path)
    assert (run.returncode, run.stdout) == (0, "1.0\n"), run.stderr
    assert run.stderr.splitlines()[-1] == way_out

    checkout.require(">=0.6")
    run = checkout.run(PATH=path)
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == f"error: {way_out} Then start again."


def test_a_kill_before_the_old_environment_was_deleted(checkout: Checkout) -> None:
    checkout.run()
    old = checkout.root / ".venv.before"
    old.mkdir()
    (old / "camera-app-requirements.txt").touch()
    run = checkout.run()
    assert (run.returncode, run.stdout, run.stderr) == (0, "1.0\n", "")
    assert not old.exists()


def test_two_first_runs_at_once_set_up_once(checkout: Checkout) -> None:
    runs = [checkout.start(), checkout.start()]
    ends = [run.communicate() for run in runs]
    assert [output for output, _ in ends] == ["1.0\n", "1.0\n"], ends
    assert sum("Setting up" in errors for _, errors in ends) == 1


def test_a_users_own_environment_is_left_alone(checkout: Checkout) -> None:
    mine = checkout.root / ".venv/mine.txt"
    mine.parent.mkdir()
    mine.write_text("precious")
    run = checkout.run()
    assert run.returncode == 1
    assert "was not made by this script; move it" in run.stderr
    assert mine.read_text() == "precious"


def test_no_network_is_one_sentence(checkout: Checkout) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        run = checkout.run(
            PIP_NO_INDEX="0", PIP_INDEX_URL=index, PIP_RETRIES="1", PIP_FIND_LINKS=""
        )
    assert run.returncode == 1
    last = run.stderr.splitlines()[-1]
    assert last == (
        "error: setting up needs the network, once, and the package index cannot be reached;"
        " connect and start again."
    )
    assert "Traceback" not in run.stderr


UNTRUSTED = r"""
echo "WARNING: Retrying (Retry(total=4)) after connection broken by 'SSLError(" \
    "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed:" \
    "certificate is not yet valid (_ssl.c:992)'))': /simple/ncnn/" >&2
echo "ERROR: No matching distribution found for ncnn" >&2
"""
"""A pip that meets a certificate that is not valid yet."""


def test_a_wrong_clock_is_thought_of(checkout: Checkout, tmp_path: Path) -> None:
    run = checkout.run(PYTHON=stand_in(checkout, tmp_path, UNTRUSTED))
    assert run.returncode == 1
    last = run.stderr.splitlines()[-1]
    assert last.startswith(
        "error: the package index cannot prove who it is: see whether the clock is right (here it"
    )
    assert "PIP_CERT" in last


FULL = """
case "$*" in "-P -m ensurepip "*) ;; *) exit 9 ;; esac
echo "OSError: [Errno 28] No space left on device" >&2
"""
"""An environment on a disk that has no room for pip."""

NOT_MADE = """
echo "Error: Command '['python3', '-m', 'ensurepip', '--upgrade']' returned non-zero exit status 1."
exit 1
"""
"""What venv says of it."""


def test_a_disk_without_room_for_pip_is_said(checkout: Checkout, tmp_path: Path) -> None:
    python = stand_in(checkout, tmp_path, FULL, NOT_MADE)
    run = checkout.run(PYTHON=python, TMPDIR=str(tmp_path))
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == (
        f"error: the disk is full: make room in {checkout.root}, and in {tmp_path}, where pip"
        " unpacks, and start again."
    )
    assert not (checkout.root / ".venv").exists()


def test_an_opencv_that_does_not_start_is_said(checkout: Checkout) -> None:
    make_wheel(checkout.packages, "2.0", "raise ImportError('libfoo.so.9: cannot open')")
    run = checkout.run()
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == (
        "error: OpenCV does not start: ImportError: libfoo.so.9: cannot open"
    )


@pytest.mark.parametrize("python", ["/nowhere/python3", "false"])
def test_a_python_that_is_none_is_named(checkout: Checkout, python: str) -> None:
    run = checkout.run(PYTHON=python)
    assert run.returncode == 1
    assert run.stderr.startswith(f"error: PYTHON={python} is not a Python of version 3.11 or newer")
    assert not (checkout.root / ".venv").exists()


def test_python_is_found_without_being_named(checkout: Checkout) -> None:
    run = checkout.run(
        PYTHON="", PATH=f"{Path(checkout.environment['PYTHON']).parent}:/usr/bin:/bin"
    )
    assert run.stdout == "1.0\n", run.stderr
