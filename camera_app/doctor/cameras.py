"""Which cameras there are, whether they may be used, and who holds them."""

import errno
from collections.abc import Callable
from dataclasses import dataclass

from camera_app.doctor.finding import Finding, fail, note, ok
from camera_app.doctor.machine import Machine
from camera_app.doctor.unit import main_process
from camera_app.sources.v4l2_device import VideoNode, find_nodes, holders_of, query_node

GROUP = "video"

RASPBERRY_PI = "Raspberry Pi"


@dataclass(frozen=True)
class Hands:
    """How cameras are found and touched; see :mod:`camera_app.sources.v4l2_device`."""

    find: Callable[[Machine], list[str]] = lambda machine: find_nodes(
        machine.root / "sys/class/video4linux"
    )
    query: Callable[[str], VideoNode] = query_node
    holders: Callable[[Machine, str], list[str]] = lambda machine, path: holders_of(
        path, machine.root / "proc"
    )


def check_cameras(machine: Machine, hands: Hands | None = None) -> list[Finding]:
    """Findings on cameras and on who may use them."""
    hands = hands or Hands()
    cameras = [
        finding
        for path in hands.find(machine)
        if (finding := _v4l2_camera(machine, hands, path)) is not None
    ]
    cameras += _pi_cameras(machine)
    if not cameras:
        look = "rpicam-hello --list-cameras" if _is_pi(machine) else "lsusb"
        cameras = [fail("camera", "there is none: connect one, and see that it is listed", look)]
    refused = any(finding.mend == _join_group(machine) for finding in cameras)
    return [*cameras, _group(machine, refused=refused)]


def _v4l2_camera(machine: Machine, hands: Hands, path: str) -> Finding | None:
    """A camera's finding; None for a node that is none."""
    name = f"camera {path}"
    try:
        node = hands.query(path)
    except PermissionError:
        return fail(name, "may not be opened by this user", _join_group(machine))
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.ENOENT):
            return None
        return fail(name, f"cannot be opened: {error.strerror}", "sudo dmesg | tail")
    if not node.is_camera:
        return None
    service = main_process(machine)
    others = [
        holder
        for holder in hands.holders(machine, path)
        if service is None or not holder.endswith(f"({service})")
    ]
    if others:
        number = others[0].rpartition("(")[2].rstrip(")")
        return fail(name, f"{node.card}, held by {', '.join(others)}", f"kill {number}")
    return ok(name, f"{node.card} ({node.driver})")


def _pi_cameras(machine: Machine) -> list[Finding]:
    answer = machine.run([machine.python, "-m", "camera_app.doctor.probe", "pi_cameras"])
    if answer is not None and answer.status == 0:
        found = [line for line in answer.output.splitlines() if line.startswith("csi:")]
        return [ok(f"camera {line.split()[0]}", line.partition(" ")[2]) for line in found]
    if not _is_pi(machine):
        return []
    said = "does not answer" if answer is None else answer.last_line
    return [
        fail(
            "picamera2",
            said,
            "sudo apt install --no-install-recommends python3-picamera2 && sh deploy/run.sh "
            "--version",
        )
    ]


def _group(machine: Machine, *, refused: bool) -> Finding:
    if machine.is_root:
        return note(
            "group", "root may use every camera; ask again as the user who runs the program"
        )
    if GROUP in machine.groups:
        return ok("group", f"this user is in {GROUP}")
    absent = f"this user is not in {GROUP}, which cameras belong to"
    if refused:
        return fail("group", absent, _join_group(machine))
    # Whoever sits at a desktop may use its cameras by an access control list of logind's.
    return note(
        "group", f"{absent}; none was refused here, over SSH one may be", _join_group(machine)
    )


def _join_group(machine: Machine) -> str:
    user = machine.environment.get("USER", "$USER")
    return f"sudo usermod -aG {GROUP} {user}  # then log in again"


def _is_pi(machine: Machine) -> bool:
    return (machine.board or "").startswith(RASPBERRY_PI)
