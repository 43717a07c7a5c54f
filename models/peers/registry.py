"""Who is compared. Nothing here imports what runs nets, so that no process loads another's."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from models.peers.work import (
    FILM,
    MOBILENET_V2,
    NCNN_PARAM,
    ONNX_FLOAT,
    ONNX_INT8,
    RESNET8,
    UINT8_ENDS,
    Work,
)

Kind = Literal["net", "program"]


@dataclass(frozen=True)
class Peer:
    """One line of the comparison.

    Attributes:
        title: its name in tables.
        runs: the precision, and how the net differs from the shipped one, if it does.
        kind: ``"net"``: from a picture of the net's size to a label; ``"program"``: from a file
            to the labels of its frames.
        opener: ``module.function`` under :mod:`models.peers`; from a :class:`Work` to a
            :data:`~models.peers.nets.Namer` or a :class:`~models.peers.programs.Program`.
        files: of the folder that it needs.
        ours: whether it is this project's.
        same_weights: whether its labels can be compared with ours.
        note: a sentence for its reader, or empty.
    """

    title: str
    runs: str
    kind: Kind
    opener: str
    files: tuple[str, ...] = ()
    ours: bool = False
    same_weights: bool = True
    note: str = ""

    def open(self, work: Work) -> Any:
        """What ``opener`` gives."""
        module, function = self.opener.split(".")
        return getattr(importlib.import_module(f"models.peers.{module}"), function)(work)


NET, PROGRAM = "litert", "program-litert"
"""The two that the others of their kind are compared with."""

SQUEEZED = (
    "squeezes the whole picture into the square by picking out single pixels, which is quicker "
    "than averaging all, and right less often"
)

_PEERS = {
    NET: Peer("**ours**, LiteRT", "int8", "net", "nets.litert", ours=True),
    "ncnn": Peer("**ours**, ncnn", "int8", "net", "nets.ncnn", ours=True),
    "cascade": Peer(
        "**ours**, half the width first, LiteRT",
        "int8",
        "net",
        "nets.cascade",
        ours=True,
        note="most calls are the small net's alone, and so is the median; labels per CPU-second "
        "count both",
    ),
    "onnxruntime-float": Peer(
        "ONNX Runtime", "float", "net", "nets.onnxruntime_float", (ONNX_FLOAT,)
    ),
    "onnxruntime-int8": Peer(
        "ONNX Runtime", "int8 (QDQ)", "net", "nets.onnxruntime_int8", (ONNX_INT8,)
    ),
    "opencv-float": Peer("OpenCV DNN", "float", "net", "nets.opencv_float", (ONNX_FLOAT,)),
    "opencv-int8": Peer(
        "OpenCV DNN",
        "int8 (QDQ)",
        "net",
        "nets.opencv_int8",
        (ONNX_INT8,),
        note="OpenCV 4.10 rounds as the file says and convolves in floats",
    ),
    "ncnn-plain": Peer("ncnn, as it comes", "float", "net", "nets.ncnn_plain", (NCNN_PARAM,)),
    "mediapipe": Peer(
        "MediaPipe ImageClassifier, live stream",
        "int8",
        "net",
        "live_stream.net",
        (UINT8_ENDS,),
        note="takes and gives uint8 or float alone, so the shipped net has a conversion at "
        "either end",
    ),
    "resnet8": Peer(
        "ResNet-8 of MLPerf Tiny, LiteRT",
        "int8, random weights",
        "net",
        "nets.resnet8",
        (RESNET8,),
        same_weights=False,
    ),
    "mobilenet_v2": Peer(
        "MobileNetV2 for CIFAR, LiteRT",
        "int8, random weights",
        "net",
        "nets.mobilenet_v2",
        (MOBILENET_V2,),
        same_weights=False,
    ),
    PROGRAM: Peer(
        "**our program**, LiteRT", "int8", "program", "programs.litert", (FILM,), ours=True
    ),
    "program-ncnn": Peer(
        "**our program**, ncnn", "int8", "program", "programs.ncnn", (FILM,), ours=True
    ),
    "program-cascade": Peer(
        "**our program**, half the width first, LiteRT",
        "int8",
        "program",
        "programs.cascade",
        (FILM,),
        ours=True,
        note="most frames are the small net's alone, and so is the median",
    ),
    "tutorial-tflite-runtime": Peer(
        "tutorial loop, tflite-runtime",
        "int8",
        "program",
        "programs.tutorial_tflite_runtime",
        (FILM,),
        note=SQUEEZED,
    ),
    "tutorial-litert": Peer(
        "tutorial loop, LiteRT",
        "int8",
        "program",
        "programs.tutorial_litert",
        (FILM,),
        note=SQUEEZED,
    ),
    "mediapipe-program": Peer(
        "MediaPipe ImageClassifier, live stream",
        "int8",
        "program",
        "live_stream.program",
        (FILM, UINT8_ENDS),
        note="each frame is handed over when the label of the one before is there, so that none "
        "is dropped",
    ),
}

PEERS: Mapping[str, Peer] = MappingProxyType(_PEERS)
"""By the name that ``--only`` takes, in the order of the table."""
