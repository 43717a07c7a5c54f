"""A folded net as an int8 TensorFlow Lite file, and the checks that it is a clean one."""

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.lite.python import schema_py_generated as schema
from tqdm import tqdm

from camera_app.errors import ModelError
from models.fold import CAMERA_MEAN, CAMERA_SCALE, Conv, FoldedNet

CALIBRATION_PICTURES = 1_000
"""Training pictures that the int8 ranges are measured on; more changes the ranges little."""

COVERED = 0.99999
"""Share of the values entering a convolution that a range of :func:`input_ranges` holds."""

ALLOWED_OPS = frozenset({"CONV_2D", "MAX_POOL_2D", "MEAN", "FULLY_CONNECTED"})
"""More would split the graph between XNNPACK and the slow reference kernels."""


def float_logits(
    net: FoldedNet, pictures: NDArray[np.uint8], batch_size: int = 250
) -> NDArray[np.float32]:
    """Logits (N, classes) of pictures (N, S, S, 3) uint8 RGB in float32 arithmetic."""
    graph = _graph(net)
    starts = range(0, len(pictures), batch_size)
    batches = [
        graph(encode_float(pictures[start : start + batch_size])).numpy()
        for start in tqdm(starts, desc="folded float", leave=False)
    ]
    return np.concatenate(batches)


def encode_float(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(p - 128) / 64, float32."""
    return (pictures.astype(np.float32) - CAMERA_MEAN) / CAMERA_SCALE


def quantize(net: FoldedNet, pictures: NDArray[np.uint8]) -> bytes:
    """Convert to int8, per channel, with activation ranges measured on ``pictures``.

    Args:
        net: what to convert.
        pictures: (N, S, S, 3) uint8 RGB training pictures. One is added with a black and a white
            pixel, which pins the input's range to 0 … 255 whatever the others hold.

    Returns:
        The bytes of the .tflite file.

    Raises:
        ModelError: the converted graph is not clean; see :func:`check_graph`.
    """
    pinned = pictures[:1].copy()
    pinned[0, 0, 0], pinned[0, -1, -1] = 0, 255
    samples = np.concatenate([pinned, pictures])

    def representative_data() -> Iterator[list[NDArray[np.float32]]]:
        for picture in tqdm(samples, desc="activation ranges", leave=False):
            yield [encode_float(picture[None])]

    one_picture = tf.TensorSpec((1, *pictures.shape[1:]), tf.float32)
    function = _graph(net).get_concrete_function(one_picture)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], tf.Module())
    ask_for_int8(converter, representative_data)
    content = bytes(converter.convert())
    check_graph(content)
    return content


def ask_for_int8(
    converter: tf.lite.TFLiteConverter,
    representative_data: Callable[[], Iterator[list[NDArray[np.float32]]]],
) -> None:
    """Let a converter make all of a net int8: weights, activations, input and output.

    Args:
        converter: changed in place.
        representative_data: gives the inputs of one picture after another, on which the ranges of
            the activations are measured.
    """
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative_data
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8


def input_ranges(
    net: FoldedNet, pictures: NDArray[np.uint8], covered: float = COVERED, batch_size: int = 50
) -> list[float]:
    """How large the values are that enter each convolution.

    The very largest are left out, since what they need is taken from all others. With the largest
    value as the range, ncnn's int8 gave an earlier fastnet-cifar10's .tflite's answer for 99.5 % of
    2,500 held-out pictures, and more often without; how often a bundle's does, on all 5,000, is in
    its model.yaml (``ncnn_same_answer_as_tflite``).

    Args:
        net: the folded net.
        pictures: (N, S, S, 3) uint8 RGB training pictures.
        covered: share of the values that are to lie in a range.
        batch_size: pictures at a time.

    Returns:
        A magnitude for each convolution, in order.
    """
    # That quantile is the smallest of the few largest, and those are kept batch by batch.
    largest = [np.zeros(0, np.float32) for _ in net.convolutions]
    for start in tqdm(range(0, len(pictures), batch_size), desc="ranges for ncnn", leave=False):
        x = tf.constant(encode_float(pictures[start : start + batch_size]))
        for number, conv in enumerate(net.convolutions):
            values = np.concatenate([largest[number], np.abs(x).ravel()])
            in_all = int(np.prod(x.shape[1:])) * len(pictures)
            few = min(1 + int(in_all * (1 - covered)), values.size)
            largest[number] = np.partition(values, -few)[-few:]
            x = _convolve(x, conv)
    return [float(values.min()) for values in largest]


def op_names(content: bytes) -> list[str]:
    """The operations of a .tflite file in order, by their names in its schema."""
    model = schema.ModelT.InitFromPackedBuf(content)
    names = {code: name for name, code in vars(schema.BuiltinOperator).items()}
    codes = [code.builtinCode for code in model.operatorCodes]
    return [names[codes[op.opcodeIndex]] for op in model.subgraphs[0].operators]


def check_graph(content: bytes) -> None:
    """Refuse a graph that a device could not run as fast and as simply as this one should.

    Raises:
        ModelError: an operation beyond :data:`ALLOWED_OPS`, input or output that is not int8, or
            an input scale other than 1/64 with zero point 0.
    """
    if extra := sorted(set(op_names(content)) - ALLOWED_OPS):
        raise ModelError(f"the converted graph holds operations it should not: {', '.join(extra)}")
    graph = schema.ModelT.InitFromPackedBuf(content).subgraphs[0]
    picture, logits = (graph.tensors[ends[0]] for ends in (graph.inputs, graph.outputs))
    if {picture.type, logits.type} != {schema.TensorType.INT8}:
        raise ModelError("the converted graph's input and output are not int8")
    scale, zero_point = picture.quantization.scale[0], picture.quantization.zeroPoint[0]
    if (scale, zero_point) != (1 / CAMERA_SCALE, 0):
        raise ModelError(
            f"the converted graph's input has scale {scale} and zero point {zero_point}, "
            f"not {1 / CAMERA_SCALE} and 0"
        )


def _graph(net: FoldedNet) -> tf.types.experimental.PolymorphicFunction:
    """The net in raw TensorFlow operations: (N, S, S, 3) float32 → logits (N, classes)."""

    @tf.function(reduce_retracing=True)
    def graph(x: tf.Tensor) -> tf.Tensor:
        for conv in net.convolutions:
            x = _convolve(x, conv)
        x = tf.reduce_mean(x, (1, 2))
        return tf.nn.bias_add(tf.matmul(x, net.classifier.kernel), net.classifier.bias)

    return graph


def _convolve(x: tf.Tensor, conv: Conv) -> tf.Tensor:
    """One convolution with what follows it."""
    x = tf.nn.bias_add(tf.nn.conv2d(x, conv.kernel, 1, "SAME"), conv.bias)
    if conv.relu:
        x = tf.nn.relu(x)
    return tf.nn.max_pool2d(x, 2, 2, "VALID") if conv.pool_after else x
