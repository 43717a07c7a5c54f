"""Peers that answer as they are told, and work for those that are real."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from camera_app.errors import ModelError
from camera_app.inference.preprocess import crop_resize
from camera_app.sources.scenes import SCENES
from models.peers.work import PICTURES, Work

# Peers are an extra of their own, which nothing but the comparison needs.
NEEDED = {"test_onnx_files.py": ("onnx", "onnxruntime"), "test_live_stream.py": ("mediapipe",)}
collect_ignore = [name for name, packages in NEEDED.items() if not all(map(find_spec, packages))]


@dataclass
class FakePeer:
    """Answers what it was given, in order; a string is a failure."""

    answers: Sequence[Mapping[str, Any] | str]
    asked: int = 0
    given: int = 0
    closed: bool = False
    told: Callable[[], None] = field(default=lambda: None)

    def ask(self) -> None:
        self.asked += 1
        self.told()

    def answer(self) -> dict[str, Any]:
        answer = self.answers[self.given]
        self.given += 1
        if isinstance(answer, str):
            raise ModelError(answer)
        return dict(answer)

    def close(self) -> None:
        self.closed = True


def block(frame_ms: float, processor_ms: float, peak_mb: float | None = 50.0) -> dict[str, Any]:
    """What a peer answers to a turn."""
    return {"frame_ms": frame_ms, "processor_ms": processor_ms, "peak_mb": peak_mb}


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A folder with pictures that the shipped model knows: what it is sure of, all round alike."""
    scenes = itertools.islice(itertools.cycle(SCENES), 20)
    pictures = [crop_resize(scene.draw(160, 120, i / 10), 32) for i, scene in enumerate(scenes)]
    np.save(tmp_path / PICTURES, np.stack(pictures))
    return Work(tmp_path, "fastnet-cifar10", 5)
