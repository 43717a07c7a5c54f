"""One frame's answer: crop, net, calibrated probabilities; or the last one, of a still scene."""

import time
from collections.abc import Callable

import numpy as np

from camera_app.arrays import NDArray
from camera_app.frame import Frame, Prediction
from camera_app.inference.bundle import Bundle
from camera_app.inference.mirrored import TwoLooks
from camera_app.inference.preprocess import centre_square, crop_resize
from camera_app.inference.runtimes import Runtime
from camera_app.inference.still import StillScene


class Classifier:
    """Names what a frame shows, frame by frame.

    Args:
        bundle: the model; gives input size and temperature, and says whether answers to mirrored
            pictures are averaged in.
        runtime: what runs its net; the caller closes it.
        still: while it finds the scene unchanged, the net rests and its last answer holds; None
            runs the net on every frame, with no memory of the one before.
        clock: seconds, for the times in a prediction.
    """

    def __init__(
        self,
        bundle: Bundle,
        runtime: Runtime,
        *,
        still: StillScene | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._size = bundle.input_size
        self._temperature = bundle.published.temperature
        self._runtime = runtime
        self._looks = None if bundle.mirrored is None else TwoLooks(runtime)
        self._still = still
        self._last: Prediction | None = None
        self._settled = False  # the last answer is of nothing but what is seen now
        self._clock = clock

    def classify(self, frame: Frame, at_seconds: float | None = None) -> Prediction:
        """What the net says of a frame.

        Args:
            frame: its pixels are (H, W, 3) uint8 BGR of any size.
            at_seconds: when it was taken, or its place in a film; None where it has nothing to do
                with the frame before.
        """
        start = self._clock()
        square = centre_square(frame.pixels)
        still = self._still is not None and self._still.holds(square)
        if still and self._settled and self._last is not None:
            seconds = self._clock() - start
            return Prediction(self._last.probabilities, self._last.crop, seconds, 0.0, spared=True)
        crop = frame.crop
        if crop is None or crop.shape[0] != self._size:  # one made ahead may be for the net before
            # A new array each time, 3 KB: it travels with the result to outputs that keep it.
            crop = crop_resize(square, self._size)
        cropped = self._clock()
        looks = self._looks
        logits = self._runtime.run(crop) if looks is None else looks.run(crop, at_seconds)
        done = self._clock()
        # Where two looks are averaged, the other one may have been at what moved before: a still
        # scene would keep half of that for as long as it lasts.
        self._settled = still or looks is None or looks.at_one_picture
        self._last = Prediction(
            probabilities=softmax(logits, self._temperature),
            crop=crop,
            preprocess_seconds=cropped - start,
            invoke_seconds=done - cropped,
        )
        return self._last


def softmax(logits: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float32]:
    """Probabilities of logits: ``exp(z_i / T) / Σ_j exp(z_j / T)``.

    Temperature scaling is Guo et al., "On Calibration of Modern Neural Networks" (2017): T > 1
    makes an over-confident net honest, and never changes which class is likeliest.

    Args:
        logits: (classes,) finite.
        temperature: T > 0.

    Returns:
        (classes,) float32, summing to 1.
    """
    # The ufuncs themselves, in place: after the net's call the caches are cold, and there np.max(),
    # a wrapper in Python, takes nearly as long as all of this.
    powers: NDArray[np.float32] = logits - np.maximum.reduce(logits)
    powers /= np.float32(temperature)
    np.exp(powers, out=powers)  # the largest is exp(0): nothing overflows, the sum is at least 1
    powers /= np.add.reduce(powers)
    return powers
