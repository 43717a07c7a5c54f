"""The thread that slow things are left to."""

import threading

from camera_app.outputs.worker import Worker


def test_items_are_handled_in_order_and_all_before_the_end() -> None:
    handled: list[int] = []
    worker = Worker(handled.append, capacity=2, lossless=True, name="test")
    assert all(worker.put(number) for number in range(100))
    assert worker.close(20)
    assert handled == list(range(100))


class Holder:
    """Handles items once it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.handled: list[int] = []

    def handle(self, number: int) -> None:
        self.go.wait(20)
        self.handled.append(number)


def test_full_worker_drops_what_is_new_and_never_waits() -> None:
    holder = Holder()
    worker = Worker(holder.handle, capacity=3, lossless=False, name="test")
    taken = [number for number in range(100) if worker.put(number)]
    holder.go.set()
    assert worker.close(20)
    assert holder.handled == taken
    assert len(taken) in {3, 4}  # one may have left the queue for the thread's hands


def test_hanging_worker_is_given_up() -> None:
    holder = Holder()
    worker = Worker(holder.handle, capacity=1, lossless=False, name="test")
    worker.put(1)
    assert not worker.close(0.01)
    holder.go.set()
    assert worker.close(20)
    assert not worker.put(2)


def test_hanging_worker_that_may_lose_nothing_is_given_up_too() -> None:
    holder = Holder()
    stop = threading.Event()
    worker = Worker(holder.handle, capacity=1, lossless=True, name="test", stopped=stop.is_set)
    worker.put(1)
    worker.put(2)
    stop.set()
    assert not worker.close(0.01, 3)
    holder.go.set()
    assert worker.close(20)
    assert holder.handled == [1, 2, 3]


def test_what_may_not_be_lost_is_waited_for_until_the_program_is_to_end() -> None:
    holder = Holder()
    worker = Worker(holder.handle, capacity=1, lossless=True, name="test")
    worker.put(1)
    worker.put(2)
    threading.Timer(0.3, holder.go.set).start()
    assert worker.close(0.0, 3)
    assert holder.handled == [1, 2, 3]


def test_nobody_waits_for_room_once_the_program_is_to_end() -> None:
    holder, stop = Holder(), threading.Event()
    worker = Worker(holder.handle, capacity=1, lossless=True, name="test", stopped=stop.is_set)
    threading.Timer(0.05, stop.set).start()
    taken: list[int] = []
    while worker.put(len(taken)):
        taken.append(len(taken))
    holder.go.set()
    assert worker.close(20)
    assert holder.handled == taken
    assert len(taken) in {1, 2}


def test_the_last_item_comes_last() -> None:
    handled: list[int] = []
    worker = Worker(handled.append, capacity=1, lossless=False, name="test")
    worker.put(1)
    assert worker.close(20, 2)
    assert handled == [1, 2]


def test_idle_is_called_while_nothing_comes() -> None:
    idle = threading.Event()
    worker = Worker(
        print, capacity=1, lossless=True, name="test", idle=idle.set, idle_seconds=0.001
    )
    assert idle.wait(20)
    worker.close(20)
