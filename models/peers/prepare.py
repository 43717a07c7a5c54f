"""The same weights in every form that a peer reads, and what all are shown."""

import itertools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_app.bench.clip import write_film
from camera_app.bench.stages import WARM_UP
from camera_app.errors import ModelError
from camera_app.inference.bundle import Bundle
from models.bundle import read_description
from models.compare.convert import reason
from models.compare.files import converted
from models.fold import FoldedNet
from models.ncnn_files import folded_net
from models.ncnn_format import ncnn_format
from models.peers.child import EXTRA
from models.peers.onnx_files import write_onnx, write_qdq
from models.peers.uint8_ends import with_uint8_ends
from models.peers.work import (
    FILM,
    MOBILENET_V2,
    NCNN_PARAM,
    NCNN_WEIGHTS,
    ONNX_FLOAT,
    ONNX_INT8,
    PICTURES,
    RESNET8,
    UINT8_ENDS,
    Work,
)


@dataclass(frozen=True)
class Ingredients:
    """What files are made from.

    Attributes:
        bundle: the model.
        net: its folded float net.
        calibration: (N, S, S, 3) uint8 RGB training pictures that int8's ranges are measured on.
        shown: (M, S, S, 3) uint8 BGR, what nets and programs are shown.
        work: where the files go.
    """

    bundle: Bundle
    net: FoldedNet
    calibration: NDArray[np.uint8]
    shown: NDArray[np.uint8]
    work: Work

    def path(self, name: str) -> Path:
        """Of a file."""
        return self.work.folder / name


def prepare(
    wanted: Collection[str],
    bundle: Bundle,
    calibration: NDArray[np.uint8],
    shown: NDArray[np.uint8],
    work: Work,
) -> dict[str, str]:
    """Make the files of a comparison.

    Args:
        wanted: names in :mod:`models.peers.work`.
        bundle: the model.
        calibration: (N, S, S, 3) uint8 RGB training pictures.
        shown: (M, S, S, 3) uint8 RGB, what nets and programs are shown.
        work: where the files go.

    Returns:
        By file, a sentence that says why it could not be made.

    Raises:
        ModelError: the bundle does not tell its float net.
        TrainingError: its float weights are missing or damaged.
        OSError: the folder cannot be written.
    """
    bgr = np.ascontiguousarray(shown[..., ::-1])
    np.save(work.folder / PICTURES, bgr)
    net = folded_net(bundle.folder, read_description(bundle.folder))
    ingredients = Ingredients(bundle, net, calibration, bgr, work)
    failures = {}
    for name, make in MAKERS.items():
        if name not in wanted:
            continue
        try:
            make(ingredients)
        except ImportError as error:
            failures[name] = f"{error}; `{EXTRA}` installs what peers need"
        except OSError:
            raise
        except Exception as error:  # each converter has its own kinds, and any is a row
            failures[name] = f"{name} cannot be made ({reason(error)})"
    return failures


def _onnx_float(of: Ingredients) -> None:
    write_onnx(of.net, of.bundle.input_size, of.path(ONNX_FLOAT))


def _onnx_int8(of: Ingredients) -> None:
    if not of.path(ONNX_FLOAT).exists():
        _onnx_float(of)
    write_qdq(of.path(ONNX_FLOAT), of.calibration, of.path(ONNX_INT8))


def _ncnn_float(of: Ingredients) -> None:
    param, weights = ncnn_format(of.net, None, of.bundle.input_size)
    of.path(NCNN_PARAM).write_bytes(param)
    of.path(NCNN_WEIGHTS).write_bytes(weights)


def _uint8_ends(of: Ingredients) -> None:
    of.path(UINT8_ENDS).write_bytes(with_uint8_ends(of.bundle.net))


def _film(of: Ingredients) -> None:
    # The program asks once more after the last frame that counts.
    pictures = itertools.islice(itertools.cycle(of.shown), WARM_UP + of.work.frames + 1)
    write_film(of.path(FILM), (as_frame(picture, *of.work.size) for picture in pictures))


def as_frame(picture: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """A picture (S, S, 3) as a camera's (H, W, 3): its middle, with grey on either side."""
    square = cv2.resize(picture, (height, height), interpolation=cv2.INTER_CUBIC)
    frame = np.full((height, width, 3), 128, np.uint8)
    beside = (width - height) // 2
    frame[:, beside : beside + height] = square
    return frame


def _for_scale(name: str) -> Callable[[Ingredients], None]:
    """Makes an architecture's int8 file, which is called by its name."""

    def make(of: Ingredients) -> None:
        failures = converted(name, of.work.folder, ("int8",)).failures
        if failures:
            raise ModelError("; ".join(failures))

    return make


MAKERS: Mapping[str, Callable[[Ingredients], None]] = {
    ONNX_FLOAT: _onnx_float,
    ONNX_INT8: _onnx_int8,
    NCNN_PARAM: _ncnn_float,
    UINT8_ENDS: _uint8_ends,
    FILM: _film,
    RESNET8: _for_scale("resnet8"),
    MOBILENET_V2: _for_scale("mobilenet_v2"),
}
"""By what they make."""
