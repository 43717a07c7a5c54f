"""What Linux itself says about its video devices: which there are, and why one cannot be used."""

import errno
import fcntl
import os
import struct
from pathlib import Path
from typing import NamedTuple

from camera_app.errors import NoCameraError, SourceError

# From linux/videodev2.h: _IOR('V', 0, struct v4l2_capability), and two bits of its capabilities.
_VIDIOC_QUERYCAP = 0x80685600
_CAPABILITY = struct.Struct("=16s32s32sIII3I")
_CAN_CAPTURE = 0x00000001 | 0x00001000  # V4L2_CAP_VIDEO_CAPTURE, ..._MPLANE
_HAS_DEVICE_CAPS = 0x80000000

# Parts of the Raspberry Pi's own camera pipeline: nodes that can capture, and give nothing that
# is a picture yet. Its cameras are read through libcamera.
_PI_RECEIVERS = ("unicam", "rp1-cfe")
_PI_PIPELINE = (*_PI_RECEIVERS, "bcm2835-isp", "bcm2835-codec", "pispbe", "rpi-hevc-dec")

_NO_DEVICE_OF_VIDEO = frozenset(
    {
        errno.ENOTTY,
        errno.ENOSYS,  # in ENOTTY's place where programs for another processor are run by qemu
        errno.EINVAL,
        errno.EBADFD,  # /dev/net/tun
        errno.EISDIR,
        errno.ENOTDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
    }
)
"""Whatever else the kernel says, such as EIO, it says of a camera that does not work just now."""

SYS_CLASS = Path("/sys/class/video4linux")
PROC = Path("/proc")


class VideoNode(NamedTuple):
    """A V4L2 device node, as its driver describes it.

    Attributes:
        path: e.g. ``/dev/video0``.
        card: the camera's name.
        driver: the kernel module's name.
        captures: whether pictures can be read from it.
    """

    path: str
    card: str
    driver: str
    captures: bool

    @property
    def is_camera(self) -> bool:
        """Whether it captures, and is no inner part of the Raspberry Pi's camera pipeline."""
        return self.captures and not self.driver.startswith(_PI_PIPELINE)


def query_node(path: str) -> VideoNode:
    """Ask the driver what a node is.

    Raises:
        OSError: it does not exist, may not be opened, is busy, or is no V4L2 device (ENOTTY).
    """
    # Not blocking, so that a driver which waits for a signal does not hold us up.
    handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        answer = fcntl.ioctl(handle, _VIDIOC_QUERYCAP, bytes(_CAPABILITY.size))
    finally:
        os.close(handle)
    driver, card, _, _, capabilities, device_caps, *_ = _CAPABILITY.unpack(answer)
    own = device_caps if capabilities & _HAS_DEVICE_CAPS else capabilities
    return VideoNode(path, _text(card), _text(driver), bool(own & _CAN_CAPTURE))


def find_nodes(sys_class: Path = SYS_CLASS) -> list[str]:
    """Paths of all video nodes, in the order of their numbers; cameras and others."""
    try:
        names = [entry.name for entry in sys_class.iterdir() if entry.name.startswith("video")]
    except OSError:  # no V4L2 in this kernel
        return []
    numbered = sorted((int(name[5:]), name) for name in names if name[5:].isdecimal())
    return [f"/dev/{name}" for _, name in numbered]


def refusal(path: str, error: OSError, present: list[str]) -> SourceError:
    """One sentence for why the kernel does not let us have a node; NoCameraError if it has none.

    Args:
        path: as the user named it.
        error: what :func:`query_node` raised.
        present: the cameras that are there, to choose from.
    """
    if error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        there = f"there is {', '.join(present)}" if present else "there is none at all"
        return NoCameraError(f"no camera at {path}: {there}; --list-sources shows what can be used")
    if error.errno in (errno.EACCES, errno.EPERM):
        return SourceError(
            f"no permission to use {path}: join the group video with `sudo usermod -aG video "
            "$USER`, then log in again"
        )
    if error.errno == errno.EBUSY:
        return busy(path)
    if error.errno in _NO_DEVICE_OF_VIDEO:
        return SourceError(f"{path} is no camera; --list-sources shows what can be used")
    return SourceError(
        f"{path} cannot be opened: {error.strerror or error}; unplug the camera and plug it in "
        "again, and check its cable"
    )


def busy(path: str) -> SourceError:
    """One sentence for a camera that another program has, which is named where that can be seen."""
    holders = holders_of(path)
    if holders:
        return SourceError(f"the camera {path} is in use by {', '.join(holders)}; close it first")
    return SourceError(
        f"the camera {path} is in use by another program, or does not work; close the other "
        "program, or unplug the camera and plug it in again"
    )


def pi_camera_holders(sys_class: Path = SYS_CLASS, proc: Path = PROC) -> list[str]:
    """Other processes that have the Raspberry Pi's own cameras open, as far as we may see."""
    holders: set[str] = set()
    for path in find_nodes(sys_class):
        try:
            name = (sys_class / Path(path).name / "name").read_text()
        except OSError:
            continue
        if name.startswith(_PI_RECEIVERS):
            holders.update(holders_of(path, proc))
    return sorted(holders)


def holders_of(path: str, proc: Path = PROC) -> list[str]:
    """Other processes that have a file open, as ``name (process number)``, as far as we may see."""
    target = os.path.realpath(path)
    found = []
    for process in proc.glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            if any(os.path.realpath(link) == target for link in (process / "fd").iterdir()):
                found.append(f"{(process / 'comm').read_text().strip()} ({process.name})")
        except OSError:  # another user's process, or one that has just ended
            continue
    return sorted(found)


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode(errors="replace")
