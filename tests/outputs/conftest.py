"""Results to hand to outputs, a clock to turn by hand, and an X server."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.frame import Frame, Prediction, Result

Pixels = NDArray[np.uint8]


def photo(width: int, height: int) -> Pixels:
    """Something with bright and dark, smooth and rough parts, as a camera would give."""
    x = np.linspace(0, 1, width)[np.newaxis, :, np.newaxis]
    y = np.linspace(0, 1, height)[:, np.newaxis, np.newaxis]
    smooth = 40 + 200 * np.concatenate([x + 0 * y, y + 0 * x, 1 - x * y], axis=2)
    noise = np.random.default_rng(7).normal(0, 8, smooth.shape)
    picture: Pixels = np.clip(smooth + noise, 0, 255).astype(np.uint8)
    return picture


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """How well two colours (blue, green, red) are told apart, from 1 to 21, as WCAG 2 has it."""

    def luminance(colour: Sequence[float]) -> float:
        parts = [channel / 255 for channel in colour]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return float(np.dot(linear, (0.0722, 0.7152, 0.2126)))

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def make_result(
    label: str = "cat",
    confidence: float = 0.97,
    *,
    index: int = 0,
    pixels: Pixels | None = None,
    name: str | None = None,
    at: float = 0.0,
    skipped: int = 0,
) -> Result:
    """A result as the loop would publish it."""
    pixels = photo(320, 240) if pixels is None else pixels
    crop = cv2.resize(pixels, (32, 32), interpolation=cv2.INTER_AREA).astype(np.uint8)
    probabilities = np.full(10, 0.1, np.float32)
    return Result(
        frame=Frame(pixels, index, at, name),
        prediction=Prediction(probabilities, crop, 0.0004, 0.0126),
        label=label,
        confidence=confidence,
        top=((label, confidence), ("dog", 0.02), ("frog", 0.01)),
        changed=False,
        age_seconds=0.034,
        frames_per_second=29.8,
        skipped=skipped,
    )


@dataclass
class Clock:
    """Seconds that pass only when told to."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass(frozen=True)
class XServer:
    """A running Xvfb."""

    display: str
    framebuffer: Path
    end: Callable[[], None]

    def screenshot(self) -> Pixels:
        """The whole screen, (H, W, 3) BGR, from the X window dump that Xvfb keeps in a file."""
        data = self.framebuffer.read_bytes()
        header = np.frombuffer(data, ">u4", 25)
        header_size, width, height = int(header[0]), int(header[4]), int(header[5])
        bytes_per_line, colours = int(header[12]), int(header[19])
        start = header_size + 12 * colours
        rows = np.frombuffer(data, np.uint8, height * bytes_per_line, start)
        return np.ascontiguousarray(rows.reshape(height, -1, 4)[:, :width, :3])

    def xdotool(self, *words: str) -> str:
        """Act as a person at this display would."""
        return subprocess.run(
            ["xdotool", *words],
            env={**os.environ, "DISPLAY": self.display},
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
        ).stdout.strip()


@contextlib.contextmanager
def run_xvfb(folder: Path, *options: str, size: str = "800x600") -> Iterator[XServer]:
    """An X server whose screen is kept in a file in ``folder``."""
    missing = [
        program for program in ("Xvfb", "xdotool", "openbox") if shutil.which(program) is None
    ]
    if missing:
        pytest.skip(f"{' and '.join(missing)} missing: apt install xvfb xdotool openbox")
    reader, writer = os.pipe()
    screen = ["-screen", "0", f"{size}x24", "-fbdir", str(folder)]
    # A key is pressed once, however long a busy machine takes to release it.
    no_repeat = "-r"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), no_repeat, *screen, *options],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        assert number, "Xvfb did not start"
        yield XServer(f":{number}", folder / "Xvfb_screen0", server.kill)
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def x_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[XServer]:
    """An X server with a window manager, without which no window is focused, full or closed."""
    folder = tmp_path_factory.mktemp("xvfb")
    with run_xvfb(folder, "-noreset") as server, window_manager(server, folder):
        yield server


@contextlib.contextmanager
def window_manager(server: XServer, folder: Path) -> Iterator[None]:
    """Without one no window is focused, full or closed."""
    ready = folder / "ready"
    manager = subprocess.Popen(
        ["openbox", "--sm-disable", "--startup", f"touch {ready}"],
        env={**os.environ, "DISPLAY": server.display},
        stderr=subprocess.DEVNULL,
    )
    try:
        assert wait_until(ready.exists, lambda: None), "openbox did not start"
        yield
    finally:
        manager.terminate()
        manager.wait(10)


def wait_until(condition: Callable[[], bool], act: Callable[[], None], seconds: float = 20) -> bool:
    """Repeat ``act`` until ``condition`` holds; False if it never did."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        act()
        time.sleep(0.01)
    return True
