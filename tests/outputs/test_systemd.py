"""What systemd is told, received on a real socket."""

import contextlib
import os
import socket

import pytest

from camera_app.outputs.fake import FakeSystemd
from camera_app.outputs.systemd import SystemdNotifier
from camera_app.sources.base import SourceState

from .conftest import Clock, make_result

PROCESS = 4711


def notifier(systemd: FakeSystemd, clock: Clock, **variables: str) -> SystemdNotifier:
    return SystemdNotifier(
        lambda: True, environment=systemd.environment | variables, process=PROCESS, clock=clock
    )


def test_ready_with_the_first_label_and_once(systemd: FakeSystemd, clock: Clock) -> None:
    output = notifier(systemd, clock)
    output.source_changed(SourceState.CONNECTING, "opening")
    output.idle()
    assert "READY=1" not in systemd.received()
    output.write(make_result())
    output.write(make_result())
    assert systemd.received().count("READY=1") == 1


def fill(systemd: FakeSystemd) -> None:
    """Send to it what is no news, until its queue takes no more."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                other.sendto(b"X=1", systemd.environment["NOTIFY_SOCKET"])


def test_what_a_full_queue_did_not_take_is_told_later(systemd: FakeSystemd, clock: Clock) -> None:
    """While many services start, systemd may be behind; and it waits for one that is not ready."""
    output = notifier(systemd, clock, WATCHDOG_USEC="8000000")
    fill(systemd)
    output.write(make_result())
    systemd.received()
    output.idle()
    told = systemd.received()
    assert [message.partition("=")[0] for message in told] == ["READY", "WATCHDOG", "STATUS"]
    output.reloading()
    fill(systemd)
    output.reloaded()
    output.source_changed(SourceState.LOST, "the cable is out")
    systemd.received()
    clock.seconds += 1
    output.idle()
    assert systemd.received() == ["READY=1", "STATUS=lost: the cable is out (last label: cat)"]
    clock.seconds += 0.1
    output.idle()
    assert systemd.received() == []


def test_an_abstract_socket_is_found(clock: Clock) -> None:
    other = FakeSystemd(f"\0camera-app-test-{os.getpid()}")
    try:
        notifier(other, clock).write(make_result())
        assert "READY=1" in other.received()
    finally:
        other.close()


def test_the_status_says_state_label_and_rates_once_a_second(
    systemd: FakeSystemd, clock: Clock
) -> None:
    output = notifier(systemd, clock)
    for index in range(30):
        output.write(make_result(confidence=0.5 + index / 100, skipped=index))
        clock.seconds += 0.1
    statuses = [message for message in systemd.received() if message.startswith("STATUS=")]
    assert len(statuses) == 3
    assert statuses[0] == "STATUS=streaming: cat 50%, 29.8 labels/s, 34 ms old, 0 skipped"


def test_a_lost_camera_is_in_the_status_with_the_last_label(
    systemd: FakeSystemd, clock: Clock
) -> None:
    output = notifier(systemd, clock)
    output.idle()
    assert systemd.received() == ["STATUS=connecting: waiting for the first picture"]
    clock.seconds += 1
    output.write(make_result())
    systemd.received()
    output.source_changed(SourceState.LOST, "the cable\nREADY=1 is out")
    assert systemd.received() == [], "within the second nothing is said"
    clock.seconds += 1
    output.idle()
    said = "STATUS=lost: the cable READY=1 is out (last label: cat)"
    assert systemd.received() == [said], "on one line: nothing in it can pass for a message"
    clock.seconds += 1
    output.idle()
    assert systemd.received() == [], "nothing new"


def test_a_frame_does_not_make_a_lost_camera_stream(systemd: FakeSystemd, clock: Clock) -> None:
    output = notifier(systemd, clock)
    output.source_changed(SourceState.LOST, "the cable is out")
    clock.seconds += 1
    output.write(make_result())
    assert "STATUS=lost: the cable is out (last label: cat)" in systemd.received()


def test_the_watchdog_is_fed_four_times_in_its_timeout(systemd: FakeSystemd, clock: Clock) -> None:
    output = notifier(systemd, clock, WATCHDOG_USEC="20000000", WATCHDOG_PID=str(PROCESS))
    for _ in range(200):
        output.idle()
        clock.seconds += 0.1
    assert systemd.received().count("WATCHDOG=1") == 4


def test_frames_feed_the_watchdog_too(systemd: FakeSystemd, clock: Clock) -> None:
    output = notifier(systemd, clock, WATCHDOG_USEC="20000000")
    output.write(make_result())
    clock.seconds += 5
    output.write(make_result())
    assert systemd.received().count("WATCHDOG=1") == 2


def test_a_source_that_will_not_come_back_starves_the_watchdog(
    systemd: FakeSystemd, clock: Clock
) -> None:
    alive = [False]
    output = SystemdNotifier(
        lambda: alive[0], environment=systemd.environment | {"WATCHDOG_USEC": "1"}, clock=clock
    )
    output.idle()
    assert "WATCHDOG=1" not in systemd.received()
    alive[0] = True
    output.idle()
    assert "WATCHDOG=1" in systemd.received()


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "1", "WATCHDOG_PID": str(PROCESS + 1)},
    ],
)
def test_no_watchdog_waits_for_us(
    systemd: FakeSystemd, clock: Clock, variables: dict[str, str]
) -> None:
    notifier(systemd, clock, **variables).idle()
    assert "WATCHDOG=1" not in systemd.received()


def test_a_reload_begins_with_its_time_and_ends_ready(systemd: FakeSystemd, clock: Clock) -> None:
    output = notifier(systemd, clock)
    output.write(make_result())
    systemd.received()
    output.reloading()
    (begin,) = systemd.received()
    assert begin.startswith("RELOADING=1\nMONOTONIC_USEC=")
    output.reloaded()
    assert systemd.received() == ["READY=1"]


def test_a_reload_before_the_first_label_does_not_make_it_ready(
    systemd: FakeSystemd, clock: Clock
) -> None:
    output = notifier(systemd, clock)
    output.reloading()
    output.reloaded()
    assert "READY=1" not in systemd.received()


def test_stopping_is_said_once(systemd: FakeSystemd, clock: Clock) -> None:
    output = notifier(systemd, clock)
    output.close()
    output.close()
    output.write(make_result())
    assert systemd.received() == ["STOPPING=1"]


@pytest.mark.parametrize(
    "address", ["", "relative", "vsock:2:1", "/nowhere/at/all", f"/{'long' * 100}", "@"]
)
def test_without_a_socket_that_listens_nothing_happens(clock: Clock, address: str) -> None:
    output = SystemdNotifier(lambda: True, environment={"NOTIFY_SOCKET": address}, clock=clock)
    output.write(make_result())
    output.close()


def test_a_systemd_that_does_not_read_holds_nothing_up(systemd: FakeSystemd, clock: Clock) -> None:
    output = notifier(systemd, clock)
    result = make_result()
    for index in range(5000):
        output.write(result._replace(label=f"label {index}"))
        clock.seconds += 1
    assert 0 < len(systemd.received()) < 5000
