"""The shipped net with a conversion at either end, for what takes uint8 and not int8."""

import copy
from typing import Any

import flatbuffers
from tensorflow.lite.python import schema_py_generated as schema

IDENTIFIER = b"TFL3"
"""That a .tflite file begins with, behind the first offset."""

VERSION = 2
"""Of the QUANTIZE operation, from which on it converts between 8-bit types."""


def with_uint8_ends(content: bytes) -> bytes:
    """A .tflite that takes and gives uint8, all its weights and operations as they were.

    Args:
        content: of a .tflite that takes and gives int8.

    Returns:
        The bytes of a file in which a byte is worth what it was worth less 128.
    """
    model = schema.ModelT.InitFromPackedBuf(content)
    graph = model.subgraphs[0]
    (taken,), (given,) = graph.inputs, graph.outputs

    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.QUANTIZE
    code.version = VERSION
    model.operatorCodes.append(code)

    def end(tensor: int) -> int:
        other = copy.deepcopy(graph.tensors[tensor])
        other.name += b"_uint8"
        other.type = schema.TensorType.UINT8
        other.buffer = 0  # the empty one: it holds no constant
        other.quantization.zeroPoint = [other.quantization.zeroPoint[0] + 128]
        graph.tensors.append(other)
        return len(graph.tensors) - 1

    def conversion(before: int, after: int) -> Any:
        operator = schema.OperatorT()
        operator.opcodeIndex = len(model.operatorCodes) - 1
        operator.inputs, operator.outputs = [before], [after]
        operator.builtinOptionsType = schema.BuiltinOptions.QuantizeOptions
        operator.builtinOptions = schema.QuantizeOptionsT()
        return operator

    first, last = end(taken), end(given)
    graph.operators = [conversion(first, taken), *graph.operators, conversion(given, last)]
    graph.inputs, graph.outputs = [first], [last]
    model.signatureDefs = []  # they name the ends that were
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())
