"""One opener for each way of running the net: from a folder to what names a picture.

Each is opened in a process of its own, on one thread, and loads its library only then.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.peers.work import (
    MOBILENET_V2,
    NCNN_PARAM,
    NCNN_WEIGHTS,
    ONNX_FLOAT,
    ONNX_INT8,
    RESNET8,
    Work,
)

Namer = Callable[[NDArray[np.uint8]], int]
"""From a picture (S, S, 3) uint8 BGR to the number of its label."""

SMALL = "fastnet-cifar10-half"
"""The bundle that is asked before the whole net."""


def litert(work: Work) -> Namer:
    """Ours through LiteRT, as the program runs it."""
    return _ours(work.model, "litert")


def ncnn(work: Work) -> Namer:
    """Ours through ncnn, as the program runs it."""
    return _ours(work.model, "ncnn")


def cascade(work: Work) -> Namer:
    """Ours with the small net asked first, as the program runs them.

    Raises:
        ModelError: the small net was not fitted to be asked before this model.
    """
    return _ours((SMALL, work.model), "litert")


def _ours(model: str | tuple[str, str], runtime: str) -> Namer:
    from camera_app.inference.cascade import load_model
    from camera_app.inference.net import open_net

    opened = open_net(load_model(model), runtime, 1).runtime
    return lambda picture: int(opened.run(picture).argmax())


def onnxruntime_float(work: Work) -> Namer:
    """ONNX Runtime in floats."""
    return _onnxruntime(work.file(ONNX_FLOAT))


def onnxruntime_int8(work: Work) -> Namer:
    """ONNX Runtime in int8."""
    return _onnxruntime(work.file(ONNX_INT8))


def _onnxruntime(path: str) -> Namer:
    import onnxruntime

    from models.peers.onnx_files import INPUT, encode_planes

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def name(picture: NDArray[np.uint8]) -> int:
        planes = encode_planes(picture[np.newaxis, :, :, ::-1])
        return int(session.run(None, {INPUT: planes})[0].argmax())

    return name


def opencv_float(work: Work) -> Namer:
    """OpenCV's DNN module on the float net."""
    return _opencv(work.file(ONNX_FLOAT))


def opencv_int8(work: Work) -> Namer:
    """OpenCV's DNN module on the int8 net."""
    return _opencv(work.file(ONNX_INT8))


def _opencv(path: str) -> Namer:
    import cv2

    cv2.setNumThreads(1)
    net = cv2.dnn.readNetFromONNX(path)

    def name(picture: NDArray[np.uint8]) -> int:
        net.setInput(cv2.dnn.blobFromImage(picture, 1 / 64, mean=[128.0] * 3, swapRB=True))
        return int(net.forward().argmax())

    return name


def ncnn_plain(work: Work) -> Namer:
    """Ncnn on the float net, every option but the number of threads as it comes."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = 1
    net.load_param(work.file(NCNN_PARAM))
    net.load_model(work.file(NCNN_WEIGHTS))
    order = ncnn.Mat.PixelType.PIXEL_BGR2RGB

    def name(picture: NDArray[np.uint8]) -> int:
        height, width = picture.shape[:2]
        mat = ncnn.Mat.from_pixels(picture, order, width, height)
        mat.substract_mean_normalize([128.0] * 3, [1 / 64] * 3)
        extractor = net.create_extractor()
        extractor.input("in0", mat)
        return int(np.array(extractor.extract("out0")[1]).argmax())

    return name


def resnet8(work: Work) -> Namer:
    """MLPerf Tiny's net, for scale: it is always shown the same noise."""
    return _for_scale(work.file(RESNET8))


def mobilenet_v2(work: Work) -> Namer:
    """MobileNetV2, likewise."""
    return _for_scale(work.file(MOBILENET_V2))


def _for_scale(path: str) -> Namer:
    from models.compare.litert import Net

    net = Net(Path(path), threads=1)

    def name(_: NDArray[np.uint8]) -> int:
        net.run()
        return int(net.logits().argmax())

    return name
