"""What cameras are there."""

from collections.abc import Callable
from typing import Any, NamedTuple

from camera_app.errors import SourceError
from camera_app.sources.csi import import_picamera2, pi_cameras
from camera_app.sources.v4l2_device import VideoNode, find_nodes, query_node


class FoundSource(NamedTuple):
    """Something that ``--source`` takes.

    Attributes:
        uri: what to write after ``--source``.
        description: a few words for a person.
        usable: False where it is there but may not be opened; the description says why.
    """

    uri: str
    description: str
    usable: bool = True


def find_pi_cameras(load: Callable[[], Any] = import_picamera2) -> list[FoundSource]:
    """Cameras on the board's ribbon cable; none where picamera2 is missing."""
    try:
        cameras = pi_cameras(load())
    except SourceError:
        return []
    except Exception:  # libcamera's binding raises what it likes where there is no camera system
        return []
    return [
        FoundSource(f"csi:{number}", f"Raspberry Pi camera, {camera.get('Model', '?')}")
        for number, camera in cameras.items()
    ]


def find_usb_cameras(
    find: Callable[[], list[str]] = find_nodes,
    query: Callable[[str], VideoNode] = query_node,
) -> list[FoundSource]:
    """V4L2 cameras, in the order of their numbers, with those that may not be opened."""
    found = []
    for path in find():
        try:
            node = query(path)
        except PermissionError:
            found.append(FoundSource(path, "no permission: join the group video", usable=False))
        except OSError as error:
            found.append(FoundSource(path, f"cannot be opened: {error.strerror}", usable=False))
        else:
            if node.is_camera:
                found.append(FoundSource(path, f"{node.card} (V4L2, {node.driver})"))
    return found


def list_sources(
    pi: Callable[[], list[FoundSource]] = find_pi_cameras,
    usb: Callable[[], list[FoundSource]] = find_usb_cameras,
) -> list[FoundSource]:
    """All cameras, best first as ``auto`` would choose, and the demo, which is always there."""
    return [*pi(), *usb(), FoundSource("demo", "scenes drawn in code; needs no camera")]
