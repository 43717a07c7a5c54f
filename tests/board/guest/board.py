"""What a proof does to the board and asks of it: systemd, the log, the camera's driver."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.board.guest.harness import NotProvedError, check, wait_for

SERVICE = "camera-app"
CHECKOUT = Path("/board/checkout")
WHEELS = Path("/board/wheels")
CONFIG = Path("/etc/camera-app/config.yaml")
LOG = Path("/var/log/camera-app/labels.jsonl")
PREFIX = Path("/opt/camera-app")
DROP_INS = Path(f"/etc/systemd/system/{SERVICE}.service.d")
"""Where the owner's changes to the unit lie."""
DRIVER = Path("/sys/bus/platform/drivers/vivid")
PATIENCE = 400.0
"""Seconds. A start may take the unit's whole TimeoutStartSec, and then be tried again."""

Event = dict[str, Any]


def run(*command: str, timeout: float = PATIENCE) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end; standard output and error come together in ``stdout``."""
    return subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )


def do(*command: str, timeout: float = PATIENCE) -> str:
    """Run a command that must succeed; what it prints."""
    done = run(*command, timeout=timeout)
    check(done.returncode == 0, f"`{' '.join(command)}` ended with {done.returncode}: {tail(done)}")
    return done.stdout.strip()


def tail(done: "subprocess.CompletedProcess[str]", lines: int = 4) -> str:
    """The last lines that a command printed."""
    return " | ".join(done.stdout.strip().splitlines()[-lines:])


# --- systemd --------------------------------------------------------------------------------


def show(name: str) -> str:
    """A property of the service, as systemd has it now."""
    return do("systemctl", "show", "--property", name, "--value", SERVICE)


def number(name: str) -> int:
    """A property of the service that is a number."""
    return int(show(name))


def is_active() -> bool:
    """Whether the service is ready, and runs."""
    return show("ActiveState") == "active"


def streaming() -> str:
    """The status that the program told systemd, if the service is ready and that is a label."""
    told = do("systemctl", "show", "--property=ActiveState,StatusText", SERVICE)
    values = dict(line.split("=", 1) for line in told.splitlines())
    labelled = values["ActiveState"] == "active" and values["StatusText"].startswith("streaming: ")
    return values["StatusText"] if labelled else ""


def wait_until_streaming() -> str:
    """The status that the program tells systemd, as soon as that is a label."""
    # Each look is a process of its own, which the board's processor feels.
    return wait_for(streaming, PATIENCE, "a label in the status", every=1.0)


def journal(since: float) -> str:
    """What the journal has of the service, and of systemd about it, since a time."""
    do("journalctl", "--sync")
    return do("journalctl", "--unit", SERVICE, "--since", f"@{since:.3f}", "--output", "short-iso")


def settle() -> None:
    """Bring the service to a label, whatever state a step has left it in."""
    if not streaming():
        run("systemctl", "reset-failed", SERVICE)
        do("systemctl", "restart", SERVICE)  # fails at once where the service is not installed
    wait_until_streaming()


def configure(text: str) -> None:
    """Write the configuration; every key that is not there has its default."""
    CONFIG.write_text(text)


def every_frame(*, source: str = "auto", bundle: object = "fastnet-cifar10") -> str:
    """A configuration with which the log tells of every frame.

    It spares the emulated processor: five pictures a second, and the runtime that has once been
    measured to be the fastest.
    """
    runtime = events(0, "start")[-1]["runtime"]
    return (
        f"source:\n  uri: {source}\n  fps: 5\n"
        f"model:\n  bundle: {bundle}\n  runtime: {runtime}\n  threads: 1\n"
        "log:\n  every_frame: true\n"
    )


def reload(text: str) -> Event:
    """Have a changed configuration taken up; what the log says of it."""
    configure(text)
    mark = end_of_log()
    do("systemctl", "reload", SERVICE)
    return wait_for_event(mark, "reload")


# --- the log --------------------------------------------------------------------------------


def end_of_log() -> int:
    """A mark: what :func:`events` gives from here on is new."""
    return LOG.stat().st_size if LOG.exists() else 0


def events(mark: int = 0, *kinds: str) -> list[Event]:
    """What the log has from ``mark`` on; fails if any line of that is torn."""
    return [event for event in _parse(mark) if not kinds or event["event"] in kinds]


def _parse(mark: int) -> Iterator[Event]:
    if not LOG.exists():
        return
    with LOG.open("rb") as file:
        file.seek(mark)
        lines = file.read().split(b"\n")
    for line in lines[:-1]:  # the last is empty, or just being written
        try:
            event = json.loads(line)
        except ValueError:
            raise NotProvedError(f"a line of the log is torn: {line[:200]!r}") from None
        check("time" in event and "event" in event, f"a line of the log is no event: {event}")
        yield event


def wait_for_event(mark: int, kind: str, **fields: Any) -> Event:
    """The first such event in the log from ``mark`` on."""

    def look() -> Event | None:
        for event in events(mark, kind):
            if all(event.get(name) == value for name, value in fields.items()):
                return event
        return None

    found = wait_for(look, PATIENCE, f"a line {kind} {fields} in the log")
    assert found is not None
    return found


# --- the camera -----------------------------------------------------------------------------


def set_control(name: str, value: int) -> None:
    """Set a control of the camera's driver."""
    do("v4l2-ctl", "--device", "/dev/video0", "--set-ctrl", f"{name}={value}")


def plug(*, in_: bool) -> None:
    """Bind the driver to its device, or unbind it."""
    (DRIVER / ("bind" if in_ else "unbind")).write_text("vivid.0")


def seconds_since(started: float) -> float:
    """Monotonic seconds, rounded for a report."""
    return round(time.monotonic() - started, 1)
