"""Steps: a service that runs, and what befalls it."""

import contextlib
import os
import random
import re
import shutil
import signal
import time
from datetime import datetime
from pathlib import Path

from tests.board.guest.board import (
    LOG,
    PATIENCE,
    PREFIX,
    SERVICE,
    configure,
    do,
    end_of_log,
    events,
    every_frame,
    is_active,
    journal,
    number,
    reload,
    run,
    seconds_since,
    settle,
    show,
    streaming,
    wait_for_event,
    wait_until_streaming,
)
from tests.board.guest.harness import STATE, NotProvedError, Restart, check, figure, wait_for

DROP_IN = Path(f"/run/systemd/system/{SERVICE}.service.d/quick.conf")
BUNDLES = Path("/srv/bundles")
KILLS = 50
EX_CONFIG = 78


def after_restart() -> str:
    """After a restart of the board labels are in the log and the journal, by themselves."""
    wait_until_streaming()
    booted = time.time() - float(Path("/proc/uptime").read_text().split()[0])
    every = events()
    last = max(index for index, event in enumerate(every) if event["event"] == "start")
    start = every[last]
    started = datetime.fromisoformat(start["time"]).timestamp()
    check(started > booted, f"the log has no start since the restart, the last is {start}")
    check("/dev/video0" in start["source"], f"not the camera: {start['source']}")
    label = next(event for event in every[last:] if event["event"] == "label")
    told = journal(booted)
    line = next((line for line in told.splitlines() if f"  {label['label']}" in line), None)
    if line is None:
        raise NotProvedError(f"no label in the journal: {told[-300:]}")
    micros = number("ActiveEnterTimestampMonotonic")
    figure(
        "from the kernel's start to the first label (auto: runtimes are measured)",
        f"{micros / 1e6:.1f} s",
    )
    figure("runtime chosen", start["runtime"])
    seen = f"{label['label']} {label['confidence']} from {start['source']}"
    return f"log: {seen}; journal: {line}"


def status() -> str:
    """`systemctl status` tells the label, the rate and the age of the picture."""
    text = wait_until_streaming()
    check("labels/s" in text and "ms old" in text, text)
    shown = run("systemctl", "status", "--no-pager", SERVICE).stdout
    check('Status: "streaming: ' in shown, f"`systemctl status` shows {shown[:500]}")
    memory = number("MemoryCurrent") / 1e6
    figure("memory of the service's control group", f"{memory:.0f} MB")
    return f"{text}; {memory:.0f} MB"


# --- reload ---------------------------------------------------------------------------------


def reload_configuration() -> str:
    """SIGHUP takes up a changed configuration without a new process."""
    process = number("MainPID")
    event = reload(every_frame())
    check("refused" not in event, f"refused: {event}")
    mark = end_of_log()
    wait_for(lambda: events(mark, "frame"), PATIENCE, "a line for every frame")
    check(number("MainPID") == process, "a new process")
    later = ", ".join(event.get("needs_restart", []))
    return f"log.every_frame is on; for a restart: {later}; process {process} as before"


def reload_model() -> str:
    """SIGHUP with another model: it is taken up."""
    shutil.copytree(PREFIX / "current/program/models/fastnet-cifar10", BUNDLES / "good")
    description = BUNDLES / "good/model.yaml"
    text, renamed = re.subn(r"(?m)^name: .*$", "name: another", description.read_text())
    check(renamed == 1, f"{description} has no name")
    description.write_text(text)
    process = number("MainPID")
    event = reload(every_frame(bundle=BUNDLES / "good"))
    check(event.get("model") == "another", f"not taken up: {event}")
    mark = end_of_log()
    wait_for(lambda: events(mark, "frame"), PATIENCE, "labels of the new model")
    check(number("MainPID") == process, "a new process")
    return f"runs model {event['model']}; process {process} as before"


