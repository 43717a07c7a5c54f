"""A Keras model with random weights as a TensorFlow Lite file, float or int8.

``python -m models.compare.convert NAME PRECISION FOLDER`` does it for one architecture in a process
of its own: a converter that crashes takes nothing else with it, its memory is given back, and the
process that measures never loads TensorFlow.
"""

import contextlib
import functools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray
from tensorflow.python.framework import convert_to_constants

from camera_app.errors import ModelError
from models.compare.count import count_parameters, multiply_adds_of_layers
from models.compare.files import Precision, facts_file, net_file
from models.quantize import ask_for_int8
from models.zoo.registry import ENTRIES

BATCH = 4
"""Pictures that the normalizations' statistics are taken from."""

CALIBRATION_PICTURES = 2
"""Ranges of noise settle at once, how wide they are makes no difference to the speed, and the
converter's calibration is slow: a minute a picture for the largest nets."""

LONGEST_REASON = 200
"""Characters of the converter's own words that a table can take."""


def randomize(network: keras.Model, seed: int = 0) -> None:
    """Give BatchNormalization random scales and offsets, and statistics that fit.

    As Keras initializes it, a normalization changes nothing: the converter drops its offset, and
    in a deep network the values grow until they overflow. Both would be another network to time.

    Args:
        network: changed in place.
        seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    normalizations = [x for x in network.layers if isinstance(x, layers.BatchNormalization)]
    if not normalizations:
        return
    for layer in normalizations:
        shape = layer.gamma.shape if layer.scale else layer.beta.shape
        if layer.scale:
            layer.gamma.assign(rng.uniform(0.5, 1.5, shape))
        layer.beta.assign(rng.normal(0, 0.3, shape))
        layer.momentum = 0.0  # the next batch's statistics are then all that counts
    network(noise(rng, BATCH), training=True)


def noise(rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Pictures (count, 32, 32, 3) of independent values of mean 0 and deviation 1."""
    return rng.normal(size=(count, 32, 32, 3)).astype(np.float32)


def convert(network: Callable[[tf.Tensor], tf.Tensor], precision: Precision) -> bytes:
    """A .tflite file for one picture at a time.

    Args:
        network: from (1, 32, 32, 3) float32 to logits, in TensorFlow.
        precision: ``"float"``, or ``"int8"``: weights, activations, input and output.

    Returns:
        The bytes of the file.

    Raises:
        ModelError: the converter cannot; says why in a sentence.
    """
    rng = np.random.default_rng(1)

    def representative_data() -> Iterator[list[NDArray[np.float32]]]:
        for _ in range(CALIBRATION_PICTURES):
            yield [noise(rng, 1)]

    # The converter reports what it does not support with all kinds of exceptions.
    try:
        one_picture = tf.TensorSpec((1, 32, 32, 3), tf.float32)
        traced = tf.function(network).get_concrete_function(one_picture)
        # Calibration cannot read variables.
        frozen = convert_to_constants.convert_variables_to_constants_v2(traced)
        converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen], tf.Module())
        if precision == "int8":
            ask_for_int8(converter, representative_data)
        return bytes(converter.convert())
    except Exception as error:
        raise ModelError(f"no {precision} TFLite of it can be made ({reason(error)})") from error


def reason(error: BaseException) -> str:
    """The first line of what an exception says, or its kind."""
    lines = str(error).strip().splitlines()
    words = lines[0] if lines else type(error).__name__
    return words if len(words) <= LONGEST_REASON else words[:LONGEST_REASON].rstrip() + "…"


def convert_entry(name: str, precision: Precision, folder: Path) -> None:
    """Write an architecture's file and facts to ``folder``, named as :mod:`.files` says."""
    network = ENTRIES[name].build()
    facts: dict[str, Any] = {
        "parameters": count_parameters(network),
        "multiply_adds": multiply_adds_of_layers(network),
        "failure": None,
    }
    randomize(network)
    inference = functools.partial(network, training=False)
    try:
        net_file(folder, name, precision).write_bytes(convert(inference, precision))
    except ModelError as error:
        facts["failure"] = str(error)
    facts_file(folder, name, precision).write_text(json.dumps(facts))


def main(arguments: list[str]) -> None:
    """Convert what the command line names."""
    name, precision, folder = arguments
    # The converter takes up to fifty times the file: where memory runs out, this process is the
    # one to end, and its row says so. See proc(5), oom_score_adj.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    convert_entry(name, "int8" if precision == "int8" else "float", Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
