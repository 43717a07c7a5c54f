"""The few types that travel: Frame from a source, Prediction from the net, Result to outputs."""

from typing import NamedTuple

import numpy as np

from camera_app.arrays import NDArray

UNKNOWN = "unknown"
"""The label of a picture that is not surely any of the model's classes."""


class Frame(NamedTuple):
    """One picture from a source.

    Attributes:
        pixels: (H, W, 3) uint8, **BGR**, C-contiguous or a view of it; never written to. Where only
            the net looks, a recording's are no more than the net's input is made of.
        index: number of the picture since the source was started, from 0; gaps are skipped frames.
        captured_at: seconds of :func:`time.monotonic` at which the picture arrived.
        name: file the picture was read from, for a folder of pictures.
        crop: (S, S, 3) uint8 BGR, the middle of it as small as the net takes it, where that was
            made ahead; never written to.
        film_seconds: its place in a film, from the film's beginning; None from a camera, and for a
            picture that stands alone.
    """

    pixels: NDArray[np.uint8]
    index: int  # type: ignore[assignment]  # hides tuple.index(), which nobody needs here
    captured_at: float
    name: str | None = None
    crop: NDArray[np.uint8] | None = None
    film_seconds: float | None = None


class Prediction(NamedTuple):
    """What the net says of one frame, by itself.

    Attributes:
        probabilities: (classes,) float32, summing to 1, calibrated by the bundle's temperature;
            never written to.
        crop: (S, S, 3) uint8 BGR, S the bundle's input size: exactly what the net saw, the last
            time that it was not spared.
        preprocess_seconds: time from the frame's pixels to the tensor, or to knowing them all; next
            to none where the crop was made ahead.
        invoke_seconds: time of the interpreter's own call; 0 where it was spared. Two calls where
            the picture and its mirror image were looked at.
        spared: whether the picture was as before, and the net's last answer holds.
    """

    probabilities: NDArray[np.float32]
    crop: NDArray[np.uint8]
    preprocess_seconds: float
    invoke_seconds: float
    spared: bool = False


class Result(NamedTuple):
    """What the program publishes for one frame: the prediction, smoothed and decided.

    Attributes:
        frame: the picture.
        prediction: the net's answer for this picture alone.
        label: the published label, or :data:`UNKNOWN`.
        confidence: smoothed probability of the published label; of the likeliest if unknown.
        top: the likeliest (label, smoothed probability), best first.
        changed: whether ``label`` differs from the frame before.
        age_seconds: from the frame's arrival to this result.
        frames_per_second: labels a second over the last seconds.
        skipped: frames a live source dropped so far because newer ones had come.
    """

    frame: Frame
    prediction: Prediction
    label: str
    confidence: float
    top: tuple[tuple[str, float], ...]
    changed: bool
    age_seconds: float
    frames_per_second: float
    skipped: int

    @property
    def likeliest(self) -> bool:
        """Whether the published label is what the picture most likely shows by now.

        It is not while another label is on its way, and "unknown" never is.
        """
        return self.label != UNKNOWN and self.label in (name for name, _ in self.top[:1])

    @property
    def verdict(self) -> str:
        """Label and confidence in words: ``cat 97%``, or ``unknown (perhaps cat, 41%)``.

        "unknown 41%" would read as how sure it is of knowing nothing, and "cat 0%" as nonsense.
        """
        if self.likeliest:
            return f"{self.label} {self.confidence:.0%}"
        by_now = "" if self.label == UNKNOWN else " by now"
        return f"{self.label} (perhaps {self.top[0][0]}{by_now}, {self.top[0][1]:.0%})"
