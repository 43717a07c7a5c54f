"""A net at work: its bundle, opened on a runtime and tried on known pictures."""

import contextlib
from typing import Literal, NamedTuple

from camera_app.errors import RuntimeUnavailableError
from camera_app.inference.bundle import Bundle
from camera_app.inference.cascade import CascadeRuntime
from camera_app.inference.runtimes import Runtime
from camera_app.inference.selection import AUTO, choose_runtime


class Net(NamedTuple):
    """What names frames.

    Attributes:
        bundle: the model.
        runtime: runs it; closed by :meth:`close`.
        choice: which runtime that is and why, for a person.
    """

    bundle: Bundle
    runtime: Runtime
    choice: str

    def facts(self) -> dict[str, str]:
        """What a log says of it."""
        first = self.bundle.first
        return {
            "model": self.bundle.name,
            "sha256": self.bundle.sha256,
            **({"asked_first": first.name} if first else {}),
            "runtime": self.runtime.name,
        }

    def close(self) -> None:
        """Let go of the net's memory; may be called twice."""
        self.runtime.close()


def open_net(bundle: Bundle, runtime: str = AUTO, threads: int | Literal["auto"] = AUTO) -> Net:
    """Open a bundle's net, and that of the bundle that is asked first; see that they answer.

    Args:
        bundle: the model.
        runtime: as in :func:`~camera_app.inference.selection.choose_runtime`.
        threads: likewise.

    Raises:
        RuntimeUnavailableError: the runtime asked for, or any, does not work on this machine.
        ModelError: the net cannot be run, is not what the bundle says, or answers nonsense.
    """
    with contextlib.ExitStack() as to_close:
        last, choice = choose_runtime(bundle, runtime, threads)
        to_close.callback(last.close)
        opened: Runtime = last
        if bundle.first is not None and bundle.first.hands_over is not None:
            try:
                first, _ = choose_runtime(bundle.first, last.name, last.threads)
            except RuntimeUnavailableError:  # as where it was made without files for ncnn
                if runtime != AUTO:
                    raise
                first, _ = choose_runtime(bundle.first, runtime, threads)
            to_close.callback(first.close)
            margin = bundle.first.hands_over.margin
            temperatures = (bundle.first.temperature, bundle.temperature)
            opened = CascadeRuntime(first, last, margin, temperatures)
            choice += f"; asked where {bundle.first.name} is unsure"
        to_close.pop_all()
    return Net(bundle, opened, choice)
