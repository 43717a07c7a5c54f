import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from camera_app.errors import FrameError, SourceError, UsageError
from camera_app.sources.base import SourceState
from camera_app.sources.fake import FakeReader
from camera_app.sources.live import BAD_IN_A_ROW, LiveSource

from .conftest import (
    HEIGHT,
    PATIENCE,
    WIDTH,
    Clock,
    Pixels,
    is_responsive,
    number_of,
    numbered,
    state_of,
)

UNPLUGGED = SourceError("the camera was unplugged")


def at_once(stopping: threading.Event, seconds: float) -> bool:  # noqa: ARG001
    return stopping.is_set()


@pytest.fixture
def run() -> Iterator[Callable[..., LiveSource]]:
    """run(reader, ...) starts a source that is stopped, and its reader woken, after the test."""
    started: list[tuple[FakeReader, LiveSource]] = []

    def start(reader: FakeReader, **options: object) -> LiveSource:
        source = LiveSource(reader, **{"wait": at_once, **options})  # type: ignore[arg-type]
        started.append((reader, source))
        source.start()
        return source

    yield start
    for reader, source in started:
        reader.feed(SourceError("the test is over"), numbered(0))
        source.stop()


def wait_for_state(source: LiveSource, state: SourceState) -> None:
    waited = threading.Event()
    for _ in range(int(PATIENCE / 0.01)):
        if state_of(source) is state:
            return
        waited.wait(0.01)
    pytest.fail(f"the source stayed {source.state}, and never was {state}")


def test_the_newest_frame_only(run: Callable[..., LiveSource]) -> None:
    reader = FakeReader(*[numbered(n) for n in range(5)])
    source = run(reader)
    assert reader.wait_until_hanging()
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    assert number_of(frame.pixels) == 4
    assert frame.index == 4
    assert source.skipped == 4
    assert source.next_frame(0.0) is None, "a frame is given once"


def test_index_gaps_are_the_frames_skipped(run: Callable[..., LiveSource]) -> None:
    reader = FakeReader()
    source = run(reader)
    indices = []
    for batch in (1, 3, 2):
        reader.feed(*[numbered(batch)] * batch)
        assert reader.wait_until_hanging()
        frame = source.next_frame(PATIENCE)
        assert frame is not None
        indices.append(frame.index)
    assert indices == [0, 3, 5]
    assert source.skipped == 3


def test_a_frame_carries_the_time_it_arrived(run: Callable[..., LiveSource], clock: Clock) -> None:
    reader = FakeReader()
    source = run(reader, clock=clock)
    clock.now = 123.5
    reader.feed(numbered(1))
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    clock.now = 200.0
    assert frame.captured_at == 123.5


def test_frames_are_turned(run: Callable[..., LiveSource]) -> None:
    source = run(FakeReader(numbered(1)), rotate=90)
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    assert frame.pixels.shape == (WIDTH, HEIGHT, 3)


def test_an_orientation_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError):
        LiveSource(FakeReader(), rotate=17)


def test_states_from_start_to_stop(run: Callable[..., LiveSource]) -> None:
    reader = FakeReader()
    source = run(reader)
    assert state_of(source) is SourceState.CONNECTING
    reader.feed(numbered(1))
    assert source.next_frame(PATIENCE) is not None
    assert state_of(source) is SourceState.STREAMING
    assert source.problem is None
    source.stop()
    assert state_of(source) is SourceState.ENDED
    assert source.next_frame(PATIENCE) is None


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (SourceError("no camera at /dev/video9"), "no camera at /dev/video9"),
        (RuntimeError("Failed to acquire camera"), "fake camera failed: Failed to acquire"),
        (ValueError(), "fake camera failed: ValueError"),
    ],
)
def test_a_first_open_that_fails_is_an_error(raised: Exception, words: str) -> None:
    reader = FakeReader(opens=[raised])
    source = LiveSource(reader)
    with pytest.raises(SourceError, match=words):
        source.start()
    source.stop()
    assert reader.calls == ["open", "close"]


