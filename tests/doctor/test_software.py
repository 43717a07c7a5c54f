import shutil
import sys
from pathlib import Path

import pytest

from camera_app.doctor.finding import State
from camera_app.doctor.machine import Answer
from camera_app.doctor.probe import DAMAGED
from camera_app.doctor.probe import main as probe
from camera_app.doctor.software import RUNTIMES, check_software
from camera_app.inference.bundle import load_bundle

from .conftest import PROBE, Board

EDIT = "sudo nano /etc/camera-app/config.yaml"

WELL = {
    f"{PROBE} numpy": Answer(0, "1.26.4 calculates"),
    f"{PROBE} opencv": Answer(0, "4.10.0 shrinks a picture"),
    f"{PROBE} model": Answer(0, "fastnet-cifar10 is whole, 10 labels"),
    f"{PROBE} runtime litert": Answer(0, "INFO: hello\nruns fastnet-cifar10, 2.5 ms a picture"),
    f"{PROBE} runtime tflite-runtime": Answer(0, "runs fastnet-cifar10, 12.8 ms a picture"),
    f"{PROBE} runtime ncnn": Answer(0, "runs fastnet-cifar10, 2.3 ms a picture"),
}


def states(board: Board) -> dict[str, State]:
    return {found.name: found.state for found in check_software(board.machine, "my-model", EDIT)}


def test_all_is_well(board: Board) -> None:
    board.answers |= WELL
    assert set(states(board).values()) == {State.OK}
    assert board.asked[3] == f"{PROBE} runtime litert my-model"
    litert = check_software(board.machine, "my-model", EDIT)[3]
    assert litert.message == "runs fastnet-cifar10, 2.5 ms a picture"


def test_two_models_are_both_run(board: Board) -> None:
    board.answers |= WELL
    check_software(board.machine, ("small", "large"), EDIT)
    assert board.asked[3] == f"{PROBE} runtime litert small large"


def test_one_runtime_is_enough(board: Board) -> None:
    board.answers |= WELL | {f"{PROBE} runtime tflite-runtime": Answer(1, "needs numpy < 2")}
    assert states(board)["tflite-runtime"] is State.NOTE
    board.answers |= {
        f"{PROBE} runtime litert": Answer(1, "not installed"),
        f"{PROBE} runtime ncnn": Answer(1, "not installed"),
    }
    assert states(board)["tflite-runtime"] is State.FAIL
    assert states(board)["litert"] is State.FAIL


@pytest.mark.parametrize(
    ("answer", "words", "mend"),
    [
        (Answer(1, "libGL.so.1: cannot open shared object file"), "libGL.so.1", "libgl1"),
        (Answer(1, "No module named 'cv2'"), "No module named", "deploy/run.sh"),
        (Answer(-4, ""), "ended its process with SIGILL", "deploy/run.sh"),
        (Answer(1, ""), "does not work", "deploy/run.sh"),
        (Answer(DAMAGED, "file too short"), "damaged, or does not fit: file too", "deploy/run.sh"),
    ],
)
def test_what_fails_says_why_and_what_to_run(
    board: Board, answer: Answer, words: str, mend: str
) -> None:
    board.answers |= WELL | {f"{PROBE} opencv": answer}
    found = check_software(board.machine, "my-model", EDIT)[1]
    assert found.state is State.FAIL
    assert words in found.message
    assert mend in (found.mend or "")


@pytest.mark.parametrize("answer", [Answer(DAMAGED, "file too short"), Answer(-7, "")])
def test_an_environment_that_is_damaged_is_to_be_made_anew(board: Board, answer: Answer) -> None:
    board.python = "/home/pi/a camera/.venv/bin/python"
    board.answers = {board.python: answer}
    assert check_software(board.machine, "my-model", EDIT)[0].mend == "sh deploy/run.sh --version"
    board.write("home/pi/a camera/.venv/camera-app-ready", "")
    found = check_software(board.machine, "my-model", EDIT)[0]
    mend = "rm '/home/pi/a camera/.venv/camera-app-ready' && sh deploy/run.sh --version"
    assert found.mend == mend


@pytest.mark.parametrize(
    ("content", "status", "line"),
    [
        (
            "raise ImportError('READ THIS\\n\\n') from ImportError('file too short')",
            3,
            "file too short",
        ),
        ("import concurrent.gone", 3, "No module named 'concurrent.gone'"),
        ("import gone", 1, "No module named 'gone'"),
        (
            "raise ImportError('libGL.so.1: cannot open shared object file')",
            1,
            "libGL.so.1: cannot",
        ),
    ],
)
def test_the_probe_says_what_came_first_and_whether_it_is_damage(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str,
    status: int,
    line: str,
) -> None:
    (tmp_path / "cv2.py").write_text(content)
    monkeypatch.delitem(sys.modules, "cv2")
    monkeypatch.syspath_prepend(tmp_path)
    assert probe(["opencv"]) == status
    assert capsys.readouterr().out.startswith(line)


def test_a_wrong_model_is_one_finding_and_the_configuration_mends_it(board: Board) -> None:
    board.answers |= WELL | {f"{PROBE} model": Answer(1, "no model 'my-model'")}
    found = {one.name: one for one in check_software(board.machine, "my-model", EDIT)}
    assert (found["model"].state, found["model"].mend) == (State.FAIL, EDIT)
    assert found["model"].message == "no model 'my-model'"
    assert {found[name].state for name in RUNTIMES} == {State.NOTE}
    assert not [command for command in board.asked if " runtime " in command]


def test_without_numpy_no_model_is_blamed(board: Board) -> None:
    board.answers |= WELL | {f"{PROBE} numpy": Answer(1, "No module named 'numpy'")}
    assert "model" not in states(board)


def test_the_probe_loads_a_model_and_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert probe(["model", "fastnet-cifar10"]) == 0
    assert capsys.readouterr().out == "fastnet-cifar10 is whole, 10 labels\n"
    assert probe(["model", "fastnet-cifar10-half", "fastnet-cifar10"]) == 0
    assert probe(["model", "fastnet-cifar10", "fastnet-cifar10-half"]) == 1
    assert probe(["model", "no-such-net"]) == 1
    assert "no model 'no-such-net'" in capsys.readouterr().out


def test_the_probe_looks_at_all_of_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(load_bundle("fastnet-cifar10").folder, tmp_path / "cut")
    with (tmp_path / "cut" / "model.ncnn.bin").open("r+b") as file:
        file.truncate(1000)
    assert probe(["model", str(tmp_path / "cut")]) == 1
    assert "model.ncnn.bin is truncated, damaged or" in capsys.readouterr().out


def test_a_probe_that_does_not_answer_fails(board: Board) -> None:
    assert set(states(board).values()) == {State.FAIL}
