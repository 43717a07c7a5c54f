"""What the end-to-end tests share: the program as a process, films made for it, and its log.

The films show the demo's scenes. The expected labels are worked out here with nothing of the
program but its model file: OpenCV decodes the film, the crop is cut and shrunk in three lines, and
the interpreter is called directly.
"""

import contextlib
import importlib
import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from camera_app.sources.scenes import SCENES

Pixels = NDArray[np.uint8]
Event = dict[str, Any]

REPOSITORY = Path(__file__).parent.parent
BUNDLE = REPOSITORY / "models" / "fastnet-cifar10"

RUNTIME = "litert" if importlib.util.find_spec("ai_edge_litert") else "tflite-runtime"
QUICK = ("--headless", "--set", f"model.runtime={RUNTIME}", "--set", "model.threads=1")
"""Saves measuring the runtimes, where that is not the point."""

PATIENCE_SECONDS = 60.0
"""For what must come, on a machine that is busy with other things."""

CLOSE_SECONDS = 10.0
"""For closing: the program promises two seconds on a machine of its own."""

EMULATED = "QEMU_CPU" in os.environ
"""Whether another processor plays this one, and takes seconds for what should take milliseconds."""


TOO_SLOW = ("hangs and was left behind", "could not be finished in time")
"""What the program says of a source and of a video that take longer than it waits at its end."""


def complaints(errors: str) -> list[str]:
    """The lines that a program wrote to standard error.

    Left out is what it says of an emulated processor that still draws a picture of the demo, or
    encodes one, when the program closes.
    """
    return [line for line in errors.splitlines() if not (EMULATED and line.endswith(TOO_SLOW))]


