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


def load_weights(model: keras.Model, path: Path, *, all_but: str | None = None) -> None:
    """Set the weights of ``model`` from ``path``.

    Args:
        model: whose weights are set.
        path: a file of :func:`save_weights`.
        all_but: a layer that keeps the weights it has, whatever the file holds for it: the
            classifier of a net that is to learn other classes.

    Raises:
        TrainingError: the file is missing, damaged, or of another architecture.
    """
    try:
        with np.load(path) as file:
            arrays = {name: file[name].astype(np.float32) for name in file.files}
    except Exception as error:  # zipfile, numpy and the disk each raise their own kinds
        raise TrainingError(f"cannot read the weights in {path}: {error}") from error

    def is_set(name: str) -> bool:
        return name.partition("/")[0] != all_but

    variables = {variable.path: variable for variable in model.weights if is_set(variable.path)}
    shapes = {name: array.shape for name, array in arrays.items() if is_set(name)}
    if shapes != {name: tuple(variable.shape) for name, variable in variables.items()}:
        raise TrainingError(f"{path} holds the weights of another architecture")
    for name, variable in variables.items():
        variable.assign(arrays[name])
