"""deploy/camera-app.service: what systemd makes of it, and that it fits the program."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from camera_app.errors import EX_CONFIG

from .conftest import REPOSITORY

UNIT = REPOSITORY / "deploy/camera-app.service"
NETWORK = REPOSITORY / "deploy/camera-app-network.conf"

FROM_254_ON = ("RestartSteps", "RestartMaxDelaySec")
"""Keys that the systemd of Debian 12 does not know, and says so."""

EXPOSURE_LIMIT = 1.5


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze: apt install systemd")
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
    )


def settings(text: str) -> dict[str, list[str]]:
    """Every value of every key, whatever section it stands in."""
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^([A-Za-z]+)=(.*)$", text, re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


@pytest.fixture
def unit() -> dict[str, list[str]]:
    return settings(UNIT.read_text("utf-8"))


def exposure(file: Path) -> float:
    judged = analyze("security", "--offline=true", file)
    overall = re.search(r"Overall exposure level for \S+: ([0-9.]+)", judged.stdout)
    assert overall is not None, judged.stderr
    return float(overall[1])


def test_it_exposes_next_to_nothing() -> None:
    assert exposure(UNIT) <= EXPOSURE_LIMIT


def test_with_the_network_it_exposes_little_more(tmp_path: Path) -> None:
    both = tmp_path / "camera-app.service"
    both.write_text(UNIT.read_text("utf-8") + NETWORK.read_text("utf-8"))
    assert exposure(UNIT) < exposure(both) <= EXPOSURE_LIMIT


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    there = tmp_path / "camera-app.service"
    # The program is not installed here.
    there.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text("utf-8")))
    understood = analyze("verify", "--man=no", there)
    complaints = [
        line
        for line in understood.stderr.splitlines()
        if "camera-app" in line and not any(f"'{key}'" in line for key in FROM_254_ON)
    ]
    assert complaints == []


def test_it_runs_the_program_as_a_service(unit: dict[str, list[str]]) -> None:
    (command,) = unit["ExecStart"]
    words = command.split()
    # -P: nothing that lies in the working directory, which can be written, is taken for a module.
    assert words[1:5] == ["-P", "-m", "camera_app", "--service"]
    assert words[5:] == ["--config", "/etc/camera-app/config.yaml"]
    assert unit["Type"] == ["notify"]
    assert unit["RestartPreventExitStatus"] == [str(EX_CONFIG)]
    assert int(unit["WatchdogSec"][0]) > 0


def test_it_never_gives_up_and_waits_longer_each_time(unit: dict[str, list[str]]) -> None:
    assert unit["Restart"] == ["on-failure"]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert int(unit["RestartSec"][0]) < int(unit["RestartMaxDelaySec"][0])


def test_it_reaches_cameras_and_no_network(unit: dict[str, list[str]]) -> None:
    assert unit["PrivateNetwork"] == ["yes"]
    assert unit["DevicePolicy"] == ["closed"]
    assert [line.split()[0] for line in unit["DeviceAllow"]] == [
        "char-video4linux",
        "char-media",
        "char-dma_heap",
        "/dev/udmabuf",
    ]
    # libcamera finds no camera without udev, which it listens to over netlink.
    assert "AF_NETLINK" in unit["RestrictAddressFamilies"][0].split()
    assert unit["User"] != ["root"]


def test_only_a_drop_in_opens_the_network() -> None:
    opened = settings(NETWORK.read_text("utf-8"))
    assert opened["PrivateNetwork"] == ["no"]
    assert opened["IPAddressDeny"] == [""], "an empty value takes back what the unit says"
    assert opened["RestrictAddressFamilies"] == ["AF_INET AF_INET6"]
