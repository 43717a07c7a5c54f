import sys
from pathlib import Path

from camera_app.doctor.machine import Answer, Machine, free_bytes, run_program


def test_what_a_program_says_and_how_it_ends() -> None:
    script = "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"
    answer = run_program([sys.executable, "-u", "-c", script])
    assert answer == Answer(3, "one\ntwo")
    assert answer.last_line == "two"
    assert Answer(0, "").last_line == ""


def test_a_program_that_is_killed() -> None:
    answer = run_program([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])
    assert answer == Answer(-9, "")


def test_no_such_program() -> None:
    assert run_program(["no-such-program"]) is None


def test_a_file_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    machine = Machine(root=tmp_path)
    assert machine.read("etc/os-release") is None
    assert machine.board is None


def test_free_space_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    there = free_bytes(tmp_path)
    assert there is not None
    assert free_bytes(tmp_path / "not/yet") is not None
