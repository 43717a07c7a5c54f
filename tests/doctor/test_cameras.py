import errno
from collections.abc import Callable

import pytest

from camera_app.doctor.cameras import Hands, check_cameras
from camera_app.doctor.finding import Finding, State
from camera_app.doctor.machine import Answer
from camera_app.sources.v4l2_device import VideoNode

from .conftest import PROBE, SYSTEMCTL, Board

WEBCAM = VideoNode("/dev/video0", "HD Webcam", "uvcvideo", captures=True)
NOT_THERE = Answer(1, "picamera2 cannot be imported here")


def refuse(error: OSError) -> Callable[[str], VideoNode]:
    def query(_path: str) -> VideoNode:
        raise error

    return query


def cameras(board: Board, **hands: object) -> list[Finding]:
    board.answers.setdefault(f"{PROBE} pi_cameras", NOT_THERE)
    usual = {
        "find": lambda _machine: ["/dev/video0"],
        "query": lambda _path: WEBCAM,
        "holders": lambda _machine, _path: [],
    }
    return check_cameras(board.machine, Hands(**usual | hands))  # type: ignore[arg-type]


def test_a_camera_that_can_be_used(board: Board) -> None:
    camera, group = cameras(board)
    assert (camera.state, camera.message) == (State.OK, "HD Webcam (uvcvideo)")
    assert group.state is State.OK


def test_who_holds_it_is_named_and_can_be_ended(board: Board) -> None:
    camera, _ = cameras(board, holders=lambda _machine, _path: ["motion (812)", "vlc (900)"])
    assert camera.state is State.FAIL
    assert camera.message == "HD Webcam, held by motion (812), vlc (900)"
    assert camera.mend == "kill 812"


def test_our_own_service_may_hold_it(board: Board) -> None:
    board.answers[SYSTEMCTL] = Answer(0, "LoadState=loaded\nMainPID=812")
    camera, _ = cameras(board, holders=lambda _machine, _path: ["python (812)"])
    assert camera.state is State.OK


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "sudo usermod -aG video pi"),
        (OSError(errno.EIO, "Input/output error"), "sudo dmesg | tail"),
    ],
)
def test_a_camera_that_may_not_be_opened(board: Board, error: OSError, mend: str) -> None:
    camera, _ = cameras(board, query=refuse(error))
    assert camera.state is State.FAIL
    assert (camera.mend or "").startswith(mend)


@pytest.mark.parametrize(
    "hands",
    [
        {"find": lambda _machine: []},
        {"query": refuse(OSError(errno.ENOTTY, "no V4L2 device"))},
        {"query": lambda _path: VideoNode("/dev/video0", "isp", "bcm2835-isp", captures=True)},
    ],
)
def test_no_camera_at_all(board: Board, hands: dict[str, object]) -> None:
    camera, _ = cameras(board, **hands)
    assert (camera.state, camera.mend) == (State.FAIL, "lsusb")


def test_a_pi_is_asked_for_its_own_cameras(board: Board) -> None:
    board.write("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    board.answers[f"{PROBE} pi_cameras"] = Answer(0, "[0:12] INFO Camera\ncsi:0 imx708")
    camera, _ = cameras(board, find=lambda _machine: [])
    assert (camera.name, camera.state, camera.message) == ("camera csi:0", State.OK, "imx708")

    board.answers[f"{PROBE} pi_cameras"] = Answer(0, "")
    camera, _ = cameras(board, find=lambda _machine: [])
    assert camera.mend == "rpicam-hello --list-cameras"

    board.answers[f"{PROBE} pi_cameras"] = NOT_THERE
    picamera2, _ = cameras(board, find=lambda _machine: [])
    assert picamera2.state is State.FAIL
    assert "apt install --no-install-recommends python3-picamera2" in (picamera2.mend or "")


def test_groups(board: Board) -> None:
    board.groups = frozenset({"pi"})
    denied = refuse(PermissionError(errno.EACCES, "Permission denied"))
    group = cameras(board, query=denied)[-1]
    join = "sudo usermod -aG video pi  # then log in again"
    assert (group.state, group.mend) == (State.FAIL, join)
    camera, group = cameras(board)
    assert (camera.state, group.state, group.mend) == (State.OK, State.NOTE, join)
    assert "none was refused" in group.message
    board.is_root = True
    assert cameras(board)[-1].state is State.NOTE


def test_holders_are_looked_for_in_the_machines_own_files(board: Board) -> None:
    node = board.root / "dev/video0"
    board.write("dev/video0", "")
    board.write("proc/77/comm", "motion\n")
    (board.root / "proc/77/fd").mkdir()
    (board.root / "proc/77/fd/3").symlink_to(node)
    (board.root / "sys/class/video4linux/video0").mkdir(parents=True)
    hands = Hands()
    assert hands.find(board.machine) == ["/dev/video0"]
    assert hands.holders(board.machine, str(node)) == ["motion (77)"]
