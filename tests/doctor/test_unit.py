import pytest

from camera_app.doctor.finding import State
from camera_app.doctor.machine import Answer
from camera_app.doctor.unit import check_service, main_process

from .conftest import SYSTEMCTL, Board

RUNNING = """LoadState=loaded
ActiveState=active
SubState=running
Result=success
MainPID=812
NRestarts=2
ExecMainStatus=0
StatusText=streaming: cat 97%, 14.9 labels/s"""


@pytest.fixture
def booted(board: Board) -> Board:
    (board.root / "run/systemd/system").mkdir(parents=True)
    return board


def test_without_systemd_there_is_no_service(board: Board) -> None:
    (found,) = check_service(board.machine)
    assert found.state is State.NOTE
    assert board.asked == []


@pytest.mark.parametrize(
    ("changes", "state", "message", "mend"),
    [
        ({}, State.OK, "restarted 2 times; streaming: cat 97%, 14.9 labels/s", None),
        ({"LoadState": "not-found"}, State.NOTE, "not installed", "deploy/install.sh"),
        ({"ActiveState": "inactive"}, State.NOTE, "was stopped", "systemctl start camera-app"),
        (
            {"ActiveState": "failed", "ExecMainStatus": "78"},
            State.FAIL,
            "the configuration is wrong",
            "nano /etc/camera-app/config.yaml",
        ),
        (
            {"ActiveState": "activating", "SubState": "auto-restart", "Result": "watchdog"},
            State.FAIL,
            "activating (auto-restart), watchdog, restarted 2 times",
            "journalctl -u camera-app -n 20",
        ),
    ],
)
def test_states(
    booted: Board, changes: dict[str, str], state: State, message: str, mend: str | None
) -> None:
    properties = dict(line.split("=", 1) for line in RUNNING.splitlines()) | changes
    said = "\n".join(f"{key}={value}" for key, value in properties.items())
    booted.answers[SYSTEMCTL] = Answer(0, said)
    (found,) = check_service(booted.machine)
    assert found.state is state
    assert message in found.message
    assert (mend or "") in (found.mend or "")


@pytest.mark.parametrize("answer", [None, Answer(1, "Failed to connect to bus")])
def test_a_systemd_that_does_not_answer(booted: Board, answer: Answer | None) -> None:
    if answer is not None:
        booted.answers[SYSTEMCTL] = answer
    (found,) = check_service(booted.machine)
    assert (found.state, found.message) == (State.NOTE, "systemd does not answer")
    assert main_process(booted.machine) is None


def test_the_services_process(booted: Board) -> None:
    booted.answers[SYSTEMCTL] = Answer(0, RUNNING)
    assert main_process(booted.machine) == 812
    booted.answers[SYSTEMCTL] = Answer(0, "MainPID=0")
    assert main_process(booted.machine) is None
