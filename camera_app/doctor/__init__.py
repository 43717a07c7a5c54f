"""``python -m camera_app doctor``: what is wrong with this machine, and what mends it.

Nothing here imports OpenCV, NumPy or a runtime: that one of them does not work is what the doctor
is asked about.
"""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path

from camera_app.answer import answer
from camera_app.arguments import Parser
from camera_app.config import Config, load_config
from camera_app.doctor.cameras import check_cameras
from camera_app.doctor.display import check_display
from camera_app.doctor.finding import Finding, State, fail, note, ok
from camera_app.doctor.machine import Machine
from camera_app.doctor.software import check_software
from camera_app.doctor.system import check_system
from camera_app.doctor.unit import CONFIG, check_service
from camera_app.errors import ConfigError

WELL, ILL = 0, 1
"""The exit status: nothing fails, or something does."""


def main(words: Sequence[str], machine: Machine | None = None) -> int:
    """Look at the machine as ``words`` say and print what was found; returns the exit status.

    Raises:
        UsageError: an option is wrong.
        OutputError: what was found cannot be printed.
    """
    options = _parser().parse_args(words)
    findings = examine(machine or Machine(), options.config)
    well = all(finding.state is not State.FAIL for finding in findings)
    if options.json:
        report = {"ok": well, "findings": [finding.as_dict() for finding in findings]}
        answer(f"{json.dumps(report, indent=2, ensure_ascii=False)}\n")
    else:
        answer(f"{as_text(findings)}\n")
    return WELL if well else ILL


def examine(machine: Machine, config_file: Path | None = None) -> list[Finding]:
    """Everything there is to find.

    Args:
        machine: what to look at.
        config_file: the configuration; None for the service's, or the one that travels with the
            program where there is none.
    """
    installed = machine.root / CONFIG.lstrip("/")
    file = config_file or (installed if installed.is_file() else None)
    edit = f"sudo nano {shlex.quote(str(file))}" if file else "git checkout config.yaml"
    config, finding = _configuration(file, edit)
    return [
        *check_system(machine),
        finding,
        *check_software(machine, config.model.bundle, edit),
        *check_cameras(machine),
        *check_display(machine),
        *check_service(machine),
    ]


def as_text(findings: Sequence[Finding]) -> str:
    """A line each; below what can be mended, the command."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        sign = finding.state.value.upper() if finding.state is State.FAIL else finding.state.value
        lines.append(f"{sign:<4}  {finding.name:<{width}}  {finding.message}")
        if finding.mend is not None:
            lines.append(f"{'':<4}  {'':<{width}}    {finding.mend}")
    return "\n".join(lines)


def _configuration(file: Path | None, edit: str) -> tuple[Config, Finding]:
    name = str(file) if file else "the one that travels with the program"
    try:
        return load_config(file), ok("configuration", name)
    except ConfigError as error:
        if isinstance(error.__cause__, PermissionError):  # it may hold a camera's password
            return Config(), note("configuration", str(error), "sudo sh deploy/run.sh doctor")
        return Config(), fail("configuration", str(error), edit)


def _parser() -> Parser:
    parser = Parser(
        "camera_app doctor",
        description="Looks at this machine and says what is wrong with it, and the command that "
        "mends it. Exit status 0: nothing fails; 1: something does.",
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help=f"look at FILE, not {CONFIG} or what travels with the program",
    )
    return parser
