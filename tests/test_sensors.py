"""Heat and throttling, from files as the kernel writes them."""

import resource
from pathlib import Path

import pytest

from camera_app.sensors import Throttling, parse_throttling, read_temperature, read_throttling

ZONES = "sys/class/thermal"


def write(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_the_hottest_zone_counts(tmp_path: Path) -> None:
    write(tmp_path, f"{ZONES}/thermal_zone0/temp", "48312\n")
    write(tmp_path, f"{ZONES}/thermal_zone1/temp", "61850\n")
    write(tmp_path, f"{ZONES}/cooling_device0/temp", "99000\n")
    assert read_temperature(tmp_path) == pytest.approx(61.85)


@pytest.mark.parametrize("text", ["", "n/a", "48.3", "--5", "9" * 400, "9" * 5000, "\0"])
def test_a_zone_without_a_reading_is_passed_over(tmp_path: Path, text: str) -> None:
    write(tmp_path, f"{ZONES}/thermal_zone0/temp", text)
    assert read_temperature(tmp_path) is None
    write(tmp_path, f"{ZONES}/thermal_zone1/temp", "-5000")
    assert read_temperature(tmp_path) == -5.0


def test_a_zone_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ZONES / "thermal_zone0/temp").mkdir(parents=True)
    assert read_temperature(tmp_path) is None


def test_without_a_descriptor_left_it_is_as_without_sensors(tmp_path: Path) -> None:
    write(tmp_path, f"{ZONES}/thermal_zone0/temp", "48312\n")
    write(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        readings = read_temperature(tmp_path), read_throttling(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert readings == (None, None)


def test_a_board_without_sensors_has_none(tmp_path: Path) -> None:
    assert read_temperature(tmp_path) is None
    assert read_throttling(tmp_path) is None


@pytest.mark.parametrize(
    "path",
    ["soc/soc:firmware/get_throttled", "soc@107c000000/soc@107c000000:firmware/get_throttled"],
)
def test_the_firmwares_flags_are_found(tmp_path: Path, path: str) -> None:
    write(tmp_path, f"sys/devices/platform/{path}", "50005\n")
    assert read_throttling(tmp_path) == Throttling(0x50005)


def test_flags_in_words() -> None:
    flags = Throttling(0x50005)
    assert flags.now == ["the supply voltage is too low", "the processor is throttled"]
    assert flags.before == []
    assert flags.slowed
    past = Throttling(0x50000)
    assert past.now == []
    assert past.before == ["the supply voltage is too low", "the processor is throttled"]
    assert not past.slowed
    assert Throttling(0).before == Throttling(0).now == []


@pytest.mark.parametrize(
    ("text", "flags"),
    [("throttled=0x50005", 0x50005), ("0", 0), ("", None), ("error=1 error_msg=x", None)],
)
def test_what_the_firmware_writes(text: str, flags: int | None) -> None:
    assert parse_throttling(text) == (None if flags is None else Throttling(flags))
