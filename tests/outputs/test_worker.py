"""The thread that slow things are left to."""

import threading

from camera_app.outputs.worker import Worker


def test_items_are_handled_in_order_and_all_before_the_end() -> None:
    handled: list[int] = []
    worker = Worker(handled.append, capacity=2, lossless=True, name="test")
    assert all(worker.put(number) for number in range(100))
    assert worker.close(20)
    assert handled == list(range(100))


def test_full_worker_drops_what_is_new_and_never_waits() -> None:
    held, handled = threading.Event(), list[int]()

    def hold(number: int) -> None:
        held.wait(20)
        handled.append(number)

    worker = Worker(hold, capacity=3, lossless=False, name="test")
    taken = [number for number in range(100) if worker.put(number)]
    held.set()
    assert worker.close(20)
    assert handled == taken
    assert len(taken) in {3, 4}  # one may have left the queue for the thread's hands


def test_hanging_worker_is_given_up() -> None:
    held = threading.Event()

    def hang(_number: int) -> None:
        held.wait(20)

    worker = Worker(hang, capacity=1, lossless=False, name="test")
    worker.put(1)
    assert not worker.close(0.01)
    held.set()
    assert worker.close(20)
    assert not worker.put(2)


def test_hanging_worker_that_may_lose_nothing_is_given_up_too() -> None:
    held, handled = threading.Event(), list[int]()

    def hang(number: int) -> None:
        held.wait(20)
        handled.append(number)

    worker = Worker(hang, capacity=1, lossless=True, name="test")
    worker.put(1)
    worker.put(2)
    assert not worker.close(0.01, 3)
    held.set()
    assert worker.close(20)
    assert handled == [1, 2]


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
