"""NumPy, OpenCV, the model and the runtimes, each tried by itself in a process of its own."""

import shlex
import signal
from pathlib import Path

from camera_app.doctor.finding import Finding, State, fail, note, ok
from camera_app.doctor.machine import Machine
from camera_app.doctor.probe import DAMAGED
from camera_app.library_fault import READY

RUNTIMES = ("litert", "tflite-runtime", "ncnn")

SET_UP = "sh deploy/run.sh --version"
"""Makes the environment, where there is none or its requirements have changed."""

ANEW = "rm {ready} && " + SET_UP
"""Makes it anew, where it is taken for whole and is not."""


def check_software(machine: Machine, bundle: str | tuple[str, str], edit: str) -> list[Finding]:
    """Findings on libraries and on the model.

    Args:
        machine: where they are installed.
        bundle: the model that the runtimes must run, or both models.
        edit: the command that mends a configuration which names a wrong one.
    """
    bundles = (bundle,) if isinstance(bundle, str) else bundle
    numpy = _try(machine, "numpy", "numpy")
    opencv = _try(machine, "opencv", "opencv", missing="libGL")
    found = [numpy, opencv]
    if numpy.state is State.OK:  # without it no model can be looked at, whatever it is
        model = _try(machine, "model", "model", *bundles)
        if model.state is State.FAIL:
            untried = [note(library, "not tried: there is no model to run") for library in RUNTIMES]
            return [*found, fail(model.name, model.message, edit), *untried]
        found.append(model)
    runtimes = [_try(machine, library, "runtime", library, *bundles) for library in RUNTIMES]
    if any(finding.mend is None for finding in runtimes):
        # One is enough; on every machine there is one that does not fit.
        runtimes = [
            finding if finding.mend is None else note(finding.name, finding.message)
            for finding in runtimes
        ]
    return [*found, *runtimes]


def _try(machine: Machine, name: str, *probe: str, missing: str = "\0") -> Finding:
    answer = machine.run([machine.python, "-m", "camera_app.doctor.probe", *probe])
    if answer is None:
        return fail(name, "does not answer", SET_UP)
    if answer.status == 0:
        return ok(name, answer.last_line)
    if answer.status < 0:
        killed = signal.Signals(-answer.status).name
        said = f"ended its process with {killed}: it is damaged, or does not fit this machine"
        return fail(name, said, _anew(machine))
    if answer.status == DAMAGED:
        return fail(name, f"damaged, or does not fit: {answer.last_line}", _anew(machine))
    mend = "sudo apt install libgl1 libglib2.0-0" if missing in answer.output else SET_UP
    return fail(name, answer.last_line or "does not work", mend)


def _anew(machine: Machine) -> str:
    """The command that makes anew the environment, if deploy/run.sh has made it."""
    ready = Path(machine.python).parent.parent / READY
    there = machine.root.joinpath(*ready.parts[1:]).exists()
    return ANEW.format(ready=shlex.quote(str(ready))) if there else SET_UP
