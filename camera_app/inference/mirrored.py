"""Two looks at a scene: the net is shown a picture as it is, the next one in a mirror, and so on.

What a thing is does not depend on which way it faces, but the net's mistakes do: the mean of both
answers is right more often than either. From a film or a camera that costs nothing, since the last
picture has been looked at anyway and is hardly another. Of a picture alone it is known as test-time
augmentation, by a horizontal flip.
"""

import cv2
import numpy as np

from camera_app.arrays import NDArray
from camera_app.inference.runtimes import Runtime

RECENT_SECONDS = 0.5
"""A look this old still counts: about as long as answers are averaged over in any case. Below two
labels a second both looks are at the same picture; then there is time for it."""


class TwoLooks:
    """Runs a net on pictures and on their mirror images in turn, and averages the logits.

    Args:
        runtime: what runs the net; the caller closes it.

    Attributes:
        at_one_picture: whether both looks of the last answer were at the same picture.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._mirror = False  # which look is next
        self._before: NDArray[np.float32] | None = None
        self._at = 0.0
        self.at_one_picture = False

    def run(self, crop: NDArray[np.uint8], at_seconds: float | None) -> NDArray[np.float32]:
        """The mean of this look's logits and those of the other look, (classes,) float32.

        Args:
            crop: (S, S, 3) uint8 BGR at the net's size; not changed.
            at_seconds: when it was taken; None where it has nothing to do with the one before.
        """
        before = self._before
        if before is None or at_seconds is None or not 0 <= at_seconds - self._at <= RECENT_SECONDS:
            before = self._look(crop, mirror=not self._mirror)
            self.at_one_picture = True
        else:
            self.at_one_picture = False
        logits = self._look(crop, mirror=self._mirror)
        self._before = None if at_seconds is None else logits
        self._at = at_seconds or 0.0
        self._mirror = not self._mirror
        return (before + logits) / np.float32(2)

    def _look(self, crop: NDArray[np.uint8], *, mirror: bool) -> NDArray[np.float32]:
        return self._runtime.run(np.asarray(cv2.flip(crop, 1), np.uint8) if mirror else crop)
