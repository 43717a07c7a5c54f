"""What the processes of a comparison share: a folder with nets, pictures and a film."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from camera_app.config import SourceConfig

PICTURES = "pictures.npy"
FILM = "film.mp4"
ONNX_FLOAT, ONNX_INT8 = "float.onnx", "int8.onnx"
NCNN_PARAM, NCNN_WEIGHTS = "float.ncnn.param", "float.ncnn.bin"
UINT8_ENDS = "uint8-ends.tflite"
RESNET8, MOBILENET_V2 = "resnet8.int8.tflite", "mobilenet_v2.int8.tflite"

SIZE = (SourceConfig().width, SourceConfig().height)
"""Of the film, pixels: what the program asks a camera for."""


@dataclass(frozen=True)
class Work:
    """What a peer is given.

    Attributes:
        folder: with the files named above.
        model: name or folder of the bundle that all weights are of.
        frames: of the film that count in a turn of a program.
        size: of the film, (width, height) in pixels.
    """

    folder: Path
    model: str
    frames: int
    size: tuple[int, int] = SIZE

    def file(self, name: str) -> str:
        """Path of a file."""
        return str(self.folder / name)

    def pictures(self) -> NDArray[np.uint8]:
        """(N, S, S, 3) BGR, as a camera gives them."""
        pictures: NDArray[np.uint8] = np.load(self.folder / PICTURES)
        return pictures
