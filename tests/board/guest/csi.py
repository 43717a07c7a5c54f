"""The service with a camera that picamera2 reads: libcamera's virtual pipeline plays it."""

from tests.board.guest import installing, running
from tests.board.guest.board import (
    CHECKOUT,
    DROP_INS,
    PREFIX,
    SERVICE,
    Event,
    configure,
    do,
    end_of_log,
    events,
    every_frame,
    settle,
    show,
    wait_for_event,
    wait_until_streaming,
)
from tests.board.guest.harness import check, figure, prove_on_board

SHIMS = CHECKOUT / "tests/board/pi/shims"
DROP_IN = DROP_INS / "shims.conf"


def packages() -> str:
    """The environment sees the system's picamera2, and numpy is the system's, for both."""
    python = str(PREFIX / "current/environment/bin/python")
    places = do(
        python,
        "-c",
        "import importlib.util as i\n"
        "print(*(i.find_spec(name).origin for name in ('picamera2', 'numpy', 'ai_edge_litert')))",
    ).split()
    check(all("dist-packages" in place for place in places[:2]), f"{places}")
    check(str(PREFIX) in places[2], f"{places}")
    return ", ".join(places)


def labels() -> str:
    """csi:0: labels of what unmodified calls of picamera2 give."""
    DROP_IN.parent.mkdir(exist_ok=True)
    DROP_IN.write_text(f"[Service]\nEnvironment=PYTHONPATH={SHIMS}:{PREFIX}/current/program\n")
    do("systemctl", "daemon-reload")
    configure(every_frame(source="csi:0"))
    mark = end_of_log()
    do("systemctl", "restart", SERVICE)
    return _seen(mark)


def after_restart() -> str:
    """After a restart of the board csi:0 is labelled by itself."""
    wait_until_streaming()
    seen = _seen(0)
    starts = events(0, "start")
    figure(
        "from the kernel's start to the first label of csi:0",
        f"{int(show('ActiveEnterTimestampMonotonic')) / 1e6:.1f} s",
    )
    check(len(starts) > 2, f"{len(starts)} starts: none since the restart")
    return seen


def _seen(mark: int) -> str:
    label = wait_for_event(mark, "label")
    start: Event = events(mark, "start")[-1]
    check("csi:0" in start["source"] and "640x480" in start["source"], start["source"])
    frame = wait_for_event(end_of_log(), "frame")
    figure("runtime chosen", start["runtime"])
    return f"{label['label']} {label['confidence']}, frame {frame['frame']}, of {start['source']}"


if __name__ == "__main__":
    prove_on_board(
        [
            installing.clean_system,
            installing.install,
            packages,
            labels,
            installing.security,
            installing.restart,
            after_restart,
            running.status,
            running.stop,
            running.wrong_configuration,
            installing.uninstall,
            installing.purge,
        ],
        after=settle,
    )