def reload_broken_model() -> str:
    """SIGHUP with a broken model: it is refused, and the old one keeps running."""
    shutil.copytree(BUNDLES / "good", BUNDLES / "broken")
    model = BUNDLES / "broken/model.tflite"
    os.truncate(model, model.stat().st_size // 2)
    process = number("MainPID")
    event = reload(every_frame(bundle=BUNDLES / "broken"))
    check("refused" in event, f"not refused: {event}")
    mark = end_of_log()
    wait_for(lambda: events(mark, "frame"), PATIENCE, "labels of the old model")
    check(number("MainPID") == process and is_active(), "a new process")
    shutil.rmtree(BUNDLES)
    # What is refused must not be what the next start reads.
    reload(every_frame())
    return f"refused: {event['refused']}"


# --- ends of all kinds ----------------------------------------------------------------------


def watchdog() -> str:
    """SIGSTOP: the watchdog restarts a program that stands still."""
    settle()
    process, restarts, started, since = (
        number("MainPID"),
        number("NRestarts"),
        time.monotonic(),
        time.time(),
    )
    os.kill(process, signal.SIGSTOP)
    wait_for(lambda: number("NRestarts") > restarts, PATIENCE, "a restart", every=1.0)
    wait_until_streaming()
    seconds = seconds_since(started)
    line = next((line for line in journal(since).splitlines() if "Watchdog timeout" in line), None)
    if line is None:
        raise NotProvedError("restarted, but not by the watchdog")
    figure("from standing still to the next label", f"{seconds} s")
    return f"{line.split(': ', 1)[1]}; labels again {seconds} s after it stood still"


def killed() -> str:
    """kill -9, fifty times: it comes back, and every line of the log is whole."""
    # A fixed seed, so that the same moments are tried again; a short wait, to get to fifty.
    moments = random.Random(0)
    DROP_IN.parent.mkdir(parents=True, exist_ok=True)
    DROP_IN.write_text("[Service]\nRestartSec=100ms\nRestartSteps=0\n")
    do("systemctl", "daemon-reload")
    configure(every_frame())
    do("systemctl", "restart", SERVICE)
    restarts = number("NRestarts")
    lines = len(events())
    for _ in range(KILLS):
        time.sleep(moments.uniform(0, 2))
        mark = end_of_log()
        do("systemctl", "kill", "--signal=KILL", SERVICE)
        wait_for_event(mark, "start")
    DROP_IN.unlink()
    do("systemctl", "daemon-reload")
    wait_until_streaming()
    new = events()[lines:]
    starts = sum(event["event"] == "start" for event in new)
    check(starts >= KILLS, f"{starts} starts in the log after {KILLS} kills")
    repaired = sum(event["event"] == "repaired" for event in new)
    killed = number("NRestarts") - restarts
    return (
        f"{killed} restarts, {starts} starts in the log, {len(new)} new lines, all whole; "
        f"{repaired} torn end(s) mended"
    )


def disk_full() -> str:
    """A full disk: labelling goes on without the log, which says afterwards what is missing."""
    settle()
    process, since, ballast = number("MainPID"), time.time(), STATE / "ballast"
    mark = end_of_log()
    try:
        _fill(ballast)
        wait_for(
            lambda: "the log cannot be written" in journal(since), PATIENCE, "a word in the journal"
        )
        _fill(ballast)  # what the journal has let go of
        check(wait_until_streaming(), "no label")
        time.sleep(5)
        check(streaming() and number("MainPID") == process, "the service did not bear it")
    finally:
        ballast.unlink(missing_ok=True)
    lost = wait_for_event(mark, "lost")
    wait_for_event(mark, "frame")
    check(number("MainPID") == process, "a new process")
    return f"{lost['lines']} lines are missing and said to be; the rest is whole; same process"


def _fill(file: Path) -> None:
    """Take all the room that there is, down to the last block."""
    with file.open("ab") as ballast:
        for size in (1 << 28, 1 << 20, 1 << 12):
            with contextlib.suppress(OSError):
                while True:
                    os.posix_fallocate(ballast.fileno(), file.stat().st_size, size)


def stop() -> str:
    """`systemctl stop` ends it in order, and the log ends with `stop`."""
    settle()
    mark, started = end_of_log(), time.monotonic()
    do("systemctl", "stop", SERVICE)
    seconds = seconds_since(started)
    check(show("Result") == "success", f"result {show('Result')}")
    last = events(mark)[-1]
    check(last["event"] == "stop", f"the last line is {last}")
    check(LOG.read_bytes().endswith(b"\n"), "the last line is not whole")
    figure("systemctl stop", f"{seconds} s")
    return f"stopped in {seconds} s; {last['frames']} frames were labelled"


def wrong_configuration() -> str:
    """A wrong configuration ends with status 78 and is not tried again."""
    configure("source:\n  urri: auto\n")
    since = time.time()
    started = run("systemctl", "restart", SERVICE)
    check(started.returncode != 0, "it started")
    time.sleep(20)
    status, state = number("ExecMainStatus"), show("ActiveState")
    check(status == EX_CONFIG and state == "failed", f"status {status}, {state}")
    restarts = number("NRestarts")
    check(restarts == 0, f"{restarts} restarts")
    said = [line for line in journal(since).splitlines() if "urri" in line]
    check(len(said) == 1, f"{len(said)} lines of the journal name the key")
    configure(every_frame())
    settle()
    return f"status {status}, {state}, no restart in 20 s; {said[0].split(': ', 1)[1]}"


# --- a power cut ----------------------------------------------------------------------------


def power_cut() -> Restart:
    """The power is cut while the log is being written."""
    settle()
    configure(every_frame())
    os.sync()
    (STATE / "lines").write_text(str(len(events())))
    os.sync()
    mark = end_of_log()
    wait_for(lambda: len(events(mark, "frame")) > 1, PATIENCE, "new lines")
    return Restart(f"cut at {end_of_log()} bytes of log", power_cut=True)


def after_power_cut() -> str:
    """After the power cut the log is whole, and the service runs by itself."""
    wait_until_streaming()
    known = int((STATE / "lines").read_text())
    every = events()
    check(len(every) > known, f"{len(every)} lines, and there were {known} before the cut")
    repaired = [event["bytes"] for event in every[known - 1 :] if event["event"] == "repaired"]
    return f"{len(every)} lines, all whole; torn bytes mended: {repaired or 'none'}"