def test_a_lost_camera_comes_back_by_itself(run: Callable[..., LiveSource]) -> None:
    reader = FakeReader(numbered(1), UNPLUGGED, opens=[None, UNPLUGGED, UNPLUGGED, None])
    source = run(reader)
    assert reader.wait_until_hanging()
    assert state_of(source) is SourceState.LOST
    assert source.problem == "the camera was unplugged"
    assert reader.calls.count("open") == 4
    assert reader.calls.count("close") == 3, "closed after each failure, before the next open"

    reader.feed(numbered(2)[: HEIGHT // 2])
    assert reader.wait_until_hanging()
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    assert frame.pixels.shape[0] == HEIGHT // 2, "another size after coming back is fine"
    assert frame.index == 1
    assert state_of(source) is SourceState.STREAMING
    assert source.problem is None


@pytest.mark.parametrize(
    "broken", [[FrameError("no picture")] * BAD_IN_A_ROW, [RuntimeError("driver bug")]], ids=str
)
def test_whatever_the_driver_raises_is_a_lost_camera(
    run: Callable[..., LiveSource], broken: list[Exception]
) -> None:
    reader = FakeReader(*broken)
    source = run(reader)
    assert reader.wait_until_hanging()
    assert state_of(source) is SourceState.LOST
    assert str(broken[0]) in (source.problem or "")


def test_a_picture_that_is_none_now_and_then_is_passed_over(
    run: Callable[..., LiveSource], caplog: pytest.LogCaptureFixture
) -> None:
    torn = [FrameError("torn")] * (BAD_IN_A_ROW - 1)
    reader = FakeReader(*torn, numbered(1), *torn, numbered(2))
    source = run(reader)
    assert reader.wait_until_hanging()
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    assert (number_of(frame.pixels), frame.index) == (2, 1)
    assert state_of(source) is SourceState.STREAMING
    assert reader.calls.count("open") == 1
    assert caplog.records == []


def test_nothing_but_garbage_is_said_once_and_looked_at_ever_less_often(
    run: Callable[..., LiveSource], caplog: pytest.LogCaptureFixture
) -> None:
    waits: list[float] = []

    def wait(stopping: threading.Event, seconds: float) -> bool:
        waits.append(seconds)
        return stopping.is_set()

    reader = FakeReader(numbered(1), *[FrameError("an empty picture")] * 4 * BAD_IN_A_ROW)
    source = run(reader, retry_seconds=1.0, retry_limit_seconds=3.0, wait=wait)
    assert reader.wait_until_hanging()
    assert state_of(source) is SourceState.LOST
    assert source.problem == "an empty picture"
    assert waits == [1.0, 2.0, 3.0, 3.0]
    assert [record.getMessage() for record in caplog.records] == ["an empty picture"]
    reader.feed(numbered(2))
    assert reader.wait_until_hanging()
    assert state_of(source) is SourceState.STREAMING


@pytest.mark.parametrize(
    ("held_seconds", "waits_after"), [(7.0, [0.5, 1.0]), (0.1, [3.0, 3.0])], ids=["well", "hardly"]
)
def test_waits_grow_to_the_limit_and_begin_anew_once_the_camera_holds(
    run: Callable[..., LiveSource], held_seconds: float, waits_after: list[float]
) -> None:
    waits: list[float] = []
    clock = Clock()

    def wait(stopping: threading.Event, seconds: float) -> bool:
        waits.append(seconds)
        return stopping.is_set()

    class Camera(FakeReader):
        def close(self) -> None:
            super().close()
            clock.now += held_seconds  # that it took to fail

    gone: list[Exception | None] = [UNPLUGGED] * 4
    reader = Camera(UNPLUGGED, numbered(1), UNPLUGGED, UNPLUGGED, numbered(2), opens=[None, *gone])
    run(reader, retry_seconds=0.5, retry_limit_seconds=3.0, wait=wait, clock=clock)
    assert reader.wait_until_hanging()
    assert waits == [0.5, 1.0, 2.0, 3.0, 3.0, *waits_after]


def test_no_wait_is_longer_than_the_limit(run: Callable[..., LiveSource]) -> None:
    waits: list[float] = []

    def wait(stopping: threading.Event, seconds: float) -> bool:
        waits.append(seconds)
        return stopping.is_set()

    reader = FakeReader(UNPLUGGED, numbered(1), opens=[None, UNPLUGGED])
    run(reader, retry_seconds=60.0, retry_limit_seconds=10.0, wait=wait)
    assert reader.wait_until_hanging()
    assert waits == [10.0, 10.0]


def test_the_first_failure_is_a_warning_and_its_repeats_are_not(
    run: Callable[..., LiveSource], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "camera_app")
    reader = FakeReader(numbered(1), UNPLUGGED, opens=[None, UNPLUGGED, UNPLUGGED])
    source = run(reader)
    assert reader.wait_until_hanging()
    reader.feed(numbered(2))
    assert reader.wait_until_hanging()
    assert state_of(source) is SourceState.STREAMING
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert said == [
        ("WARNING", "the camera was unplugged"),
        ("DEBUG", "the camera was unplugged"),
        ("DEBUG", "the camera was unplugged"),
        ("INFO", "fake camera is back"),
    ]


def test_what_comes_while_nothing_is_wanted_is_not_decoded(
    run: Callable[..., LiveSource], clock: Clock
) -> None:
    """Ten pictures a second, and one label a second: only the last of ten is decoded."""
    reader = FakeReader()
    source = run(reader, clock=clock)

    def come() -> None:
        clock.now += 0.1
        reader.feed(numbered(1))
        assert reader.wait_until_hanging()

    for _ in range(3):
        come()
    assert source.next_frame(PATIENCE) is not None
    source.rest(1.0)
    reader.calls.clear()
    for _ in range(10):
        come()
    # The first was asked for before the rest began.
    assert reader.calls == ["skip"] * 8 + ["read"] * 2
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    assert frame.index == 12
    assert source.skipped == 11, "a picture not decoded is a picture skipped"
    assert frame.captured_at == clock.now
    assert state_of(source) is SourceState.STREAMING


def test_while_nothing_is_wanted_a_camera_can_still_be_lost_and_found(
    run: Callable[..., LiveSource], clock: Clock
) -> None:
    reader = FakeReader(numbered(1))
    source = run(reader, clock=clock)
    assert reader.wait_until_hanging()
    source.rest(3600.0)
    reader.feed(numbered(1), UNPLUGGED)
    wait_for_state(source, SourceState.LOST)
    reader.feed(numbered(2))
    assert reader.wait_until_hanging()
    assert state_of(source) is SourceState.STREAMING
    frame = source.next_frame(PATIENCE)
    assert frame is not None
    assert number_of(frame.pixels) == 2


def test_a_read_that_hangs_is_a_lost_camera(
    run: Callable[..., LiveSource], clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    reader = FakeReader(numbered(1))
    source = run(reader, clock=clock, read_timeout_seconds=5.0)
    assert reader.wait_until_hanging()
    clock.now += 4.9
    assert state_of(source) is SourceState.STREAMING
    clock.now += 0.2
    assert source.next_frame(0.0) is not None, "what had come is still given"
    assert source.next_frame(0.0) is None
    assert state_of(source) is SourceState.LOST
    assert source.problem == "fake camera sent no picture for 5.1 s"
    clock.now += 60
    assert source.next_frame(0.0) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"], "said once"

    reader.feed(numbered(2))
    assert reader.wait_until_hanging()
    assert state_of(source) is SourceState.STREAMING


def test_a_camera_that_opens_but_never_sends_is_lost(
    run: Callable[..., LiveSource], clock: Clock
) -> None:
    source = run(FakeReader(), clock=clock, read_timeout_seconds=5.0)
    assert state_of(source) is SourceState.CONNECTING
    clock.now += 5.1
    assert state_of(source) is SourceState.LOST


def test_a_read_that_never_returns_is_not_responsive(
    run: Callable[..., LiveSource], clock: Clock
) -> None:
    reader = FakeReader(numbered(1))
    source = run(reader, clock=clock, hang_seconds=30.0)
    assert reader.wait_until_hanging()
    clock.now += 30.0
    assert state_of(source) is SourceState.LOST
    assert source.responsive, "slow calls return in the end"
    clock.now += 0.1
    assert not is_responsive(source)

    reader.feed(numbered(2))
    assert reader.wait_until_hanging()
    assert is_responsive(source), "it did return, after all"


@pytest.mark.parametrize("method", ["open", "close"])
def test_an_open_or_close_that_never_returns_is_not_responsive(
    run: Callable[..., LiveSource], clock: Clock, method: str
) -> None:
    entered, leave = threading.Event(), threading.Event()

    class Stuck(FakeReader):
        def open(self) -> None:
            super().open()
            if method == "open" and self.calls.count("open") > 1:
                self.hang()

        def close(self) -> None:
            super().close()
            if method == "close":
                self.hang()

        def hang(self) -> None:
            entered.set()
            assert leave.wait(PATIENCE)

    source = run(Stuck(UNPLUGGED), clock=clock, hang_seconds=30.0)
    try:
        assert entered.wait(PATIENCE)
        assert is_responsive(source)
        clock.now += 30.1
        assert not is_responsive(source)
    finally:
        leave.set()


def test_a_camera_that_stays_away_is_responsive(
    run: Callable[..., LiveSource], clock: Clock
) -> None:
    """An hour between two attempts is not an hour in the driver."""
    waiting, leave = threading.Event(), threading.Event()

    def wait(stopping: threading.Event, seconds: float) -> bool:  # noqa: ARG001
        waiting.set()
        assert leave.wait(PATIENCE)
        return True

    source = run(FakeReader(UNPLUGGED), clock=clock, wait=wait)
    try:
        assert waiting.wait(PATIENCE)
        clock.now += 3600
        assert state_of(source) is SourceState.LOST
        assert is_responsive(source)
    finally:
        leave.set()


def test_a_reader_that_waits_long_by_itself_is_given_the_time(
    run: Callable[..., LiveSource], clock: Clock
) -> None:
    reader = FakeReader()
    source = run(reader, clock=clock, read_timeout_seconds=120.0)
    assert reader.wait_until_hanging()
    clock.now += 240.0
    assert is_responsive(source)
    clock.now += 0.1
    assert not is_responsive(source)


def test_without_a_grabber_nothing_is_responsive(clock: Clock) -> None:
    source = LiveSource(FakeReader(), clock=clock)
    assert not is_responsive(source)


def test_stop_returns_though_the_driver_hangs(
    run: Callable[..., LiveSource], caplog: pytest.LogCaptureFixture
) -> None:
    reader = FakeReader(numbered(1))
    source = run(reader)
    assert reader.wait_until_hanging()
    source.stop()
    source.stop()
    assert "close" not in reader.calls, "the read still hangs, and nobody closed it from outside"
    assert caplog.text.count("hangs and was left behind") == 1


def test_stop_closes_a_reader_that_works(run: Callable[..., LiveSource]) -> None:
    class Endless(FakeReader):
        def read(self) -> tuple[Pixels, None]:
            return numbered(1), None

    reader = Endless()
    source = run(reader)
    assert source.next_frame(PATIENCE) is not None
    source.stop()
    assert reader.calls == ["open", "close"]


def test_stop_ends_the_wait_for_a_lost_camera() -> None:
    before = set(threading.enumerate())
    reader = FakeReader(UNPLUGGED)
    source = LiveSource(reader, retry_seconds=3600.0, retry_limit_seconds=3600.0)
    source.start()
    wait_for_state(source, SourceState.LOST)
    source.stop()
    assert "grabber" not in {thread.name for thread in set(threading.enumerate()) - before}


def test_stop_before_start_and_twice_is_fine() -> None:
    source = LiveSource(FakeReader())
    source.stop()
    source.stop()
    assert state_of(source) is SourceState.ENDED
