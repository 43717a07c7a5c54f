"""tests/board/guest/harness.py, which judges the proofs, is judged here without a board."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.board.guest import harness
from tests.board.guest.harness import Restart, Step, check, figure, prove, prove_on_board, wait_for

TELL = harness.tell


class Down(BaseException):
    """The board went down."""


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """What the host has read so far; the board's disk is a folder."""
    port = tmp_path / "port"
    port.touch()
    monkeypatch.setattr(harness, "REPORT", port)
    monkeypatch.setattr(harness, "STATE", tmp_path / "state")

    def tell(line: str) -> None:
        with port.open("a") as file:
            file.write(f"{line}\n")

    def run(command: list[str], **_options: object) -> None:
        if command[1] == "reboot":
            raise Down
        tell(f"({command[1]})")

    monkeypatch.setattr(harness, "tell", tell)
    monkeypatch.setattr(subprocess, "run", run)
    return port.read_text


def works() -> str:
    """It works."""
    return "seen"


def fails() -> str:
    """It does not."""
    check(2 < 1, "two")
    return "never"


def breaks() -> str:
    """It breaks."""
    raise KeyError("name")


def restarts() -> Restart:
    """It restarts."""
    return Restart("down")


def goes_down() -> str:
    """It goes down by itself."""
    raise Down


def test_all_steps_pass(report: Callable[[], str]) -> None:
    def measures() -> str:
        """It measures."""
        figure("speed", "9 m/s")
        return "fast"

    prove_on_board([works, measures])

    lines = report().splitlines()
    assert lines[:2] == ["PASS  It works (0 s): seen", "PASS  It measures (0 s): fast"]
    assert "speed: 9 m/s" in lines
    assert lines[-2:] == ["All 2 steps passed.", "(poweroff)"]


def test_without_a_port_to_the_host_it_prints_and_switches_nothing_off(
    report: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(harness, "REPORT", tmp_path / "none")
    monkeypatch.setattr(harness, "tell", TELL)

    prove([works])

    assert "PASS  It works (0 s): seen" in capsys.readouterr().out
    assert report() == ""


def test_a_step_that_fails_or_breaks_is_told_and_the_rest_still_runs(
    report: Callable[[], str],
) -> None:
    mended = []

    prove([fails, breaks, works], after=lambda: mended.append(True))

    assert "FAIL  It does not (0 s): two" in report()
    assert "FAIL  It breaks (0 s): KeyError: 'name' (test_harness.py:" in report()
    assert "PASS  It works (0 s): seen" in report()
    assert "2 of 3 steps failed." in report()
    assert len(mended) == 2


def test_it_goes_on_after_a_restart(report: Callable[[], str]) -> None:
    steps: list[Step] = [works, restarts, works]
    with pytest.raises(Down):
        prove(steps)

    prove(steps)

    assert report().count("PASS  It works") == 2
    assert "All 3 steps passed." in report()


def test_a_board_that_goes_down_by_itself_fails_that_step_alone(
    report: Callable[[], str],
) -> None:
    steps = [goes_down, works]
    with pytest.raises(Down):
        prove(steps)

    prove(steps)

    assert "FAIL  It goes down by itself (0 s): the board went down in the middle" in report()
    assert "1 of 2 steps failed." in report()


def test_waiting_ends() -> None:
    left = [0, 0, 7]
    assert wait_for(lambda: left.pop(0), 60, "a seven") == 7

    with pytest.raises(harness.NotProvedError, match=r"a one: not within 0\.5 s; last seen: 0"):
        wait_for(lambda: 0, 0.5, "a one")
