"""MediaPipe Tasks' image classifier in live-stream mode, on the shipped int8 net."""

import itertools
import queue
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.peers.work import UINT8_ENDS, Work

if TYPE_CHECKING:  # it brings OpenCV
    from models.peers.nets import Namer
    from models.peers.programs import Program

WAIT_SECONDS = 30
"""A label that takes longer does not come."""


class LiveStream:
    """The classifier; a picture is handed over, and its label comes by a callback.

    Args:
        path: of a .tflite that takes and gives uint8.

    Raises:
        ImportError: MediaPipe is not installed.
    """

    def __init__(self, path: str) -> None:
        # MediaPipe imports TensorFlow where there is one, for its documentation alone: hundreds of
        # megabytes that no user of it has.
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision

        self._image = mediapipe.Image
        self._format = mediapipe.ImageFormat.SRGB
        self._labels = queue.SimpleQueue[int]()
        self._milliseconds = itertools.count()
        self._classifier = vision.ImageClassifier.create_from_options(
            vision.ImageClassifierOptions(
                base_options=BaseOptions(model_asset_path=path),
                running_mode=vision.RunningMode.LIVE_STREAM,
                max_results=1,
                result_callback=self._labelled,
            )
        )

    def label(self, rgb: NDArray[np.uint8]) -> int:
        """Number of the label of a picture (H, W, 3) uint8 RGB of any size.

        Raises:
            queue.Empty: none came.
        """
        image = self._image(image_format=self._format, data=rgb)
        self._classifier.classify_async(image, next(self._milliseconds))
        return self._labels.get(timeout=WAIT_SECONDS)

    def _labelled(self, result: Any, _image: Any, _milliseconds: int) -> None:
        self._labels.put(result.classifications[0].categories[0].index)


def net(work: Work) -> "Namer":
    """Names pictures of the net's size."""
    stream = LiveStream(work.file(UINT8_ENDS))
    return lambda picture: stream.label(np.ascontiguousarray(picture[:, :, ::-1]))


def program(work: Work) -> "Program":
    """Reads the film with OpenCV, as MediaPipe's own guide does, and labels every frame."""
    import cv2

    from camera_app.inference.bundle import load_bundle
    from models.peers.programs import looping

    labels = load_bundle(work.model).labels
    stream = LiveStream(work.file(UINT8_ENDS))

    def name(picture: NDArray[np.uint8]) -> tuple[str, float]:
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        begin = time.perf_counter()
        label = stream.label(rgb.astype(np.uint8, copy=False))
        return labels[label], time.perf_counter() - begin

    return looping(work, labels, name)
