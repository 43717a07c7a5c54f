"""A camera is lost in every way there is: said once, on the picture and in the log, and mended."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.errors import FrameError, SourceError
from camera_app.frame import Result
from camera_app.inference.bundle import Bundle
from camera_app.inference.classifier import Classifier
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.still import StillScene
from camera_app.loop import Limits, Loop
from camera_app.outputs.fake import FakeSystemd
from camera_app.outputs.log import JsonLinesLog
from camera_app.outputs.overlay import Overlay
from camera_app.outputs.screen import Screen
from camera_app.outputs.slate import slate
from camera_app.outputs.systemd import SystemdNotifier
from camera_app.sources.base import SourceState
from camera_app.sources.fake import FakeReader
from camera_app.sources.live import BAD_IN_A_ROW, LiveSource
from tests.smoothers import instant_smoother

Pixels = NDArray[np.uint8]

BUNDLE = Bundle(Path(), "fake", ("cat", "dog"), 32, 1.0, 0.5, "", {}, b"")
UNPLUGGED = SourceError("the cable is out")
PATIENCE = 30.0
"""Seconds, of a clock that moves; only ever spent by a test that fails."""

SECONDS_A_TURN = 5.0
"""By which the clock moves each time the loop asks for a frame."""


def picture(width: int = 64, height: int = 48) -> Pixels:
    return np.full((height, width, 3), 90, np.uint8)


class Viewer:
    """Keeps all that it was shown."""

    wants_picture = True
    quit_requested = False

    def __init__(self) -> None:
        self.shown: list[Pixels] = []

    def show(self, shown: Pixels, _at_seconds: float, /) -> None:
        self.shown.append(shown)

    def idle(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Heard:
    """An output that keeps what became of the source."""

    def __init__(self) -> None:
        self.changes: list[tuple[SourceState, str]] = []

    def write(self, result: Result) -> None:
        """Nothing."""

    def idle(self) -> None:
        """Nothing."""

    def source_changed(self, state: SourceState, message: str) -> None:
        self.changes.append((state, message))

    def close(self) -> None:
        """Nothing."""


class Program:
    """All parts but the net and the camera, on a clock that moves with the loop."""

    def __init__(self, reader: FakeReader, systemd: FakeSystemd, folder: Path) -> None:
        self.reader = reader
        self.systemd = systemd
        self.now = 0.0
        self.told: list[tuple[float, str]] = []
        self.viewer = Viewer()
        self.heard = Heard()
        self.source = LiveSource(reader, clock=self.clock, retry_seconds=0.001)
        self.log = JsonLinesLog(folder / "log.jsonl", live=True, clock=self.clock)
        notifier = SystemdNotifier(
            lambda: self.source.responsive,
            environment=systemd.environment | {"WATCHDOG_USEC": "40000000"},
            clock=self.clock,
        )
        screen = Screen([self.viewer], Overlay(live=True))
        still = StillScene(3.0)
        self.loop = Loop(
            self.source,
            Classifier(BUNDLE, FakeRuntime([(9.0, 0.0)]), still=still),
            instant_smoother(BUNDLE.labels),
            [screen, self.log, notifier, self.heard],
            clock=self.clock,
        )

    def clock(self) -> float:
        return self.now

    def turn(self, turns: int) -> None:
        """Let the loop go round so often, the clock moving each time."""
        left = [turns]

        def move() -> None:
            left[0] -= 1
            self.now += SECONDS_A_TURN
            self.told += [(self.now, message) for message in self.systemd.received()]

        self.loop.run(Limits(), lambda: not left[0], move)

    def until(self, state: SourceState) -> None:
        """Let the loop go round until the outputs know of ``state``, the clock standing still."""
        self.loop.run(Limits(seconds=PATIENCE), lambda: self.states()[-1:] == [state])
        assert self.states()[-1:] == [state]

    def states(self) -> list[SourceState]:
        return [state for state, _ in self.heard.changes]

    def events(self) -> list[dict[str, Any]]:
        self.log.close()
        return [json.loads(line) for line in self.log.path.read_text("utf-8").splitlines()]


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[FakeSystemd]:
    made = FakeSystemd(str(tmp_path / "notify"))
    yield made
    made.close()


@pytest.fixture
def program(tmp_path: Path, systemd: FakeSystemd) -> Iterator[Program]:
    made = Program(FakeReader(), systemd, tmp_path)
    made.source.start()
    yield made
    made.reader.feed(SourceError("the test is over"), picture())
    made.source.stop()
    made.log.close()


def lost_pictures(program: Program, message: str) -> int:
    """How often NO SIGNAL and ``message`` were shown."""
    shown = program.viewer.shown
    return sum(np.array_equal(each, slate(message, each.shape[1], each.shape[0])) for each in shown)


def source_events(program: Program) -> list[tuple[str, str]]:
    return [(e["state"], e["message"]) for e in program.events() if e["event"] == "source"]


def test_it_comes_back_in_another_size(program: Program) -> None:
    program.reader.feed(picture(64, 48), UNPLUGGED)
    program.until(SourceState.LOST)
    program.reader.feed(picture(120, 90))
    program.until(SourceState.STREAMING)
    program.turn(1)
    assert lost_pictures(program, "the cable is out") == 1
    assert program.viewer.shown[-1].shape == (90, 120, 3)


def test_another_camera_in_its_place_is_said_once(program: Program) -> None:
    program.reader.feed(picture())
    program.until(SourceState.STREAMING)
    program.reader.feed(UNPLUGGED)
    program.until(SourceState.LOST)
    program.reader.description = "another camera"
    program.reader.feed(picture())
    program.until(SourceState.STREAMING)
    program.reader.feed(UNPLUGGED)
    program.until(SourceState.LOST)
    program.reader.feed(picture())
    program.until(SourceState.STREAMING)
    assert source_events(program) == [
        ("streaming", "fake camera"),
        ("lost", "the cable is out"),
        ("streaming", "another camera; it was fake camera"),
        ("lost", "the cable is out"),
        ("streaming", "another camera"),
    ]


def test_a_driver_that_never_returns_starves_the_watchdog(program: Program) -> None:
    program.reader.feed(picture())
    program.until(SourceState.STREAMING)
    assert program.reader.wait_until_hanging()
    program.turn(16)
    fed = [at for at, message in program.told if message == "WATCHDOG=1"]
    assert fed, "a pause of some seconds is no reason to restart"
    assert max(fed) <= 40.0, "fed no more once the call has lasted 30 s"
    lost = "fake camera sent no picture for"
    assert [m for s, m in program.heard.changes if s is SourceState.LOST and lost in m]
    assert program.states() == [SourceState.STREAMING, SourceState.LOST]

    program.told.clear()
    program.reader.feed(picture())  # it did return, after all
    program.until(SourceState.STREAMING)
    program.reader.feed(*[picture()] * 3)
    assert program.reader.wait_until_hanging()
    program.turn(3)
    assert "WATCHDOG=1" in [message for _, message in program.told]


@pytest.mark.parametrize(
    "garbage",
    [
        FrameError("the driver handed over an empty picture of shape (0, 0, 3)"),
        FrameError("the driver handed over 4711 bytes, which is no picture of 640x480"),
    ],
    ids=["empty", "torn"],
)
def test_garbage_is_no_signal_until_it_is_over(program: Program, garbage: FrameError) -> None:
    program.reader.feed(picture())
    program.until(SourceState.STREAMING)
    program.reader.feed(*[garbage] * 10 * BAD_IN_A_ROW)
    program.until(SourceState.LOST)
    assert program.reader.wait_until_hanging()
    program.turn(2)
    assert lost_pictures(program, str(garbage)) == 1
    program.reader.feed(picture())
    program.until(SourceState.STREAMING)
    assert program.reader.calls.count("open") == 11
    assert source_events(program) == [
        ("streaming", "fake camera"),
        ("lost", str(garbage)),
        ("streaming", "fake camera"),
    ]


def test_a_camera_lost_between_two_rare_labels_is_told_at_once(program: Program) -> None:
    program.loop = Loop(
        program.source,
        Classifier(BUNDLE, FakeRuntime([(9.0, 0.0)])),
        instant_smoother(BUNDLE.labels),
        [program.heard],
        seconds_a_label=lambda _: 3600.0,
        clock=program.clock,
    )
    program.reader.feed(picture(), UNPLUGGED)
    program.until(SourceState.LOST)
    assert program.loop.frames <= 1
