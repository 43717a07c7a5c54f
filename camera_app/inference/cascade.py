"""Two nets in a row: a small one answers, and a large one is asked only where it is unsure.

Most pictures are easy. Source: P. Viola and M. Jones, "Rapid object detection using a boosted
cascade of simple features" (2001). Doubt is a small gap between the two likeliest classes.
"""

from typing import Any

import numpy as np

from camera_app.arrays import NDArray
from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.classifier import softmax
from camera_app.inference.runtimes import Runtime


def load_model(names: str | tuple[str, str]) -> Bundle:
    """Load a bundle, or one with another that is asked first.

    Args:
        names: a bundle's name or folder; or two, the smaller net first.

    Returns:
        The bundle; of two the larger, whose ``first`` is the smaller.

    Raises:
        ModelError: a bundle cannot be loaded, or the first is not fitted to be asked before it.
    """
    if isinstance(names, str):
        return load_bundle(names)
    first, last = (load_bundle(name) for name in names)
    command = f"python -m models.cascade {names[0]} {names[1]} --write"
    fit = f"fit it with `{command}`, or name one model alone"
    if first.labels != last.labels:
        raise ModelError(
            f"{first.folder} knows other labels than {last.folder} and cannot be asked before it; "
            "name one model alone"
        )
    if first.input_size != last.input_size:
        raise ModelError(
            f"{first.folder} takes pictures of {first.input_size} pixels a side and {last.folder} "
            f"of {last.input_size}, and both are shown the same one; name one model alone"
        )
    if first.hands_over is None:
        raise ModelError(f"{first.folder} does not say when another net is to be asked; {fit}")
    if first.hands_over.sha256 != last.sha256:
        raise ModelError(
            f"{first.folder} says when another net is to be asked, and {last.folder} is not that "
            f"one; {fit}"
        )
    return last._replace(first=first)


class CascadeRuntime:
    """Asks the first net, and the last one where the first is unsure; a runtime like any other.

    Logits are on the last net's scale, whoever gave them: divided by its bundle's temperature they
    are calibrated.

    Args:
        first: the small net on a runtime; closed with this.
        last: the large one; likewise.
        margin: probability by which the first net's likeliest class must lead the second.
        temperatures: of the two bundles.
    """

    def __init__(
        self, first: Runtime, last: Runtime, margin: float, temperatures: tuple[float, float]
    ) -> None:
        self.name = last.name
        self.threads = last.threads
        self._first = first
        self._last = last
        self._margin = margin
        self._temperature = temperatures[0]
        self._to_last_scale = np.float32(temperatures[1] / temperatures[0])

    def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits (classes,) float32 of a picture (S, S, 3) uint8 BGR at the nets' size."""
        logits = self._first.run(crop)
        if lead(softmax(logits, self._temperature)) < self._margin:
            return self._last.run(crop)
        return logits * self._to_last_scale

    def close(self) -> None:
        """Let go of both nets' memory; may be called twice."""
        self._first.close()
        self._last.close()


def lead(probabilities: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """By how much the likeliest class leads the next: p₁ - p₂ of (..., classes) probabilities."""
    if probabilities.shape[-1] < 2:
        return np.ones(probabilities.shape[:-1])
    two_likeliest = np.partition(probabilities, -2)
    return np.asarray(two_likeliest[..., -1] - two_likeliest[..., -2])