@dataclass
class Camera:
    """Runs the program in a folder of its own, and in an environment of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Without the last an emulated processor would be another one in the program.
        names = ("PATH", "LANG", "QEMU_CPU")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        self.environment = {
            **kept,
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONFAULTHANDLER": "1",
            **self.environment,
        }

    @property
    def log(self) -> Path:
        """Where the log goes by default."""
        return self.folder / "state" / "camera-app" / "labels.jsonl"

    def run(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the program to its end; output and errors are captured unless told otherwise."""
        if "stdout" not in options and "stderr" not in options:
            options["capture_output"] = True
        return subprocess.run(
            command(*arguments),
            check=False,
            **{"timeout": PATIENCE_SECONDS, **self._usual(options)},
        )

    @contextlib.contextmanager
    def running(self, *arguments: str | Path, **options: Any) -> Iterator["subprocess.Popen[str]"]:
        """Start the program; whatever is left of it at the end of the block is killed."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command(*arguments), **{**pipes, **self._usual(options)})
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def _usual(self, options: dict[str, Any]) -> dict[str, Any]:
        environment = {**self.environment, **options.pop("env", {})}
        present = {name: value for name, value in environment.items() if value is not None}
        return {"cwd": self.folder, "env": present, "text": True, **options}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "camera_app", *map(str, arguments)]


def refused(result: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    """Assert that the program said no in one sentence that holds ``words``, and how it ended."""
    lines = complaints(result.stderr)
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("camera_app: ")
    assert "Traceback" not in result.stdout + result.stderr
    for word in words:
        assert word in lines[0]
    assert result.returncode == status


def snapshot(folder: Path) -> dict[str, str]:
    """Every file below ``folder`` with the hash of what is in it, every folder with nothing.

    Left out is the user's cache, on which nothing depends.
    """
    return {
        str(path.relative_to(folder)): (
            sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        )
        for path in sorted(folder.rglob("*"))
        if path.relative_to(folder).parts[0] != ".cache"
    }


def without_right_to_read_everything() -> None:
    """In the child, before the program: take from root what lets it open any file.

    Capabilities 1 and 2, CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, leave the bounding set by
    prctl(PR_CAPBSET_DROP = 24), and with that all programs run from here on.
    """
    if os.geteuid() == 0:
        import ctypes

        library = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):
            if library.prctl(24, capability, 0, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "prctl")


def with_files_no_larger_than(size: int) -> Callable[[], None]:
    """In the child, before the program: writing past ``size`` bytes fails, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def read_log(path: Path) -> list[Event]:
    """All events; fails on a line that is not JSON."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def events(path: Path, kind: str) -> list[Event]:
    return [event for event in read_log(path) if event["event"] == kind]


def timeless(log: bytes) -> bytes:
    """A log without what camera_app/outputs/log.py says depends on the clock."""
    return re.sub(rb'"(time|fps|\w+_ms)":("[^"]*"|[^,}]*)', rb'"\1":', log)


def wait_for(condition: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


def logged(path: Path, kind: str, **fields: Any) -> Callable[[], bool]:
    """Whether the log holds such an event by now; the line being written may be torn."""

    def found() -> bool:
        if not path.exists():
            return False
        whole = path.read_bytes().rpartition(b"\n")[0].splitlines()
        return any({"event": kind, **fields}.items() <= json.loads(line).items() for line in whole)

    return found


def picture(number: int, width: int = 160, height: int = 120) -> Pixels:
    """A picture unlike its neighbours that the shipped net knows: it doubts anything abstract."""
    scene = SCENES[number % len(SCENES)]
    return scene.draw(width, height, 0.3 * number)


def write_video(
    path: Path, pictures: Sequence[Pixels], *, fps: float = 10.0, codec: str = "mp4v"
) -> Path:
    height, width = pictures[0].shape[:2]
    fourcc = cv2.VideoWriter.fourcc(*codec)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, fps, (width, height))
    assert writer.isOpened(), f"this OpenCV cannot encode {codec}"
    for drawn in pictures:
        writer.write(drawn)
    writer.release()
    return path


def decoded(path: Path) -> list[Pixels]:
    """All frames of a video."""
    capture = cv2.VideoCapture(str(path))
    frames: list[Pixels] = []
    while True:
        there, frame = capture.read()
        if not there:
            return frames
        frames.append(frame.astype(np.uint8, copy=False))


class Oracle:
    """What the shipped model says of a picture, asked of the interpreter directly."""

    def __init__(self) -> None:
        description = yaml.safe_load((BUNDLE / "model.yaml").read_text("utf-8"))
        self.labels: list[str] = description["labels"]
        self.unknown_below: float = description["unknown_below"]
        self._temperature: float = description["temperature"]
        module = {"litert": "ai_edge_litert", "tflite-runtime": "tflite_runtime"}[RUNTIME]
        interpreter = importlib.import_module(f"{module}.interpreter").Interpreter(
            model_path=str(BUNDLE / "model.tflite"), num_threads=1
        )
        interpreter.allocate_tensors()
        self._interpreter = interpreter

    def probabilities(self, pixels: Pixels) -> NDArray[np.float64]:
        """Of a BGR picture less than 256 pixels high and wide: no larger one is halved first."""
        side = min(pixels.shape[:2])
        assert side < 256
        top, left = ((length - side) // 2 for length in pixels.shape[:2])
        square = np.ascontiguousarray(pixels[top : top + side, left : left + side, ::-1])
        way = cv2.INTER_AREA if side > 32 else cv2.INTER_LINEAR
        small = cv2.resize(square, (32, 32), interpolation=way).astype(np.uint8)
        entry, exit_ = (
            self._interpreter.get_input_details()[0],
            self._interpreter.get_output_details()[0],
        )
        self._interpreter.set_tensor(entry["index"], (small ^ 0x80).view(np.int8)[np.newaxis])
        self._interpreter.invoke()
        scale, zero_point = exit_["quantization"]
        quantized = self._interpreter.get_tensor(exit_["index"])[0].astype(np.float64)
        powers: NDArray[np.float64] = np.exp((quantized - zero_point) * scale / self._temperature)
        return powers / powers.sum()

    def answer(self, pixels: Pixels) -> tuple[str, float]:
        """The label of a picture that stands alone, and its probability."""
        probabilities = self.probabilities(pixels)
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        return (self.labels[best] if confidence >= self.unknown_below else "unknown"), confidence
