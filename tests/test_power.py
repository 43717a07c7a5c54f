"""The label rate: as configured, lower while it is hot, said once."""

import pytest

from camera_app.power import CHECK_SECONDS, IDLE_SECONDS, Governor
from camera_app.sensors import Throttling


class Board:
    """Sensors and a clock to set by hand, and what was told."""

    def __init__(self, **options: float | None) -> None:
        self.celsius: float | None = 50.0
        self.flags: Throttling | None = None
        self.now = 0.0
        self.still = False
        self.looks = 0
        self.told: list[tuple[str, float | None]] = []
        usual: dict[str, float | None] = {
            "max_fps": None,
            "hot_fps": 5.0,
            "temperature_limit": 75.0,
        }
        self.governor = Governor(
            **{**usual, **options},  # type: ignore[arg-type]
            tell=lambda message, fps: self.told.append((message, fps)),
            temperature=self._look,
            throttling=lambda: self.flags,
            clock=lambda: self.now,
        )

    def _look(self) -> float | None:
        self.looks += 1
        return self.celsius

    def fps(self) -> float | None:
        """Labels a second at most, when the sensors are next looked at."""
        self.now += CHECK_SECONDS
        seconds = self.governor.seconds_a_label(spared=self.still)
        return 1 / seconds if seconds else None


def test_without_limits_labels_come_as_fast_as_they_can() -> None:
    board = Board()
    assert board.fps() is None
    assert board.told == []


def test_a_rate_that_is_asked_for_holds() -> None:
    assert Board(max_fps=10.0).fps() == pytest.approx(10)


def test_heat_lowers_the_rate_and_is_said_once() -> None:
    board = Board()
    board.fps()
    board.celsius = 75.0
    for _ in range(5):
        assert board.fps() == pytest.approx(5)
    ((message, fps),) = board.told
    assert message == "75 °C, and the limit is 75 °C: at most 5 labels a second for now"
    assert fps == 5.0


def test_the_rate_is_given_back_five_degrees_below_the_limit() -> None:
    board = Board(max_fps=20.0)
    for celsius, expected in [(80.0, 5), (74.0, 5), (70.0, 5), (69.9, 20), (74.0, 20)]:
        board.celsius = celsius
        assert board.fps() == pytest.approx(expected)
    assert board.told[1] == ("cool enough at 70 °C: labels come as fast as before", 20.0)
    assert len(board.told) == 2


def test_a_processor_that_the_firmware_throttles_is_too_hot() -> None:
    board = Board()
    board.celsius = None
    board.flags = Throttling(0x4)
    assert board.fps() == pytest.approx(5)
    assert board.told[0][0].startswith("the processor is throttled: at most 5 labels")
    board.flags = Throttling(0x40000)
    assert board.fps() is None
    assert board.told[1][0] == "cool enough: labels come as fast as before"


def test_heat_never_raises_the_rate() -> None:
    board = Board(max_fps=2.0)
    board.celsius = 90.0
    assert board.fps() == pytest.approx(2)


def test_a_board_without_sensors_is_never_too_hot() -> None:
    board = Board()
    board.celsius = None
    assert board.fps() is None


def test_no_limit_asks_no_sensor() -> None:
    board = Board(temperature_limit=None)
    board.celsius = 110.0
    assert board.fps() is None
    assert board.looks == 0


def test_sensors_are_looked_at_every_few_seconds_and_not_at_every_frame() -> None:
    board = Board()
    for _ in range(100):
        board.governor.seconds_a_label(spared=False)
        board.now += CHECK_SECONDS / 10
    assert board.looks == 10


def test_a_scene_that_stays_still_is_looked_at_less_often() -> None:
    board = Board(idle_fps=10.0)

    def seconds(still: bool, wait: float) -> float:
        board.now += wait
        return board.governor.seconds_a_label(still)

    assert seconds(still=False, wait=0.0) == 0.0
    assert seconds(still=True, wait=IDLE_SECONDS - 0.1) == 0.0, "it may move again at once"
    assert seconds(still=True, wait=0.1) == pytest.approx(0.1)
    assert seconds(still=False, wait=0.1) == 0.0
    assert seconds(still=True, wait=0.1) == 0.0
    assert board.told == [], "nothing to be told of: it is neither hot nor slow"


@pytest.mark.parametrize(("max_fps", "expected"), [(None, 10), (5.0, 5), (20.0, 10)])
def test_the_lowest_rate_holds(max_fps: float | None, expected: float) -> None:
    board = Board(idle_fps=10.0, max_fps=max_fps)
    board.fps()
    board.still = True
    assert board.fps() == pytest.approx(expected)
    board.celsius = 80.0
    assert board.fps() == pytest.approx(5)


def test_without_an_idle_rate_a_still_scene_is_like_any_other() -> None:
    board = Board()
    board.still = True
    assert board.fps() is None
