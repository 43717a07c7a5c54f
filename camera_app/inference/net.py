"""A net at work: its bundle, opened on a runtime and tried on known pictures."""

import contextlib
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from camera_app.errors import ModelError, RuntimeUnavailableError
from camera_app.inference.bundle import Bundle
from camera_app.inference.cascade import CascadeRuntime
from camera_app.inference.runtimes import OpenedRuntime, Runtime
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
        prove(bundle, last)
        opened: Runtime = last
        if bundle.first is not None and bundle.first.hands_over is not None:
            try:
                first, _ = choose_runtime(bundle.first, last.name, last.threads)
            except RuntimeUnavailableError:  # as where it was made without files for ncnn
                if runtime != AUTO:
                    raise
                first, _ = choose_runtime(bundle.first, runtime, threads)
            to_close.callback(first.close)
            prove(bundle.first, first)
            margin = bundle.first.hands_over.margin
            temperatures = (bundle.first.temperature, bundle.temperature)
            opened = CascadeRuntime(first, last, margin, temperatures)
            choice += f"; asked where {bundle.first.name} is unsure"
        to_close.pop_all()
    return Net(bundle, opened, choice)


def prove(bundle: Bundle, runtime: OpenedRuntime) -> None:
    """Show the net known pictures until it answers one of them otherwise than a black one.

    What they are called is left open, since every bundle has classes of its own; but a net that
    was exported from weights gone wrong calls everything the same, or answers no number at all.

    Raises:
        ModelError: an answer is no finite number a label, or all answers are the same.
    """
    way_out = "make the bundle again with `python -m models.export`"
    first = runtime.first_answer
    for answer in chain((first,), map(runtime.run, known_pictures(bundle.input_size))):
        if answer.shape != (len(bundle.labels),) or not np.isfinite(answer).all():
            raise ModelError(
                f"{bundle.net_file} answers a known picture with no number a label; {way_out}"
            )
        if not np.array_equal(answer, first):
            return  # that is enough: the program's first label waits for each call
    raise ModelError(f"{bundle.net_file} gives the same answer whatever it is shown; {way_out}")


def known_pictures(size: int) -> list[NDArray[np.uint8]]:
    """Pictures (size, size, 3) uint8 BGR that a net must tell apart.

    A dark thing on a bright ground, a bright thing on a dark one, and stripes.
    """
    rows, columns = np.mgrid[0:size, 0:size]
    middle = (size - 1) / 2
    inside = np.hypot(rows - middle, columns - middle) < size / 3
    bright, dark = np.array((235, 190, 130), np.uint8), np.array((30, 45, 60), np.uint8)
    disc = np.where(inside[..., np.newaxis], dark, bright)
    stripes = np.where(((columns * 8 // size) % 2 == 0)[..., np.newaxis], dark, bright)
    return [disc, 255 - disc, stripes]
