"""Steps: cameras that come late, go, come back, and stop sending."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.board.guest.board import (
    PATIENCE,
    SERVICE,
    do,
    end_of_log,
    events,
    is_active,
    number,
    plug,
    run,
    seconds_since,
    set_control,
    settle,
    show,
    streaming,
    wait_for_event,
    wait_until_streaming,
)
from tests.board.guest.harness import check, figure, wait_for

ALL, NONE = 100, 0


def ready_with_the_first_label() -> str:
    """READY comes with the first label, not with an open camera."""
    do("systemctl", "stop", SERVICE)
    set_control("percentage_of_dropped_buffers", ALL)
    mark = end_of_log()
    do("systemctl", "start", "--no-block", SERVICE)
    wait_for_event(mark, "start")
    time.sleep(10)
    state = show("ActiveState")
    check(state == "activating", f"{state}, though the camera has sent nothing")
    status = show("StatusText")
    set_control("percentage_of_dropped_buffers", NONE)
    wait_for(is_active, PATIENCE, "ready")
    label = wait_for_event(mark, "label")
    labelled = datetime.fromisoformat(label["time"])
    late = (_ready_since() - labelled).total_seconds()
    check(late >= 0, f"ready {-late:.3f} s before the first label")
    return f"activating ({status}) while the camera sent nothing; ready {late:.3f} s after a label"


def _ready_since() -> datetime:
    text = do(
        "systemctl",
        "show",
        "--property=ActiveEnterTimestamp",
        "--value",
        "--timestamp=us+utc",
        SERVICE,
    )
    return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=UTC)


def disconnected() -> str:
    """Unplugged, 1: the driver says that the device is gone."""
    # What it takes to plug it in again is to open it again.
    return _lost_and_found(lambda: set_control("disconnect", 1), lambda: None, "disconnected")


def unbound() -> str:
    """Unplugged, 2: the driver is unbound, so the node goes, and bound again."""

    def unplug() -> None:
        plug(in_=False)
        check(not Path("/dev/video0").exists(), "/dev/video0 is still there")

    return _lost_and_found(unplug, lambda: plug(in_=True), "unbound")


def silent() -> str:
    """Unplugged, 3: the driver stops delivering pictures, and goes on."""
    return _lost_and_found(
        lambda: set_control("percentage_of_dropped_buffers", ALL),
        lambda: set_control("percentage_of_dropped_buffers", NONE),
        "silent",
    )


def _lost_and_found(lose: Callable[[], None], find: Callable[[], None], name: str) -> str:
    settle()
    process, restarts = number("MainPID"), number("NRestarts")
    mark, started = end_of_log(), time.monotonic()
    lose()
    lost = wait_for_event(mark, "source", state="lost")
    lost_after = seconds_since(started)
    started = time.monotonic()
    find()
    wait_for_event(mark, "source", state="streaming")
    back_after = seconds_since(started)
    back = end_of_log()
    wait_for(lambda: events(back, "frame"), PATIENCE, "a label of a new picture")
    wait_until_streaming()
    same = (number("MainPID"), number("NRestarts")) == (process, restarts)
    check(same, "it took a restart of the service")
    figure(f"camera {name}: noticed after, back after", f"{lost_after} s, {back_after} s")
    return f"lost after {lost_after} s ({lost['message']}), back after {back_after} s; same process"


def driver_comes_later() -> str:
    """A service that starts before the camera's driver is there finds the camera when it comes."""
    do("systemctl", "stop", SERVICE)
    # All of V4L2 must go: systemd then cannot look up what the unit's DeviceAllow names.
    wait_for(_remove_v4l2, 60, "a kernel without V4L2")
    do("systemctl", "start", "--no-block", SERVICE)
    restarts = wait_for(
        lambda: number("NRestarts"), PATIENCE, "a first try without a camera", every=1.0
    )
    check(not is_active(), "ready without a camera")
    do("modprobe", "vivid")
    wait_until_streaming()
    return f"tried {restarts} time(s) without a camera, then: {streaming()}"


def _remove_v4l2() -> bool:
    """Remove what nothing uses any more; whether the kernel knows of no camera at all."""
    for line in Path("/proc/modules").read_text().splitlines():
        module, _, users, *_ = line.split()
        if users == "0" and module.startswith(("vivid", "v4l2", "video")):
            run("modprobe", "--remove", module)
    return "video4linux" not in Path("/proc/devices").read_text()


def mend() -> None:
    """Give the service its camera and bring it to a label, whatever a step has left behind."""
    do("modprobe", "vivid")
    if Path("/dev/video0").exists():
        set_control("percentage_of_dropped_buffers", NONE)
    else:
        plug(in_=True)
    settle()
