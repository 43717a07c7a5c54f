"""A camera is lost in every way there is: said once, on the picture and in the log, and mended."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from camera_app.errors import FrameError, SourceError
from camera_app.frame import Frame, Result
from camera_app.inference.bundle import Bundle
from camera_app.inference.classifier import Classifier
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.still import StillScene
from camera_app.loop import Limits, Loop
from camera_app.outage import WAIT_LIMIT_SECONDS
from camera_app.outputs.fake import FakeSystemd
from camera_app.outputs.log import JsonLinesLog
from camera_app.outputs.overlay import Overlay
from camera_app.outputs.screen import Screen
from camera_app.outputs.slate import slate
from camera_app.outputs.systemd import SystemdNotifier
from camera_app.sources.base import Source, SourceState
from camera_app.sources.fake import FakeReader
from camera_app.sources.live import BAD_IN_A_ROW, LiveSource
from camera_app.sources.newest import NewestFrame
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

    def drawing_size(self, width: int, height: int) -> tuple[int, int]:
        return width, height

    def show(self, shown: Pixels, _at_seconds: float, /) -> None:
        self.shown.append(shown)

    def idle(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Heard:
    """An output that keeps what became of the source; None stands for a frame."""

    def __init__(self) -> None:
        self.order: list[tuple[SourceState, str] | None] = []

    @property
    def changes(self) -> list[tuple[SourceState, str]]:
        return [told for told in self.order if told is not None]

    def write(self, _result: Result, /) -> None:
        self.order.append(None)

    def idle(self) -> None:
        """Nothing."""

    def source_changed(self, state: SourceState, message: str) -> None:
        self.order.append((state, message))

    def close(self) -> None:
        """Nothing."""


def live_source(reader: FakeReader, clock: Callable[[], float]) -> Source:
    return LiveSource(reader, clock=clock, retry_seconds=0.001)


class Program:
    """All parts but the net and the camera, on a clock that moves with the loop."""

    def __init__(
        self,
        systemd: FakeSystemd,
        folder: Path,
        *,
        make_source: Callable[[FakeReader, Callable[[], float]], Source] = live_source,
        heartbeat_seconds: float = 60.0,
    ) -> None:
        self.reader = FakeReader()
        self.systemd = systemd
        self.now = 0.0
        self.told: list[tuple[float, str]] = []
        self.viewer = Viewer()
        self.heard = Heard()
        self.source = make_source(self.reader, self.clock)
        self.log = JsonLinesLog(
            folder / "log.jsonl",
            live=True,
            clock=self.clock,
            heartbeat_seconds=heartbeat_seconds,
        )
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

    def turn(self, turns: int, seconds: float = SECONDS_A_TURN) -> None:
        """Let the loop go round so often, the clock moving each time."""
        left = [turns]

        def move() -> None:
            left[0] -= 1
            self.now += seconds
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
def program(tmp_path: Path, systemd: FakeSystemd) -> Iterator[Program]:
    made = Program(systemd, tmp_path)
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


def test_labels_far_apart_have_a_rate_and_a_lost_camera_has_none(program: Program) -> None:
    program.log.write_as(every_frame=False, heartbeat_seconds=0.0)
    for _ in range(3):
        program.reader.feed(picture())
        assert program.reader.wait_until_hanging()
        program.turn(1, seconds=4.0)
    program.reader.feed(UNPLUGGED)
    program.until(SourceState.LOST)
    program.turn(1)
    program.reader.feed(picture())
    program.until(SourceState.STREAMING)
    beats = [e for e in program.events() if e["event"] == "heartbeat"]
    rates = [e["fps"] for e in beats if e["state"] == "streaming"]
    assert rates[0] == 0.0, "one has no rate"
    assert 0.25 in rates
    assert rates[-1] == 0.0, "nor has the first after a loss"
    assert {e["fps"] for e in beats if e["state"] == "lost"} == {0.0}


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


class Interleaved:
    """A live source without a thread: ``act`` stands for all that may happen meanwhile.

    It is called before and after whatever the loop asks, so that nothing which a thread of its own
    could do to the loop is left out.
    """

    live = True
    frames_per_second = None
    responsive = True

    def __init__(self, act: Callable[[NewestFrame], None], clock: Callable[[], float]) -> None:
        self._act = act
        self.newest = NewestFrame(self.describe, 5.0, clock)
        self.newest.note_open()

    @property
    def state(self) -> SourceState:
        with self._meanwhile():
            return self.newest.state

    @property
    def problem(self) -> str | None:
        with self._meanwhile():
            return self.newest.problem

    @property
    def skipped(self) -> int:
        return self.newest.skipped

    def describe(self) -> str:
        return "the camera"

    def start(self) -> None:
        """Nothing."""

    def next_frame(self, _timeout: float, /) -> Frame | None:
        with self._meanwhile():
            return self.newest.take(0)

    def rest(self, seconds: float) -> None:
        """Nothing."""

    def stop(self) -> None:
        self.newest.end()

    @contextmanager
    def _meanwhile(self) -> Iterator[None]:
        self._act(self.newest)
        yield
        self._act(self.newest)


NOTHING, FRAME, SILENCE = "nothing", "a frame", "silence"
REASONS = ("the cable is out", "in use by motion")


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from((FRAME, SILENCE, *REASONS)))))
def test_what_the_outputs_were_told_last_is_how_the_source_is(
    tmp_path_factory: pytest.TempPathFactory, script: list[tuple[int, str]]
) -> None:
    """``script``: what happens, and after how many moments in which nothing does."""
    happenings = [each for pause, last in script for each in [*[NOTHING] * pause, last]]
    folder = tmp_path_factory.mktemp("run")
    systemd = FakeSystemd(str(folder / "notify"))
    left = iter(happenings)

    def act(newest: NewestFrame) -> None:
        happening = next(left, NOTHING)
        if happening == FRAME:
            newest.put(picture())
        elif happening == SILENCE:
            run.now += 6.0
        elif happening != NOTHING:
            newest.lose(happening)

    def make_source(_reader: FakeReader, clock: Callable[[], float]) -> Source:
        return Interleaved(act, clock)

    run = Program(systemd, folder, make_source=make_source, heartbeat_seconds=0.0)

    def check(message: str) -> None:
        """Picture and status are those of the source's state."""
        state = run.source.state
        statuses = [told for told in systemd.received() if told.startswith("STATUS=")]
        assert all(told.startswith(f"STATUS={state.value}: ") for told in statuses[-1:])
        for shown in run.viewer.shown[-1:]:
            dark = np.array_equal(shown, slate(message, shown.shape[1], shown.shape[0]))
            assert dark is (state is SourceState.LOST)

    run.turn(len(happenings), seconds=0.0)  # at least one of them in each turn
    run.turn(2, seconds=2.0)  # systemd may be told again, and it is no silence
    state = run.source.state
    assert run.states()[-1:] == ([] if state is SourceState.CONNECTING else [state])
    check(run.heard.changes[-1][1] if run.heard.changes else "")

    # A silence, and time enough to be told of the reason, however often it was another.
    run.turn(2, seconds=WAIT_LIMIT_SECONDS)
    assert run.heard.changes[-1] == (SourceState.LOST, run.source.problem)
    check(run.source.problem or "")
    systemd.close()

    assert all(one != other for one, other in pairwise(run.heard.changes)), "nothing is told twice"
    now = SourceState.CONNECTING
    for told in run.heard.order:
        if told is None:
            assert now is SourceState.STREAMING, "a frame of a lost camera"
        else:
            now = told[0]
    logged = "connecting"
    for event in run.events():
        logged = event["state"] if event["event"] == "source" else logged
        assert event["event"] != "heartbeat" or event["state"] == logged


def test_another_reason_for_a_loss_is_told(program: Program) -> None:
    """The cable was out; now that it is in again, another program has the camera."""
    program.reader.feed(picture())
    program.until(SourceState.STREAMING)
    program.reader.feed(UNPLUGGED)
    program.until(SourceState.LOST)
    assert program.reader.wait_until_hanging()
    in_use = "the camera /dev/video0 is in use by motion (%d); close it first"
    for number in range(5):
        program.reader.feed(SourceError(in_use % number))
        assert program.reader.wait_until_hanging()
        program.turn(1)
    assert lost_pictures(program, in_use % 0) == 1
    status = f"STATUS=lost: {in_use % 0} (last label: cat)"
    assert [told for _, told in program.told if told.startswith("STATUS=lost")][-1] == status
    assert source_events(program) == [
        ("streaming", "fake camera"),
        ("lost", "the cable is out"),
        ("lost", in_use % 0),
    ]
