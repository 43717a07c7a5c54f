"""How the service is, as systemd sees it."""

from camera_app.doctor.finding import Finding, fail, note, ok
from camera_app.doctor.machine import Machine
from camera_app.errors import EX_CONFIG

NAME = "camera-app"
CONFIG = "/etc/camera-app/config.yaml"

_ASKED = "LoadState,ActiveState,SubState,Result,MainPID,NRestarts,ExecMainStatus,StatusText"


def check_service(machine: Machine) -> list[Finding]:
    """The finding on the service."""
    if not (machine.root / "run/systemd/system").is_dir():
        return [note("service", "this machine does not run systemd")]
    state = _properties(machine)
    if state is None:
        return [note("service", "systemd does not answer")]
    if state.get("LoadState") != "loaded":
        return [note("service", "not installed", "sudo sh deploy/install.sh")]
    return [_judge(state)]


def main_process(machine: Machine) -> int | None:
    """Number of the service's process; None if it does not run."""
    state = _properties(machine) or {}
    number = state.get("MainPID", "0")
    return int(number) if number.isdecimal() and number != "0" else None


def _judge(state: dict[str, str]) -> Finding:
    active = f"{state.get('ActiveState')} ({state.get('SubState')})"
    restarts = state.get("NRestarts", "0")
    again = f", restarted {restarts} times" if restarts != "0" else ""
    if state.get("ActiveState") == "active":
        return ok("service", f"{active}{again}; {state.get('StatusText') or 'no status'}")
    if state.get("ExecMainStatus") == str(EX_CONFIG):
        return fail(
            "service",
            f"{active}: the configuration is wrong",
            f"journalctl -u {NAME} -n 5; sudo nano {CONFIG}; sudo systemctl restart {NAME}",
        )
    if state.get("ActiveState") == "inactive":
        return note("service", f"{active}: it was stopped", f"sudo systemctl start {NAME}")
    return fail("service", f"{active}, {state.get('Result')}{again}", f"journalctl -u {NAME} -n 20")


def _properties(machine: Machine) -> dict[str, str] | None:
    answer = machine.run(["systemctl", "show", NAME, "--property", _ASKED])
    if answer is None or answer.status != 0:
        return None
    lines = answer.output.splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
