"""The sub-command: on a machine made of files, and on this one."""

import contextlib
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from camera_app.config import Config
from camera_app.doctor import as_text, examine, main
from camera_app.doctor.finding import State, fail, note, ok
from camera_app.doctor.machine import Answer
from camera_app.errors import ConfigError, OutputError, UsageError
from tests.end_to_end import REPOSITORY, Camera

from .conftest import PROBE, Board

WORKS = {
    f"{PROBE} pi_cameras": Answer(0, "csi:0 imx708"),
    PROBE: Answer(0, "works"),
}


def test_exit_status_and_lines(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    board.answers |= WORKS
    assert main([], board.machine) == 0
    assert re.search(r"(?m)^ok +camera csi:0 +imx708$", capsys.readouterr().out)
    board.groups = frozenset()
    assert main([], board.machine) == 0
    assert "sudo usermod -aG video pi" in capsys.readouterr().out
    board.free = 0
    assert main([], board.machine) == 1
    assert "sudo apt clean" in capsys.readouterr().out


def test_json(board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    board.answers |= WORKS
    board.free = 0
    assert main(["--json"], board.machine) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    failing = [found for found in report["findings"] if found["state"] == "fail"]
    assert [found["name"] for found in failing] == ["disk"]
    assert set(failing[0]) == {"name", "state", "message", "mend"}


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_findings_that_cannot_be_printed_are_an_error(
    board: Board, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path("/dev/full").open("w")  # noqa: SIM115  closing it fails, too
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(OutputError, match="cannot print: No space left on device"):
        main(words, board.machine)
    with contextlib.suppress(OSError):
        full.close()


def test_a_machine_on_which_nothing_works_names_a_command_for_each_failure(board: Board) -> None:
    board.free, board.groups = 0, frozenset()
    board.write("proc/device-tree/model", "Raspberry Pi 4")
    board.write("sys/class/thermal/thermal_zone0/temp", "90000")
    board.write("sys/devices/platform/soc/soc:firmware/get_throttled", "f")
    board.write("etc/camera-app/config.yaml", "sauce: 1")
    failing = [found for found in examine(board.machine) if found.state is State.FAIL]
    assert len(failing) >= 9
    assert all(found.mend for found in failing)


def test_the_services_configuration_is_looked_at_where_there_is_one(board: Board) -> None:
    board.write("etc/camera-app/config.yaml", "model: {bundle: my-own}")
    examine(board.machine)
    assert f"{PROBE} runtime litert my-own" in board.asked
    other = board.root / "other.yaml"
    other.write_text("model: {bundle: another}")
    examine(board.machine, other)
    assert f"{PROBE} runtime litert another" in board.asked


def test_a_wrong_configuration_is_a_finding(board: Board) -> None:
    board.write("etc/camera-app/config.yaml", "source: {fsp: 1}")
    (found,) = [one for one in examine(board.machine) if one.name == "configuration"]
    assert found.state is State.FAIL
    assert "did you mean source.fps?" in found.message
    assert "nano" in (found.mend or "")


def test_the_command_that_mends_a_configuration_can_be_pasted(board: Board, tmp_path: Path) -> None:
    file = tmp_path / "my camera's.yaml"
    file.write_text("source: {fsp: 1}")
    (found,) = [one for one in examine(board.machine, file) if one.name == "configuration"]
    assert found.mend is not None
    assert shlex.split(found.mend) == ["sudo", "nano", str(file)]


def test_a_configuration_that_is_not_this_users_to_read_is_no_failure(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service's may hold a camera's password: root and its own group read it, nobody else."""

    def closed(_file: object) -> Config:
        raise ConfigError("cannot read it: Permission denied") from PermissionError()

    monkeypatch.setattr("camera_app.doctor.load_config", closed)
    (found,) = [one for one in examine(board.machine) if one.name == "configuration"]
    assert (found.state, found.mend) == (State.NOTE, "sudo sh deploy/run.sh doctor")


def test_text_is_aligned_and_commands_stand_below() -> None:
    text = as_text([ok("os", "fine"), note("display", "none"), fail("disk", "full", "sudo rm")])
    assert text.splitlines() == [
        "ok    os       fine",
        "note  display  none",
        "FAIL  disk     full",
        "                 sudo rm",
    ]


def test_a_wrong_option_is_refused() -> None:
    with pytest.raises(UsageError):
        main(["--jsn"])


def test_what_may_be_broken_is_not_imported() -> None:
    script = (
        "import sys, camera_app.doctor; "
        "heavy = {'cv2', 'numpy', 'ai_edge_litert', 'ncnn', 'tflite_runtime'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"


def test_this_machine(camera: Camera, tmp_path: Path) -> None:
    done = camera.run("doctor", "--json", cwd=tmp_path, timeout=300)
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["ok"] else 1)
    states = {found["name"]: found["state"] for found in report["findings"]}
    assert states["numpy"] == states["opencv"] == "ok"
    assert "ok" in (states["litert"], states["tflite-runtime"], states["ncnn"])
