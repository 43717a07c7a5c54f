"""A network's weights as one plain .npz file, named by layer; what people fine-tune from."""

from pathlib import Path
from typing import BinaryIO

import keras
import numpy as np
from numpy.typing import DTypeLike

from camera_app.errors import TrainingError


def save_weights(model: keras.Model, file: Path | BinaryIO, dtype: DTypeLike = np.float32) -> None:
    """Write every weight of ``model`` to ``file``, as ``dtype``, under "layer/weight"."""
    arrays = {
        variable.path: np.asarray(keras.ops.convert_to_numpy(variable)).astype(dtype)
        for variable in model.weights
    }
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load_weights(model: keras.Model, path: Path) -> None:
    """Set every weight of ``model`` from ``path``.

    Raises:
        TrainingError: the file is missing, damaged, or of another architecture.
    """
    try:
        with np.load(path) as file:
            arrays = {name: file[name].astype(np.float32) for name in file.files}
    except Exception as error:  # zipfile, numpy and the disk each raise their own kinds
        raise TrainingError(f"cannot read the weights in {path}: {error}") from error
    expected = {variable.path: tuple(variable.shape) for variable in model.weights}
    if {name: array.shape for name, array in arrays.items()} != expected:
        raise TrainingError(f"{path} holds the weights of another architecture")
    for variable in model.weights:
        variable.assign(arrays[variable.path])
