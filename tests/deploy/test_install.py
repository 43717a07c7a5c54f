"""deploy/install.sh and uninstall.sh: what they leave on a machine, with a systemctl that notes."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Checkout, make_checkout, stand_in

FAKES = Path(__file__).with_name("fakes")
DEFAULT = "source:\n  uri: auto\n"


@dataclass
class Machine:
    """A checkout, and the folder that stands for the root of a machine's files."""

    checkout: Checkout
    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def prefix(self) -> Path:
        return self.root / "opt/camera-app"

    @property
    def config(self) -> Path:
        return self.root / "etc/camera-app/config.yaml"

    @property
    def unit(self) -> Path:
        return self.root / "etc/systemd/system/camera-app.service"

    @property
    def current(self) -> str:
        return (self.prefix / "current").readlink().name

    @property
    def versions(self) -> set[str]:
        return {path.name for path in (self.prefix / "versions").iterdir()}

    def program(self, text: str, default: str = DEFAULT) -> None:
        """Change what is to be installed."""
        (self.checkout.root / "camera_app/__init__.py").write_text(
            f'__version__ = "1.2"\n# {text}\n'
        )
        (self.checkout.root / "config.yaml").write_text(default)

    def run(
        self, script: str, *arguments: str, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        fakes = self.folder / "fakes"
        return subprocess.run(
            ["sh", str(self.checkout.root / "deploy" / script), *arguments],
            cwd="/",
            env={
                **self.checkout.environment,
                "PATH": f"{FAKES}:{os.environ['PATH']}",
                "DESTDIR": str(self.root),
                "FAKES": str(fakes),
                **variables,
            },
            check=False,
            capture_output=True,
            text=True,
        )

    def install(self, *arguments: str, **variables: str) -> str:
        """What was said in a run that went well."""
        done = self.run("install.sh", *arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def calls(self) -> list[str]:
        """What systemctl and the others were asked for since the last call."""
        notes = self.folder / "fakes/calls"
        lines = notes.read_text().splitlines() if notes.exists() else []
        notes.unlink(missing_ok=True)
        return lines


def fake(folder: Path, program: str, script: str) -> str:
    """A PATH in which a program is this script."""
    file = folder / "bin" / program
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return f"{file.parent}:{FAKES}:{os.environ['PATH']}"


@pytest.fixture(scope="module")
def installed_once(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine on which the program was installed; not to be changed."""
    folder = tmp_path_factory.mktemp("machine")
    checkout = make_checkout(folder)
    bundle = checkout.root / "models/fastnet"
    bundle.mkdir(parents=True)
    for name in ("model.tflite", "model.ncnn.param", "model.ncnn.bin", "model.yaml", "weights.npz"):
        (bundle / name).write_text(name)
    (checkout.root / "camera_app/__pycache__").mkdir()
    (checkout.root / "camera_app/__pycache__/old.pyc").write_text("stale")
    (folder / "fakes").mkdir()
    machine = Machine(checkout, folder)
    machine.program("one")
    said = machine.install()
    assert said.splitlines()[-1].endswith(
        "is installed and runs; watch it with: journalctl -fu camera-app"
    )
    return machine


@pytest.fixture
def machine(installed_once: Machine, tmp_path: Path) -> Machine:
    """A copy of it, to be changed; the environment need not be made again."""
    shutil.copytree(installed_once.folder, tmp_path / "copy", symlinks=True)
    copied = tmp_path / "copy"
    checkout = installed_once.checkout
    copy = Machine(
        Checkout(
            copied / checkout.root.relative_to(installed_once.folder),
            copied / checkout.packages.relative_to(installed_once.folder),
            checkout.environment,
        ),
        copied,
    )
    copy.calls()
    return copy


def test_everything_is_in_its_place(installed_once: Machine) -> None:
    prefix = installed_once.prefix
    program = prefix / "current/program"
    assert installed_once.current.startswith("1.2-")
    assert (program / "camera_app/__main__.py").is_file()
    assert (program / "camera_app/__init__.py").read_text() == '__version__ = "1.2"\n# one\n'
    assert {path.name for path in (program / "models/fastnet").iterdir()} == {
        "model.tflite",
        "model.ncnn.param",
        "model.ncnn.bin",
        "model.yaml",
    }
    assert not list(program.rglob("old.pyc"))
    assert list(program.rglob("__main__.*.pyc")), "compiled: the service cannot write there"
    assert (prefix / "current/environment/bin/python").exists()
    assert installed_once.config.read_text() == DEFAULT
    assert installed_once.unit.read_text() == (REPOSITORY / "deploy/camera-app.service").read_text()
    assert not (installed_once.unit.parent / "camera-app.service.d").exists()


def open_to_all(folder: Path) -> bool:
    modes = [path.stat().st_mode for path in (folder, *folder.rglob("*"))]
    return all(mode & 0o022 == 0 and mode & 0o044 == 0o044 for mode in modes)


def test_the_service_can_read_what_only_the_owner_of_the_checkout_could(machine: Machine) -> None:
    machine.program("mine alone")
    for path in machine.checkout.root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)
    machine.install()
    version = machine.prefix / "versions" / machine.current
    assert open_to_all(version / "program")
    assert machine.unit.stat().st_mode & 0o777 == 0o644
    assert machine.config.stat().st_mode & 0o777 == 0o640

    package = version / "program/camera_app"  # as an earlier installer left it
    package.chmod(0o700)
    machine.install()
    assert open_to_all(version / "program")


def test_the_installed_program_runs(installed_once: Machine, tmp_path: Path) -> None:
    current = installed_once.prefix / "current"
    done = subprocess.run(
        [current / "environment/bin/python", "-P", "-m", "camera_app"],
        env={"PYTHONPATH": str(current / "program")},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "1.0\n"


def test_it_is_enabled_and_started_as_its_own_user(installed_once: Machine) -> None:
    calls = (installed_once.folder / "fakes/calls").read_text().splitlines()
    assert calls[0].startswith("useradd --system ")
    assert calls[0].endswith("/usr/sbin/nologin camera-app")
    assert calls[-3:] == [
        "systemctl daemon-reload",
        "systemctl enable --quiet camera-app",
        "systemctl restart camera-app",
    ]


def test_a_second_run_changes_and_interrupts_nothing(machine: Machine) -> None:
    before = {path: path.lstat().st_mtime_ns for path in machine.root.rglob("*")}
    shutil.rmtree(machine.checkout.packages)  # nothing is to be installed
    said = machine.install()
    after = {path: path.lstat().st_mtime_ns for path in machine.root.rglob("*")}
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed <= {machine.prefix / "versions"}, "a folder in which something came and went"
    assert before.keys() == after.keys()
    assert "runs already" in said
    assert not [call for call in machine.calls() if "restart" in call or "useradd" in call]


def test_a_service_that_was_stopped_is_started(machine: Machine) -> None:
    (machine.folder / "fakes/active").unlink()
    machine.install()
    assert "systemctl restart camera-app" in machine.calls()


def test_an_upgrade_keeps_the_version_before_and_no_more(machine: Machine) -> None:
    first = machine.current
    machine.program("two")
    machine.install()
    second = machine.current
    assert machine.versions == {first, second}
    machine.program("three")
    machine.install()
    assert machine.versions == {second, machine.current}
    assert len(list((machine.prefix / "environments").iterdir())) == 1, "shared by all of them"


def test_a_version_that_does_not_become_ready_gives_way(machine: Machine) -> None:
    first, unit = machine.current, machine.unit.read_text()
    machine.program("BROKEN")
    with (machine.checkout.root / "deploy/camera-app.service").open("a") as file:
        file.write("# new\n")
    done = machine.run("install.sh")
    assert done.returncode == 1
    assert f"did not become ready, and {first} runs again" in done.stderr
    assert machine.current == first
    assert machine.unit.read_text() == unit
    assert (machine.folder / "fakes/active").exists()

    machine.program("mended")
    machine.install()
    assert machine.current != first
    assert machine.unit.read_text() == unit + "# new\n"


def test_nothing_is_rolled_back_to_a_version_that_was_not_ready_either(machine: Machine) -> None:
    (machine.folder / "fakes/active").unlink()
    machine.program("BROKEN")
    first = machine.current
    done = machine.run("install.sh")
    assert done.returncode == 1
    assert "installed but not ready yet: is a camera connected?" in done.stderr
    assert machine.current != first


def test_the_owners_configuration_is_kept_and_a_new_default_comes_beside_it(
    machine: Machine,
) -> None:
    mine = "source:\n  uri: 0\n"
    machine.config.write_text(mine)
    new = machine.config.with_name("config.yaml.new")
    machine.program("two")
    machine.install()
    assert (machine.config.read_text(), new.exists()) == (mine, False), "the default is the same"

    machine.program("three", default="source:\n  uri: demo\n")
    said = machine.install()
    assert machine.config.read_text() == mine
    assert new.read_text() == "source:\n  uri: demo\n"
    assert f"compare {new} with {machine.config}" in said

    machine.config.write_text(new.read_text())
    machine.program("four", default="source:\n  uri: demo\n")
    machine.install()
    assert not new.exists(), "what was taken over needs no reminder"


def test_a_default_that_nobody_changed_is_not_written_over_either(machine: Machine) -> None:
    machine.program("two", default="source:\n  uri: demo\n")
    machine.install()
    assert machine.config.read_text() == DEFAULT
    assert machine.config.with_name("config.yaml.new").exists()


def test_only_root_and_the_service_read_the_configuration(installed_once: Machine) -> None:
    calls = (installed_once.folder / "fakes/calls").read_text().splitlines()
    assert f"chgrp camera-app {installed_once.config}" in calls[1:], "after useradd"
    assert installed_once.config.stat().st_mode & 0o777 == 0o640


def test_an_upgrade_closes_an_open_configuration_and_keeps_what_is_in_it(machine: Machine) -> None:
    mine = "source:\n  uri: rtsp://me:secret@camera/1\n"
    machine.config.write_text(mine)
    machine.config.chmod(0o644)
    machine.install()
    assert f"chgrp camera-app {machine.config}" in machine.calls()
    assert machine.config.stat().st_mode & 0o777 == 0o640
    assert machine.config.read_text() == mine


def test_a_file_system_without_groups_is_no_obstacle(machine: Machine, tmp_path: Path) -> None:
    said = machine.install(PATH=fake(tmp_path, "chgrp", "echo not permitted >&2; exit 1"))
    assert said.startswith(f"Everybody on this machine may read {machine.config}, and a camera's")
    assert "not permitted" not in said
    assert said.count("\n") == 2


def test_the_next_group_of_that_number_does_not_read_the_configuration(machine: Machine) -> None:
    assert machine.run("uninstall.sh").returncode == 0
    calls = machine.calls()
    assert calls.index(f"chgrp root {machine.config}") < calls.index("userdel camera-app")
    assert machine.config.stat().st_mode & 0o777 == 0o640


def test_a_configuration_that_could_not_be_copied_whole_is_copied_again(
    machine: Machine, tmp_path: Path
) -> None:
    machine.config.unlink()
    full = """
case "$*" in
    */etc/camera-app/*)
        head -c 5 "$1" >"$2"
        echo "cp: error writing '$2': No space left on device" >&2
        exit 1
        ;;
esac
exec /bin/cp "$@"
"""
    done = machine.run("install.sh", PATH=fake(tmp_path, "cp", full))
    assert done.returncode == 1
    assert done.stderr == (
        f"error: cannot write {machine.config}; make room on the disk and start again.\n"
    )
    assert not list(machine.config.parent.iterdir())
    machine.install()
    assert machine.config.read_text() == DEFAULT


def test_the_network_is_opened_when_asked_for_and_stays_open(machine: Machine) -> None:
    drop_in = machine.unit.parent / "camera-app.service.d/network.conf"
    machine.install("--network")
    assert drop_in.read_text() == (REPOSITORY / "deploy/camera-app-network.conf").read_text()
    assert "systemctl restart camera-app" in machine.calls()
    machine.program("two")
    machine.install()
    assert drop_in.exists()

    machine.install("--no-network")
    assert not drop_in.parent.exists()
    assert machine.calls()[-3:] == [
        "systemctl daemon-reload",
        "systemctl enable --quiet camera-app",
        "systemctl restart camera-app",
    ]
    machine.program("three")
    machine.install()
    assert not drop_in.parent.exists()


def test_what_opens_the_network_is_upgraded_and_rolled_back(machine: Machine) -> None:
    ours = machine.checkout.root / "deploy/camera-app-network.conf"
    drop_in = machine.unit.parent / "camera-app.service.d/network.conf"
    override = drop_in.with_name("override.conf")
    machine.install("--network")
    override.write_text("mine")
    ours.write_text(old := ours.read_text() + "# newer\n")
    machine.install()
    assert drop_in.read_text() == old

    ours.write_text(old + "# newest\n")
    machine.program("BROKEN")
    assert machine.run("install.sh").returncode == 1
    assert drop_in.read_text() == old

    machine.program("mended")
    machine.install("--no-network")
    assert [path.name for path in drop_in.parent.iterdir()] == ["override.conf"]


def test_packages_come_from_a_folder_and_nowhere_else(machine: Machine, tmp_path: Path) -> None:
    wheels = tmp_path / "my wheels"
    machine.checkout.packages.rename(wheels)
    machine.checkout.require(">=0.5")  # another wish is another environment
    nowhere = {"PIP_FIND_LINKS": "", "PIP_NO_INDEX": "", "PIP_INDEX_URL": "http://127.0.0.1:1/"}
    machine.install("--wheels", str(wheels), **nowhere)
    assert (machine.prefix / "current/environment/bin/python").exists()
    assert len(list((machine.prefix / "environments").iterdir())) == 2


def test_fail__a_folder_that_lacks_a_package(machine: Machine) -> None:
    before = machine.current
    machine.checkout.require(">=2")
    done = machine.run(
        "install.sh", "--wheels", str(machine.checkout.packages), PIP_FIND_LINKS="", PIP_NO_INDEX=""
    )
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: there is no opencv-stand-in>=2 for Python 3.")
    assert last.endswith(
        f" in {machine.checkout.packages} that pip could install; fill it on a machine of the same"
        " kind, with the same Python."
    )
    assert machine.current == before


FULL = """
echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" >&2
"""
"""A pip that fills the disk."""


def test_a_full_disk_is_named_and_not_filled(machine: Machine, tmp_path: Path) -> None:
    environments = machine.prefix / "environments"
    before = list(environments.iterdir())
    python = stand_in(machine.checkout, tmp_path, FULL)
    machine.checkout.require(">=0.5")
    done = machine.run("install.sh", PYTHON=python, TMPDIR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"error: the disk is full: make room in {environments}, and in {tmp_path}, where pip"
        " unpacks, and start again."
    )
    assert list(environments.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--wheels", "/nowhere"], "there is no folder '/nowhere'"),
        (["--wheels"], "there is no folder ''"),
        (["--prefix=/usr"], "unknown option --prefix=/usr; known are"),
    ],
)
def test_fail__options(machine: Machine, arguments: list[str], words: str) -> None:
    done = machine.run("install.sh", *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert machine.calls() == []


@pytest.mark.parametrize(
    ("arguments", "word"), [(["--purge", "--dry-run"], "--dry-run"), (["keep-logs"], "keep-logs")]
)
def test_fail__an_option_of_uninstalling(machine: Machine, arguments: list[str], word: str) -> None:
    done = machine.run("uninstall.sh", *arguments)
    assert done.returncode == 1
    assert done.stderr == f"error: unknown option {word}; known is --purge.\n"
    assert machine.prefix.exists()
    assert machine.config.exists()
    assert machine.calls() == []


def test_fail__an_old_python(machine: Machine) -> None:
    done = machine.run("install.sh", PYTHON="/bin/false")
    assert done.returncode == 1
    assert "/bin/false is not a Python of version 3.11 or newer" in done.stderr


@pytest.mark.parametrize("script", ["install.sh", "uninstall.sh"])
def test_fail__without_root(machine: Machine, script: str, tmp_path: Path) -> None:
    done = machine.run(script, DESTDIR="", PATH=fake(tmp_path, "id", "echo 1000"))
    assert done.returncode == 1
    assert f"run 'sudo sh {machine.checkout.root}/deploy/{script}'" in done.stderr


def test_uninstalling_leaves_configuration_and_logs(machine: Machine) -> None:
    log = machine.root / "var/log/camera-app/labels.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text("{}\n")
    remembered = machine.root / "var/lib/camera-app/.cache/camera-app/runtimes-0.json"
    remembered.parent.mkdir(parents=True)
    remembered.write_text("{}\n")
    machine.install("--network")
    machine.calls()
    done = machine.run("uninstall.sh")
    assert done.returncode == 0, done.stderr
    left = {str(path.relative_to(machine.root)) for path in machine.root.rglob("*")}
    files = {path for path in left if (machine.root / path).is_file()}
    assert files == {"etc/camera-app/config.yaml", "var/log/camera-app/labels.jsonl"}
    assert "opt/camera-app" not in left
    assert "var/lib/camera-app" not in left
    assert "etc/systemd/system/camera-app.service.d" not in left
    assert done.stderr == (
        f"The program is gone; what is in {machine.config.parent}, {log.parent} stays"
        " (--purge takes it away too).\n"
    )
    calls = machine.calls()
    assert calls[0] == "systemctl disable --now --quiet camera-app"
    assert calls[-1] == "userdel camera-app"

    again = machine.run("uninstall.sh", "--purge")
    assert again.returncode == 0, again.stderr
    assert not [path for path in machine.root.rglob("*") if path.is_file()]
    assert not [call for call in machine.calls() if "disable" in call or "userdel" in call]


def test_uninstalling_leaves_recordings_and_what_the_owner_wrote(machine: Machine) -> None:
    video = machine.root / "var/lib/camera-app/flight.mkv"  # record.file: flight.mkv
    override = machine.unit.parent / "camera-app.service.d/override.conf"  # systemctl edit
    machine.install("--network")
    for file in (video, override):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
    done = machine.run("uninstall.sh")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in override.parent.iterdir()] == ["override.conf"]
    assert video.read_text() == "mine"
    stays = f"{override.parent}, {machine.config.parent}, {video.parent}"
    assert f"what is in {stays} stays" in done.stderr

    done = machine.run("uninstall.sh", "--purge")
    assert done.returncode == 0, done.stderr
    assert not [path for path in machine.root.rglob("*") if path.is_file()]
    assert not video.parent.exists()
    assert not override.parent.exists()


def test_what_was_uninstalled_can_be_installed(machine: Machine) -> None:
    machine.config.write_text("source:\n  uri: 1\n")
    assert machine.run("uninstall.sh").returncode == 0
    assert "Setting up" in machine.install(PYTHON=os.path.realpath(sys.executable))
    assert machine.config.read_text() == "source:\n  uri: 1\n"


def test_a_group_with_other_members_goes_too(machine: Machine) -> None:
    (machine.folder / "fakes/member").touch()  # `usermod -aG camera-app USER`, as drone.md says
    done = machine.run("uninstall.sh")
    assert done.returncode == 0, done.stderr
    assert [call for call in machine.calls() if "del" in call] == [
        "userdel camera-app",
        "groupdel camera-app",
    ]
    assert "not removed" not in done.stderr, "it is removed a moment later"
    machine.install()


def test_a_group_that_is_there_already_is_taken(machine: Machine) -> None:
    (machine.folder / "fakes/user").unlink()
    machine.install()
    assert "--gid camera-app" in machine.calls()[0]
    assert (machine.folder / "fakes/user").exists()


@pytest.mark.parametrize(
    ("program", "words", "status"),
    [
        ("userdel", "the user camera-app could not be removed (it is in use)", 1),
        ("groupdel", "The group camera-app could not be removed (it is in use)", 0),
    ],
)
def test_a_user_or_group_that_cannot_be_removed_is_said(
    machine: Machine, tmp_path: Path, program: str, words: str, status: int
) -> None:
    (machine.folder / "fakes/member").touch()
    path = fake(tmp_path, program, "echo it is in use >&2; exit 8")
    done = machine.run("uninstall.sh", PATH=path)
    assert done.returncode == status
    assert words in done.stderr
