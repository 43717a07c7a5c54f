"""A folded net as ONNX, in floats and in int8: what ONNX Runtime and OpenCV's DNN module read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

if TYPE_CHECKING:  # it brings Keras, which no process that measures should hold
    from models.fold import FoldedNet

INPUT, OUTPUT = "picture", "logits"

OPSET = 13
"""The first in which a quantization may have a scale a channel, and one that OpenCV reads whole."""


def encode_planes(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pictures (N, S, S, 3) uint8 RGB as the net takes them: (N, 3, S, S), (p - 128) / 64."""
    planes = pictures.transpose(0, 3, 1, 2).astype(np.float32)
    planes -= 128
    planes /= 64
    return planes


def write_onnx(net: FoldedNet, size: int, path: Path) -> None:
    """Write ``net`` in float32.

    Args:
        net: from (1, 3, S, S) as :func:`encode_planes` gives it to logits (1, classes).
        size: side S of the picture.
        path: of the file.

    Raises:
        ImportError: onnx is not installed.
        OSError: the file cannot be written.
    """
    import onnx

    nodes: list[Any] = []
    weights: list[Any] = []

    def keep(name: str, array: NDArray[np.float32]) -> str:
        weights.append(onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(kind: str, inputs: list[str], name: str, **attributes: Any) -> str:
        nodes.append(onnx.helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    x = INPUT
    for number, conv in enumerate(net.convolutions, start=1):
        side = conv.kernel.shape[0]
        kernel = keep(f"kernel{number}", conv.kernel.transpose(3, 2, 0, 1))
        bias = keep(f"bias{number}", conv.bias)
        around = {"kernel_shape": [side] * 2, "pads": [side // 2] * 4}
        x = add("Conv", [x, kernel, bias], f"conv{number}", **around)
        if conv.relu:
            x = add("Relu", [x], f"relu{number}")
        if conv.pool_after:
            x = add("MaxPool", [x], f"pool{number}", kernel_shape=[2, 2], strides=[2, 2])
    x = add("Flatten", [add("GlobalAveragePool", [x], "average")], "flat")
    kernel = keep("kernel", net.classifier.kernel.T)
    add("Gemm", [x, kernel, keep("bias", net.classifier.bias)], OUTPUT, transB=1)

    floats = onnx.TensorProto.FLOAT
    classes = len(net.classifier.bias)
    graph = onnx.helper.make_graph(
        nodes,
        "fastnet",
        [onnx.helper.make_tensor_value_info(INPUT, floats, (1, 3, size, size))],
        [onnx.helper.make_tensor_value_info(OUTPUT, floats, (1, classes))],
        weights,
    )
    opset = onnx.helper.make_opsetid("", OPSET)
    model = onnx.helper.make_model_gen_version(graph, opset_imports=[opset])
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def write_qdq(floats: Path, pictures: NDArray[np.uint8], path: Path) -> None:
    """Write the int8 net of a float one, per channel, as pairs of Quantize and Dequantize.

    Args:
        floats: file of :func:`write_onnx`.
        pictures: (N, S, S, 3) uint8 RGB training pictures that the ranges are measured on.
        path: of the file.

    Raises:
        ImportError: onnxruntime is not installed.
        OSError: a file cannot be read or written.
    """
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc]
        """Hands over one picture after the other, then None."""

        def __init__(self) -> None:
            self._pictures = self._encoded()

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            """The next input of the net."""
            return next(self._pictures, None)

        def _encoded(self) -> Iterator[dict[str, NDArray[np.float32]]]:
            for picture in tqdm(pictures, desc="ranges for ONNX Runtime", leave=False):
                yield {INPUT: encode_planes(picture[np.newaxis])}

    quantization.quantize_static(
        floats,
        path,
        Reader(),
        quant_format=quantization.QuantFormat.QDQ,
        per_channel=True,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
    )
