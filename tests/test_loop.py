"""The loop, on cameras that do as they are told."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from camera_app.errors import FrameError, SourceError
from camera_app.frame import UNKNOWN, Result
from camera_app.inference.bundle import Bundle
from camera_app.inference.classifier import Classifier
from camera_app.inference.description import Calibration
from camera_app.inference.fake import FakeRuntime
from camera_app.loop import Limits, Loop
from camera_app.sources.base import Pixels, Source, SourceState
from camera_app.sources.fake import FakeReader
from camera_app.sources.live import LiveSource
from camera_app.sources.recorded import RecordedSource
from tests.end_to_end import wait_for
from tests.smoothers import instant_smoother

LABELS = ("cat", "dog")
CAT, DOG = (9.0, 0.0), (0.0, 9.0)
BUNDLE = Bundle(Path(), "fake", LABELS, 32, 1.0, 0.5, "", {}, b"")


def pixels(value: int = 0) -> NDArray[np.uint8]:
    return np.full((48, 64, 3), value, np.uint8)


class Notes:
    """An output that notes what it was told: numbers of frames, states, and times without any."""

    def __init__(self, act: Callable[[Result], None] = lambda _: None) -> None:
        self.results: list[Result] = []
        self.states: list[tuple[SourceState, str]] = []
        self.idles = 0
        self._act = act

    def write(self, result: Result) -> None:
        self.results.append(result)
        self._act(result)

    def idle(self) -> None:
        self.idles += 1

    def source_changed(self, state: SourceState, message: str) -> None:
        self.states.append((state, message))

    def close(self) -> None:
        """The loop closes nothing."""
        raise AssertionError


def make_loop(
    source: Source, *outputs: Notes, answers: list[Any] | None = None, **options: Any
) -> Loop:
    classifier = Classifier(BUNDLE, FakeRuntime(answers or [CAT]))
    smoother = instant_smoother(LABELS, dwell_seconds=options.pop("dwell_seconds", 0.0))
    return Loop(source, classifier, smoother, outputs, **options)


def film(count: int, rate: float | None = 10.0) -> RecordedSource:
    pictures = [pixels(number) for number in range(count)]
    source = RecordedSource(FakeReader(*pictures, live=False, frames_per_second=rate))
    source.start()
    return source


def never() -> bool:
    return False


def test_every_frame_is_labelled_and_every_output_told_in_order() -> None:
    order: list[str] = []
    first, second = Notes(lambda _: order.append("first")), Notes(lambda _: order.append("second"))
    loop = make_loop(film(3), first, second, answers=[CAT, DOG, CAT])
    loop.run(Limits(), never)
    assert [(r.frame.index, r.label) for r in first.results] == [(0, "cat"), (1, "dog"), (2, "cat")]
    assert [int(r.frame.pixels[0, 0, 0]) for r in first.results] == [0, 1, 2]
    assert second.results == first.results
    assert order == ["first", "second"] * 3
    assert loop.frames == 3


@pytest.mark.parametrize(("rate", "shown"), [(10.0, 4), (1.0, 6), (None, 6)])
def test_both_looks_are_at_one_picture_only_where_the_one_before_is_another(
    rate: float | None, shown: int
) -> None:
    """In a film the looks alternate; pictures a second apart, or alone, are looked at twice."""
    runtime = FakeRuntime([CAT])
    mirrored = BUNDLE._replace(mirrored=Calibration(1.0, 0.5))
    loop = make_loop(film(3, rate), Notes())
    loop.use(Classifier(mirrored, runtime), instant_smoother(LABELS))
    loop.run(Limits(), never)
    assert len(runtime.crops) == shown


def test_a_film_takes_the_time_that_its_pictures_say() -> None:
    """Averages and waits are in seconds of the film, however unevenly its pictures come."""
    places = [0.0, 0.1, 0.2, 2.0, 2.1, 9.0]
    left = iter(places)

    class Uneven(FakeReader):
        def read(self) -> tuple[Pixels, str | None] | None:
            self.position_seconds = next(left, None)
            return super().read()

    source = RecordedSource(
        Uneven(*map(pixels, range(6)), live=False, frames_per_second=10.0),
    )
    source.start()
    notes = Notes()
    loop = make_loop(source, notes, answers=[CAT, CAT, CAT, DOG], dwell_seconds=1.0)
    loop.run(Limits(), never)
    assert [result.label for result in notes.results] == [*[UNKNOWN] * 5, "dog"]
    assert [result.frame.film_seconds for result in notes.results] == places


def test_the_end_of_a_recording_is_told_once() -> None:
    notes = Notes()
    make_loop(film(2), notes).run(Limits(), never)
    assert notes.states == [(SourceState.ENDED, "fake camera")]


def test_so_many_frames_and_no_more() -> None:
    notes = Notes()
    make_loop(film(9), notes).run(Limits(frames=4), never)
    assert len(notes.results) == 4
    assert notes.states == []


def test_so_many_seconds_and_no_more() -> None:
    ticks = itertools.count(100.0, 0.5)  # each look at the clock takes half a second
    notes = Notes()
    make_loop(film(99), notes, clock=lambda: next(ticks)).run(Limits(seconds=10), never)
    assert 1 <= len(notes.results) <= 20


@pytest.mark.parametrize(
    ("limits", "frames", "seconds", "reached"),
    [
        (Limits(), 10**9, 1e9, False),
        (Limits(frames=5), 4, 1e9, False),
        (Limits(frames=5), 5, 0.0, True),
        (Limits(seconds=2.0), 10**9, 1.9, False),
        (Limits(seconds=2.0), 0, 2.0, True),
        (Limits(frames=5, seconds=2.0), 1, 2.0, True),
    ],
)
def test_limits(limits: Limits, frames: int, seconds: float, reached: bool) -> None:
    assert limits.reached(frames, seconds) is reached


def test_asked_to_stop_it_stops_after_the_frame_at_hand() -> None:
    asked: list[Result] = []
    notes = Notes(asked.append)
    make_loop(film(9), notes).run(Limits(), lambda: len(asked) == 3)
    assert len(notes.results) == 3


def test_a_film_is_smoothed_by_its_own_time_however_fast_it_is_read() -> None:
    notes = Notes()
    # At 10 frames a second the second dog stands for less than the 0.25 s it takes, the fourth not.
    loop = make_loop(film(8), notes, answers=[CAT] * 4 + [DOG], dwell_seconds=0.25)
    loop.run(Limits(), never)
    assert [r.label for r in notes.results] == ["unknown"] * 3 + ["cat"] * 4 + ["dog"]


def test_a_film_that_is_watched_keeps_its_pace() -> None:
    notes = Notes()
    now = [0.0]

    class Window(Notes):
        def idle(self) -> None:
            now[0] += 0.01  # looking at the keys takes a moment

    make_loop(film(5, rate=50.0), notes, Window(), pace=50.0, clock=lambda: now[0]).run(
        Limits(), never
    )
    assert now[0] == pytest.approx(5 / 50, abs=0.02)
    assert notes.idles > 0


def test_a_label_lasts_as_long_as_it_must() -> None:
    notes = Notes()
    now = [0.0]
    asked: list[float] = []

    class Waiting(Notes):
        def idle(self) -> None:
            now[0] += 0.1  # what a wait is made of

    def seconds_a_label(_spared: bool) -> float:
        asked.append(now[0])
        return 1.0

    loop = make_loop(
        film(3), notes, Waiting(), seconds_a_label=seconds_a_label, clock=lambda: now[0]
    )
    loop.run(Limits(), never)
    assert len(notes.results) == 3
    assert asked == pytest.approx([0.0, 1.0, 2.0], abs=0.15)


def test_the_source_is_told_how_long_nothing_is_wanted() -> None:
    rests: list[float] = []
    now = [0.0]

    class Waiting(Notes):
        def idle(self) -> None:
            now[0] += 0.1

    class Resting(RecordedSource):
        def rest(self, seconds: float) -> None:
            rests.append(seconds)

    source = Resting(FakeReader(pixels(), pixels(), live=False, frames_per_second=10.0))
    source.start()
    loop = make_loop(source, Waiting(), seconds_a_label=lambda _: 1.0, clock=lambda: now[0])
    loop.run(Limits(), never)
    assert rests == pytest.approx([1.0, 1.0])


def test_a_file_whose_disk_hangs_does_not_hold_up_a_stop() -> None:
    # Of a live camera the fake hangs once its script is over; what reads it is the same.
    reader = FakeReader(pixels(), frames_per_second=10.0)
    source = RecordedSource(reader)
    source.start()
    notes = Notes()
    make_loop(source, notes).run(Limits(), lambda: notes.idles > 2)
    assert len(notes.results) == 1
    assert not source.responsive, "systemd is to start it anew if this goes on"
    reader.feed(*map(pixels, range(5)))
    source.stop()


def test_a_picture_left_standing_does_not_hold_up_a_stop() -> None:
    notes = Notes()
    make_loop(film(2, rate=None), notes, pace=0.001).run(Limits(), lambda: notes.idles >= 2)
    assert len(notes.results) == 1


@pytest.mark.parametrize(
    ("pictures", "limits", "stays"),
    [
        (1, Limits(), True),
        (1, Limits(seconds=30.0), True),
        (1, Limits(frames=1), False),
        (2, Limits(), False),
    ],
)
def test_one_picture_alone_stays_until_it_is_closed(
    pictures: int, limits: Limits, stays: bool
) -> None:
    now, stayed = [0.0], []

    class Waiting(Notes):
        def idle(self) -> None:
            now[0] += 0.1

    loop = make_loop(
        film(pictures, rate=None),
        Waiting(),
        pace=1.0,
        stay=lambda: stayed.append(now[0]),
        clock=lambda: now[0],
        look_seconds=0.0,
    )
    loop.run(limits, lambda: now[0] >= 60.0)
    ended = (limits.seconds or 60.0) if stays else float(pictures)
    assert now[0] == pytest.approx(ended, abs=0.3)
    assert stayed == ([pytest.approx(1.0, abs=0.3)] if stays else [])


def test_between_two_frames_the_net_can_be_replaced() -> None:
    notes = Notes()
    loop = make_loop(film(4), notes, answers=[CAT])
    called: list[int] = []

    def replace_after_two() -> None:
        called.append(len(notes.results))
        if len(notes.results) == 2:
            smoother = instant_smoother(("ship", "frog"), top=1)
            loop.use(Classifier(BUNDLE, FakeRuntime([DOG])), smoother)

    loop.run(Limits(), never, replace_after_two)
    assert [r.label for r in notes.results] == ["cat", "cat", "frog", "frog"]
    assert called == [0, 1, 2, 3, 4]


def test_skipped_pictures_are_passed_on() -> None:
    reader = FakeReader(pixels(), FrameError("b.png is damaged"), pixels(), live=False)
    source = RecordedSource(reader)
    source.start()
    notes = Notes()
    make_loop(source, notes).run(Limits(), never)
    assert [(r.frame.index, r.skipped) for r in notes.results] == [(0, 0), (2, 1)]


def test_a_camera_lost_and_found_again() -> None:
    reader = FakeReader(pixels(1), SourceError("the cable is out"))
    returned = pixels(2)
    source = LiveSource(reader, retry_seconds=0.001)
    source.start()
    notes = Notes()

    def watch() -> bool:
        # Plugged in again once the loss was told; the end once a frame has come after it.
        states = [state for state, _ in notes.states]
        if states[-1:] == [SourceState.LOST] and reader.calls[-1] == "read":
            reader.feed(returned)
        return bool(notes.results) and int(notes.results[-1].frame.pixels[0, 0, 0]) == 2

    try:
        make_loop(source, notes).run(Limits(seconds=30), watch)
    finally:
        source.stop()
    assert [int(r.frame.pixels[0, 0, 0]) for r in notes.results] in ([1, 2], [2])
    lost = next(message for state, message in notes.states if state is SourceState.LOST)
    assert lost == "the cable is out"
    assert notes.states[-1] == (SourceState.STREAMING, "fake camera")
    assert all(r.age_seconds >= 0 for r in notes.results)


def test_while_no_frame_comes_the_outputs_hear_of_the_time() -> None:
    source = LiveSource(FakeReader())
    source.start()
    notes = Notes()
    try:
        make_loop(source, notes).run(Limits(), lambda: notes.idles >= 3)
    finally:
        source.stop()
    assert notes.results == []


def test_a_slow_net_gets_the_newest_frame() -> None:
    reader = FakeReader(*(pixels(number) for number in range(5)))
    source = LiveSource(reader)
    source.start()
    wait_for(lambda: reader.wait_until_hanging(0.1), "the camera to have sent all it has")
    notes = Notes()
    try:
        make_loop(source, notes).run(Limits(frames=1), never)
    finally:
        source.stop()
    assert [(r.frame.index, r.skipped) for r in notes.results] == [(4, 4)]
