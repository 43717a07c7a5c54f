"""Nets take turns, and what slows all of them down does not change a ratio."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from models.compare.turns import RUNS_A_TURN, time_in_turn


@dataclass
class Machine:
    """A clock that only running a net moves on, and the order in which nets ran."""

    now: float = 0.0
    slowness: float = 1.0
    order: list[str] = field(default_factory=list)

    def net(self, name: str, seconds: float) -> Callable[[], None]:
        def run() -> None:
            self.now += seconds * self.slowness
            self.order.append(name)

        return run

    def clock(self) -> float:
        return self.now


def test_latency_and_ratio_are_medians() -> None:
    machine = Machine()
    runs = {"ours": machine.net("ours", 0.002), "other": machine.net("other", 0.005)}

    timings = time_in_turn(runs, "ours", 3, clock=machine.clock)

    assert timings["ours"].ms == pytest.approx(2)
    assert timings["ours"].ratio == 1
    assert timings["other"].ms == pytest.approx(5)
    assert timings["other"].ratio == pytest.approx(2.5)
    assert timings["other"].spread == pytest.approx(0)


def test_each_round_gives_each_net_its_turn_with_one_run_that_is_not_timed() -> None:
    machine = Machine()
    runs = {name: machine.net(name, 1) for name in "ab"}

    time_in_turn(runs, "a", 2, clock=machine.clock)

    turn = 1 + RUNS_A_TURN
    assert "".join(machine.order) == ("a" * turn + "b" * turn) * 2


def test_a_machine_that_gets_slower_changes_no_ratio() -> None:
    machine = Machine()
    ours = machine.net("ours", 1)

    def ours_after_a_pause() -> None:
        ours()
        if machine.order.count("ours") % (1 + RUNS_A_TURN) == 1:
            machine.slowness *= 1.7

    runs = {"ours": ours_after_a_pause, "other": machine.net("other", 3)}
    timings = time_in_turn(runs, "ours", 5, clock=machine.clock)

    assert timings["other"].ratio == pytest.approx(3)


def test_spread_is_that_of_the_middle_half_of_the_rounds() -> None:
    machine = Machine()
    # One round each of 8, 9, 10, 11 and 100 ms: half of them lie within 9 … 11.
    speeds = [ms for ms in (8, 9, 10, 11, 100) for _ in range(1 + RUNS_A_TURN)]
    waiting = iter(speeds)

    def run() -> None:
        machine.now += next(waiting) / 1e3

    timing = time_in_turn({"ours": run}, "ours", 5, clock=machine.clock)["ours"]

    assert timing.ms == pytest.approx(10)
    assert timing.spread == pytest.approx(0.2)
