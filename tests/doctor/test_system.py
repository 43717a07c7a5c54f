from camera_app.doctor.finding import Finding, State
from camera_app.doctor.machine import Answer
from camera_app.doctor.system import check_system

from .conftest import Board

THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"


def finding(board: Board, name: str) -> Finding:
    (found,) = [one for one in check_system(board.machine) if one.name == name]
    return found


def test_a_bare_machine_is_no_failure(board: Board) -> None:
    assert State.FAIL not in {found.state for found in check_system(board.machine)}


def test_system_and_board_are_named(board: Board) -> None:
    board.write("etc/os-release", 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
    board.write("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.5\0")
    message = finding(board, "system").message
    assert message.startswith("Debian GNU/Linux 12 (bookworm), ")
    assert message.endswith(", Raspberry Pi 4 Model B Rev 1.5")


def test_a_full_disk_fails(board: Board) -> None:
    assert finding(board, "disk").state is State.OK
    board.free = 50_000_000
    found = finding(board, "disk")
    assert found.state is State.FAIL
    assert found.message == "50 MB free on /"
    board.free = None
    assert finding(board, "disk").state is State.NOTE


def test_a_kernel_that_cannot_limit_memory_is_told_how(board: Board) -> None:
    board.write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io pids\n")
    found = finding(board, "memory limit")
    assert (found.state, "cgroup_enable=memory" in (found.mend or "")) == (State.NOTE, True)
    board.write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n")
    assert finding(board, "memory limit").state is State.OK


def test_heat(board: Board) -> None:
    assert finding(board, "temperature").state is State.NOTE
    board.write("sys/class/thermal/thermal_zone0/temp", "52100\n")
    assert finding(board, "temperature").message == "52 °C"
    board.write("sys/class/thermal/thermal_zone0/temp", "82000\n")
    assert finding(board, "temperature").state is State.FAIL


def test_throttling(board: Board) -> None:
    assert finding(board, "throttling").state is State.NOTE
    for flags, state, words in [
        ("0\n", State.OK, "none since the start"),
        ("50000\n", State.NOTE, "at times: the supply voltage is too low, the processor"),
        ("5\n", State.FAIL, "the supply voltage is too low, the processor is throttled"),
    ]:
        board.write(THROTTLED, flags)
        found = finding(board, "throttling")
        assert (found.state, words in found.message) == (state, True)


def test_the_firmware_is_asked_where_the_kernel_is_silent(board: Board) -> None:
    board.answers["vcgencmd get_throttled"] = Answer(0, "throttled=0x1")
    assert finding(board, "throttling").state is State.NOTE, "no firmware on this board"
    board.write("dev/vcio", "")
    assert finding(board, "throttling").message == "the supply voltage is too low"
    board.answers.clear()
    assert finding(board, "throttling").state is State.NOTE
