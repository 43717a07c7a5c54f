import errno
import subprocess
import sys
from pathlib import Path

import pytest

from camera_app.sources.v4l2_device import (
    VideoNode,
    busy,
    find_nodes,
    holders_of,
    pi_camera_holders,
    query_node,
)


def test_nodes_are_found_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("video10", "video2", "vbi0", "v4l-subdev0", "videos"):
        (tmp_path / name).mkdir()
    assert find_nodes(tmp_path) == ["/dev/video2", "/dev/video10"]


def test_a_kernel_without_video_has_no_nodes(tmp_path: Path) -> None:
    assert find_nodes(tmp_path / "gone") == []


@pytest.mark.parametrize(
    ("driver", "captures", "expected"),
    [
        ("uvcvideo", True, True),
        ("uvcvideo", False, False),
        ("bm2835 mmal", True, True),
        ("unicam", True, False),
        ("bcm2835-isp", True, False),
        ("rp1-cfe", True, False),
    ],
)
def test_the_boards_own_pipeline_is_no_camera(driver: str, captures: bool, expected: bool) -> None:
    assert VideoNode("/dev/video0", "a card", driver, captures).is_camera is expected


@pytest.mark.parametrize(
    ("path", "numbers"),
    [
        # The latter where programs for another processor are run by qemu.
        ("/dev/null", {errno.ENOTTY, errno.ENOSYS}),
        ("/", {errno.EISDIR}),
    ],
)
def test_what_is_no_video_device_is_an_error(path: str, numbers: set[int]) -> None:
    with pytest.raises(OSError) as raised:
        query_node(path)
    assert raised.value.errno in numbers


def test_the_program_that_has_the_camera_is_named(tmp_path: Path) -> None:
    camera = tmp_path / "video0"
    camera.touch()
    script = "import sys; held = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(camera)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        found = holders_of(str(camera))
        words = str(busy(str(camera)))
        holder.communicate()
    assert len(found) == 1
    assert f"({holder.pid})" in found[0]
    assert found[0] in words
    assert holders_of(str(camera)) == []


def test_the_program_that_has_the_boards_own_camera_is_named(tmp_path: Path) -> None:
    nodes = {"video0": "unicam-image", "video10": "bcm2835-codec-decode", "video4": "HD Webcam"}
    for node, name in nodes.items():
        (tmp_path / "sys" / node).mkdir(parents=True)
        (tmp_path / "sys" / node / "name").write_text(f"{name}\n")
    (tmp_path / "sys" / "video5").mkdir()  # gone while we look
    for number, node in enumerate(nodes):
        process = tmp_path / "proc" / str(4711 + number)
        (process / "fd").mkdir(parents=True)
        (process / "comm").write_text(f"holds-{node}\n")
        (process / "fd" / "3").symlink_to(f"/dev/{node}")
    holders = pi_camera_holders(tmp_path / "sys", tmp_path / "proc")
    assert holders == ["holds-video0 (4711)"]


def test_this_program_does_not_name_itself(tmp_path: Path) -> None:
    camera = tmp_path / "video0"
    camera.touch()
    with camera.open():
        assert holders_of(str(camera)) == []
