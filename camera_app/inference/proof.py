"""What a net must do before it is put to work: tell known pictures apart."""

import contextlib

import numpy as np

from camera_app.arrays import NDArray
from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle
from camera_app.inference.libraries import refused_in_words
from camera_app.inference.runtimes import OpenedRuntime, open_runtime


def open_proven(name: str, bundle: Bundle, threads: int) -> OpenedRuntime:
    """Open a bundle's net on the runtime of that name, and see that it answers.

    Args and what is raised: as in :func:`~camera_app.inference.runtimes.open_runtime`, and
        ModelError where the net answers nonsense.
    """
    with contextlib.ExitStack() as to_close:
        opened = open_runtime(name, bundle, threads)
        to_close.callback(opened.close)
        with refused_in_words(name, opened.net_file):
            prove(bundle, opened)
        to_close.pop_all()
    return opened


def prove(bundle: Bundle, runtime: OpenedRuntime) -> None:
    """Show the net known pictures until it answers one of them otherwise than the first.

    What they are called is left open, since every bundle has classes of its own; but a net that
    was exported from weights gone wrong calls everything the same, or answers no number at all.

    Raises:
        ModelError: an answer is no finite number a label, or all answers are the same.
    """
    way_out = "make the bundle again with `python -m models.export`"
    first = None
    for picture in known_pictures(bundle.input_size):
        answer = runtime.run(picture)
        if answer.shape != (len(bundle.labels),):
            raise ModelError(
                f"{runtime.net_file} gives {answer.shape}, and model.yaml has "
                f"{len(bundle.labels)} labels; {way_out}"
            )
        if not np.isfinite(answer).all():
            raise ModelError(
                f"{runtime.net_file} answers a known picture with no number a label; {way_out}"
            )
        if first is None:
            first = answer
        elif not np.array_equal(answer, first):
            return  # that is enough: the program's first label waits for each call
    raise ModelError(f"{runtime.net_file} gives the same answer whatever it is shown; {way_out}")


def known_pictures(size: int) -> list[NDArray[np.uint8]]:
    """Pictures (size, size, 3) uint8 BGR that a net must tell apart.

    Nothing but black, a dark thing on a bright ground, a bright thing on a dark one, and stripes.
    """
    rows, columns = np.mgrid[0:size, 0:size]
    middle = (size - 1) / 2
    inside = np.hypot(rows - middle, columns - middle) < size / 3
    bright, dark = np.array((235, 190, 130), np.uint8), np.array((30, 45, 60), np.uint8)
    disc = np.where(inside[..., np.newaxis], dark, bright)
    stripes = np.where(((columns * 8 // size) % 2 == 0)[..., np.newaxis], dark, bright)
    return [np.zeros_like(disc), disc, 255 - disc, stripes]
