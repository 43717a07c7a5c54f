"""Steps: the service is installed, upgraded, rolled back and taken away."""

import json
import os
import platform
import re
import shutil
import subprocess
import time
from pathlib import Path

from tests.board.guest.board import (
    CHECKOUT,
    CONFIG,
    DROP_INS,
    LOG,
    PREFIX,
    SERVICE,
    WHEELS,
    do,
    is_active,
    number,
    run,
    seconds_since,
    show,
    tail,
    wait_until_streaming,
)
from tests.board.guest.harness import STATE, Restart, check, figure

EXPOSURE_LIMIT = 1.5
HOUR = 3600.0
OWN_CHANGES = (
    *("/board", str(STATE)),
    *("/tmp", "/var/tmp", "/var/log/journal", "/var/lib/systemd"),
    "/var/cache/apt",  # whoever asks apt for a package makes it write down which there are
)
"""What a running Debian, or the proof, changes by itself."""


def clean_system() -> str:
    """The system is clean: no program, no user, no network; a camera is there."""
    for path in (PREFIX, CONFIG, LOG):
        check(not path.exists(), f"{path} is there")
    check(run("getent", "passwd", SERVICE).returncode != 0, "the user is there")
    links = sorted(link.name for link in Path("/sys/class/net").iterdir())
    check(links == ["lo"], f"network: {links}")
    check(Path("/dev/video0").exists(), "no /dev/video0")
    (STATE / "before").write_text(json.dumps(_files()))
    release = platform.freedesktop_os_release()["PRETTY_NAME"]
    systemd = do("systemctl", "--version").split()[1]
    figure(
        "board",
        f"{release}, Linux {platform.release()}, systemd {systemd}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores (emulated)",
    )
    camera = do("v4l2-ctl", "--device", "/dev/video0", "--info").splitlines()[1].split()[-1]
    return f"{release}, systemd {systemd}; network: {links}; /dev/video0 of {camera}"


def install() -> str:
    """install.sh --wheels, without a network: the service is ready when it returns."""
    started = time.monotonic()
    done = _install(CHECKOUT)
    check(done.returncode == 0, f"status {done.returncode}: {tail(done)}")
    check(is_active(), f"{show('ActiveState')}")
    check(do("systemctl", "is-enabled", SERVICE) == "enabled", "not enabled")
    figure("install.sh --wheels on a clean system", f"{seconds_since(started):.0f} s")
    return tail(done, 1)


def _install(checkout: Path) -> "subprocess.CompletedProcess[str]":
    return run("sh", f"{checkout}/deploy/install.sh", "--wheels", str(WHEELS), timeout=HOUR)


def security() -> str:
    """`systemd-analyze security` finds an exposure of 1.5 or less, and the kernel agrees."""
    last = do("systemd-analyze", "security", "--no-pager", SERVICE).splitlines()[-1]
    exposure = float(last.split(":")[1].split()[0])
    check(exposure <= EXPOSURE_LIMIT, last)
    fields = dict(
        line.split(":\t", 1)
        for line in Path(f"/proc/{number('MainPID')}/status").read_text().splitlines()
        if ":\t" in line
    )
    check(fields["Uid"].split()[0] != "0", "it runs as root")
    seen = {name: fields[name] for name in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")}
    none = "0" * 16
    wanted = {"CapEff": none, "CapBnd": none, "NoNewPrivs": "1", "Seccomp": "2"}
    check(seen == wanted, f"{seen}")
    figure("systemd-analyze security", f"{exposure}")
    return f"{last.strip('→ ')}; {seen}"


def restart() -> Restart:
    """The board restarts."""
    return Restart("installed and enabled; now everything must come by itself")


def install_again() -> str:
    """install.sh again, with nothing new: it says so and leaves the service alone."""
    process = number("MainPID")
    done = _install(CHECKOUT)
    check(done.returncode == 0 and "runs already" in done.stdout, tail(done))
    check(number("MainPID") == process, "a new process")
    return tail(done, 1)


def upgrade() -> str:
    """install.sh of a newer version: it takes over, and the owner's configuration stays."""
    before, config = _version(), CONFIG.read_text()
    done = _install(_changed("newer", '__version__ = "', '__version__ = "9.'))
    check(done.returncode == 0, f"status {done.returncode}: {tail(done)}")
    after = _version()
    check(after != before and after.startswith("9."), f"version {after} runs")
    check(CONFIG.read_text() == config, "the configuration has changed")
    wait_until_streaming()
    return f"{before} gave way to {after}; environments: {_names('environments')}"


def roll_back() -> str:
    """install.sh of a version that does not become ready: the one before runs again."""
    before = _version()
    done = _install(_changed("broken", '__version__ = "', 'raise SystemExit(3)\n__version__ = "8.'))
    check(done.returncode != 0, "install.sh reports success")
    check(_version() == before, f"version {_version()} is current")
    check(is_active(), f"{show('ActiveState')}")
    wait_until_streaming()
    return f"status {done.returncode}: {tail(done, 1)}"


def _version() -> str:
    return (PREFIX / "current").readlink().name


def _names(folder: str) -> int:
    return len(list((PREFIX / folder).iterdir()))


def _changed(name: str, old: str, new: str) -> Path:
    """A copy of the checkout in which the package's first file is another."""
    copy = STATE / name
    shutil.copytree(CHECKOUT, copy, ignore=shutil.ignore_patterns("tests", "*.npz"))
    file = copy / "camera_app/__init__.py"
    text = file.read_text()
    check(old in text, f"{file} has no {old}")
    file.write_text(text.replace(old, new, 1))
    return copy


def uninstall() -> str:
    """uninstall.sh leaves the configuration, what was added to the unit, and the log."""
    done = run("sh", f"{CHECKOUT}/deploy/uninstall.sh")
    check(done.returncode == 0, tail(done))
    changed = _changes()
    kept = (str(CONFIG.parent), str(LOG.parent), str(DROP_INS))
    left = [path for path in changed if not path.startswith(kept)]
    check(not left, f"left behind: {left[:20]}")
    check(CONFIG.exists() and LOG.exists(), f"gone: {CONFIG} or {LOG}")
    check(run("getent", "passwd", SERVICE).returncode != 0, "the user is still there")
    return f"{tail(done, 1)} Paths left: {', '.join(changed)}"


def purge() -> str:
    """uninstall.sh --purge: the system is as it was before."""
    done = run("sh", f"{CHECKOUT}/deploy/uninstall.sh", "--purge")
    check(done.returncode == 0, tail(done))
    changed = _changes()
    check(not changed, f"left behind: {changed[:20]}")
    return f"{tail(done, 1)} {len(_files())} paths, those of the clean system"


def _files() -> dict[str, str]:
    """Every path of the system, and of what is in /etc its sum."""
    prune = [word for path in OWN_CHANGES for word in ("-path", path, "-prune", "-o")]
    paths = do("find", "/", "-xdev", *prune, "-print").splitlines()
    listed = dict.fromkeys(paths, "")
    for line in do("find", "/etc", "-type", "f", "-exec", "sha256sum", "{}", "+").splitlines():
        digest, path = line.split(maxsplit=1)
        listed[path] = digest
    return listed


def _changes() -> list[str]:
    before, now = json.loads((STATE / "before").read_text()), _files()
    changed = sorted(path for path in before.keys() | now if before.get(path) != now.get(path))
    # useradd and userdel keep what was there before them: /etc/passwd-, /etc/group- ...
    return [path for path in changed if not re.fullmatch(r"/etc/\w+-", path)]
