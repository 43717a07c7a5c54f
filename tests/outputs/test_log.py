"""The log: events that say what happened, and that parse whatever ended the program."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_app.errors import OutputError
from camera_app.frame import Result
from camera_app.outputs import line_file, worker
from camera_app.outputs import log as log_module
from camera_app.outputs.log import LINES_WAITING, SIGNATURE, JsonLinesLog
from camera_app.sources.base import SourceState

from .conftest import Clock, make_result

REPOSITORY = Path(__file__).parent.parent.parent
EPOCH = 1_800_000_000.123


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().decode().split("\n")[:-1]]


def kinds(path: Path) -> list[str]:
    return [event["event"] for event in events(path)]


def open_log(path: Path, clock: Clock, **options: Any) -> JsonLinesLog:
    return JsonLinesLog(
        path, **{"live": False, "clock": clock, "wall_clock": lambda: EPOCH, **options}
    )


def write_all(log: JsonLinesLog, results: list[Result]) -> None:
    for result in results:
        log.write(result)
    log.close()


def test_heat_and_reloads_are_logged(tmp_path: Path) -> None:
    log = JsonLinesLog(tmp_path / "labels.jsonl", live=True)
    log.power_changed("81 °C: at most 5 labels a second for now", 5.0)
    log.reloaded({"refused": "no model 'x'"})
    log.close()
    lines = [json.loads(line) for line in log.path.read_text("utf-8").splitlines()]
    power, reload = lines[1:3]
    assert (power["event"], power["max_fps"]) == ("power", 5.0)
    assert power["message"].startswith("81 °C")
    assert (reload["event"], reload["refused"]) == ("reload", "no model 'x'")


def test_what_was_written_is_on_the_disk_a_second_later(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    file = line_file.LineFile(
        tmp_path / "log.jsonl", signature=SIGNATURE, max_bytes=10_000, backups=1
    )
    writer = log_module._Writer(file, clock, lambda _event, _fields: b"")
    writer.idle()
    assert not synced, "there is nothing to sync"
    for seconds, times in [(0.0, 0), (0.5, 0), (0.5, 1), (0.25, 1), (0.75, 1), (0.25, 2)]:
        clock.seconds += seconds
        writer.write(SIGNATURE + b"\n")
        assert len(synced) == times
    writer.write(SIGNATURE + b"\n")
    writer.idle()
    assert len(synced) == 3
    writer.write(SIGNATURE + b"\n")
    writer.close()
    assert len(synced) == 4


def test_a_run_from_start_to_stop(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    log = open_log(path, clock, header={"version": "1.2", "source": "street.mp4"})
    log.write(make_result("cat", 0.91239, index=0))
    log.write(make_result("cat", 0.95, index=1))
    log.write(make_result("dog", 0.7, index=2))
    clock.seconds += 2.5
    log.source_changed(SourceState.ENDED, "street.mp4 is at its end")
    log.close()
    start, cat, dog, source, stop = events(path)
    assert start == {
        "time": "2027-01-15T08:00:00.123Z",
        "event": "start",
        "version": "1.2",
        "source": "street.mp4",
    }
    assert cat == {
        "time": "2027-01-15T08:00:00.123Z",
        "event": "label",
        "frame": 0,
        "label": "cat",
        "confidence": 0.9124,
        "top": [["cat", 0.9124], ["dog", 0.02], ["frog", 0.01]],
        "previous": None,
    }
    assert (dog["label"], dog["previous"], dog["frame"]) == ("dog", "cat", 2)
    assert (source["state"], source["message"]) == ("ended", "street.mp4 is at its end")
    assert stop == {
        "time": "2027-01-15T08:00:00.123Z",
        "event": "stop",
        "frames": 3,
        "skipped": 0,
        "labels": {"cat": 2, "dog": 1},
        "run_ms": 2500,
    }


def test_every_frame(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    results = [make_result(index=n, name=f"{n}.png") for n in range(3)]
    write_all(open_log(path, clock, every_frame=True), results)
    assert kinds(path) == ["start", "label", "frame", "frame", "frame", "stop"]
    assert events(path)[3] == {
        "time": "2027-01-15T08:00:00.123Z",
        "event": "frame",
        "frame": 1,
        "name": "1.png",
        "label": "cat",
        "confidence": 0.97,
        "top": [["cat", 0.97], ["dog", 0.02], ["frog", 0.01]],
        "invoke_ms": 12.6,
    }


def test_a_call_that_was_not_made_took_no_time_but_none(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    called = make_result()
    spared = called._replace(prediction=called.prediction._replace(invoke_seconds=0.0, spared=True))
    write_all(open_log(path, clock, every_frame=True), [called, spared])
    assert [event["invoke_ms"] for event in events(path) if event["event"] == "frame"] == [
        12.6,
        None,
    ]


def test_heartbeats_of_a_live_source_come_by_the_clock(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    log = open_log(path, clock, live=True, heartbeat_seconds=10)
    log.source_changed(SourceState.STREAMING, "HD Webcam")
    for age in (0.01, 0.02, 0.09):
        log.write(make_result(skipped=4)._replace(age_seconds=age))
    clock.seconds += 10
    log.idle()
    log.idle()
    clock.seconds += 9
    log.source_changed(SourceState.LOST, "unplugged")
    log.idle()
    clock.seconds += 1
    log.idle()
    log.close()
    beats = [event for event in events(path) if event["event"] == "heartbeat"]
    assert [beat["state"] for beat in beats] == ["streaming", "lost"]
    assert beats[0] == {
        "time": "2027-01-15T08:00:00.123Z",
        "event": "heartbeat",
        "state": "streaming",
        "label": "cat",
        "confidence": 0.97,
        "frames": 3,
        "skipped": 4,
        "fps": 29.8,
        "age_p50_ms": 20.0,
    }
    assert beats[1]["age_p50_ms"] is None
    assert beats[1]["fps"] == 0.0, "a lost camera delivers nothing, however fast it once was"


def test_a_frame_does_not_make_a_lost_camera_stream(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    log = open_log(path, clock, live=True, heartbeat_seconds=10)
    log.source_changed(SourceState.LOST, "unplugged")
    clock.seconds += 10
    log.write(make_result())
    log.close()
    (beat,) = [event for event in events(path) if event["event"] == "heartbeat"]
    assert (beat["state"], beat["fps"]) == ("lost", 0.0)


def test_same_recording_same_log(tmp_path: Path) -> None:
    """Apart from time, fps and *_ms: whatever the clock says meanwhile."""

    def run(path: Path, pace: float) -> str:
        clock = Clock()
        log = open_log(path, clock, wall_clock=lambda: EPOCH + clock(), every_frame=True)
        for number, label in enumerate(["cat", "cat", "dog", "cat"]):
            clock.seconds += pace
            result = make_result(label, index=number)
            prediction = result.prediction._replace(invoke_seconds=pace / 7)
            log.write(result._replace(prediction=prediction, age_seconds=pace))
        log.close()
        return path.read_text()

    fast, slow = run(tmp_path / "fast", 0.01), run(tmp_path / "slow", 100)
    assert fast != slow
    clocked = re.compile(r'"(time|fps|\w+_ms)":("[^"]*"|[^,}]*)')
    assert clocked.sub("", fast) == clocked.sub("", slow)


def test_labels_of_any_language_and_names_of_any_bytes(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    name = b"caf\xe9\n.png".decode("utf-8", "surrogateescape")
    write_all(open_log(path, clock), [make_result("猫\u2028", name=name)])
    assert "猫" in path.read_text()
    assert events(path)[1]["label"] == "猫\u2028"
    assert events(path)[1]["name"] == name


def test_number_that_is_none(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    write_all(open_log(path, clock), [make_result(confidence=float("nan"))])
    assert events(path)[1]["confidence"] is None


def test_closed_twice_stops_once(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    log = open_log(path, clock)
    log.close()
    log.close()
    assert kinds(path) == ["start", "stop"]


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_log_cut_at_any_byte_parses_and_goes_on(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("cut") / "log.jsonl"
    clock = Clock()
    write_all(open_log(path, clock), [make_result("ü"), make_result("dog")])
    content = path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    path.write_bytes(content[:cut])
    write_all(open_log(path, clock), [make_result("frog")])
    whole = content[:cut].count(b"\n")
    torn = cut - (content[:cut].rfind(b"\n") + 1)
    after = events(path)[whole:]
    assert [event["event"] for event in after] == [
        *(["repaired"] if torn else []),
        "start",
        "label",
        "stop",
    ]
    if torn:
        assert after[0]["bytes"] == torn


def test_every_line_begins_with_the_signature(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    write_all(open_log(path, clock, every_frame=True), [make_result()])
    for line in path.read_bytes().splitlines():
        assert re.sub(rb"\d", b"0", line).startswith(SIGNATURE)


def test_rotated_log_loses_no_line(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    results = [numbered(number) for number in range(100)]
    write_all(open_log(path, clock, every_frame=True, max_bytes=2000, backups=50), results)
    files = sorted(
        tmp_path.iterdir(),
        key=lambda file: int(file.suffix[1:]) if file.suffix != ".jsonl" else 0,
        reverse=True,
    )
    assert len(files) > 5
    assert all(file.stat().st_size <= 2000 for file in files)
    frames = [e["frame"] for file in files for e in events(file) if e["event"] == "frame"]
    assert frames == list(range(100))


def test_fail__picture_is_not_a_log(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "holiday.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(OutputError, match=re.escape(str(path))):
        open_log(path, clock)
    assert path.read_bytes() == b"\x89PNG\r\n\x1a\n"


def test_fail__other_json_is_not_a_log(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "data.json"
    path.write_text('{"time":"now","event":"party"}')
    with pytest.raises(OutputError, match="not a log"):
        open_log(path, clock)


def test_full_disk_is_said_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    results = [make_result(label) for label in ("cat", "dog") * 10]
    write_all(open_log(Path("/dev/full"), clock), results)
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "No space left" in warnings[0].getMessage()


def test_full_disk_and_space_again(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    program = f"""
import logging, resource, time
from pathlib import Path
from camera_app.outputs.log import JsonLinesLog
from tests.outputs.conftest import make_result
said = []
logging.basicConfig(format="%(message)s")
logging.getLogger().handlers[0].addFilter(lambda record: said.append(record) or True)
path = Path({str(path)!r})
log = JsonLinesLog(path, live=False)
def write(*labels):
    for label in labels:
        log.write(make_result(label))
def wait_for(condition):
    while not condition():
        time.sleep(0.01)
write("cat")
wait_for(lambda: b'"cat"' in path.read_bytes())
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 50, resource.RLIM_INFINITY))
write("dog", "cat", "dog")
wait_for(lambda: said)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
write("frog")
log.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    found = events(path)
    assert [event["event"] for event in found[:3]] == ["start", "label", "lost"]
    # The disk may have been free again before the last of the three.
    assert 1 <= found[2]["lines"] <= 3
    assert found[2]["lines"] + kinds(path).count("label") == 5
    assert found[-2]["label"] == "frog"
    assert len(done.stderr.splitlines()) == 2
    assert "cannot be written" in done.stderr
    assert "written again" in done.stderr


def test_killed_while_logging_every_frame(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "log.jsonl"
    program = f"""
from pathlib import Path
from camera_app.outputs.log import JsonLinesLog
from tests.outputs.conftest import make_result
log = JsonLinesLog(Path({str(path)!r}), live=False, every_frame=True, max_bytes=10**9)
result = make_result()
while True:
    log.write(result)
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY) as process:
        while not path.exists() or path.stat().st_size < 100_000:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    write_all(open_log(path, clock), [make_result("dog")])
    found = kinds(path)
    assert found[:2] == ["start", "label"]
    assert found.count("start") == 2
    assert found[-2:] == ["label", "stop"]


RESULT = make_result()


def numbered(number: int) -> Result:
    return RESULT._replace(frame=RESULT.frame._replace(index=number))


def test_slow_disk_does_not_hold_up_a_live_loop(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line is taken at once while the disk stalls, and all are there when it wakes."""
    wake = threading.Event()
    append: Callable[[line_file.LineFile, bytes], None] = line_file.LineFile.append

    def stalled(file: line_file.LineFile, line: bytes) -> None:
        wake.wait(20)
        append(file, line)

    monkeypatch.setattr(line_file.LineFile, "append", stalled)
    path = tmp_path / "log.jsonl"
    log = open_log(path, clock, live=True, every_frame=True, heartbeat_seconds=1e9)
    for number in range(2000):
        log.write(numbered(number))
    wake.set()
    log.close()
    found = events(path)
    lost = [event["lines"] for event in found if event["event"] == "lost"]
    assert sum(lost) > 0
    assert len(found) - len(lost) + sum(lost) == 1 + 1 + 2000 + 1


@pytest.mark.parametrize("call", ["append", "sync"])
def test_a_disk_that_hangs_is_said_once_and_when_it_is_over(
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    call: str,
) -> None:
    """Nobody else would: labels come as ever, and nothing is logged."""
    begun, wake = threading.Event(), threading.Event()

    def hang(*_arguments: object) -> None:
        begun.set()
        wake.wait(20)

    monkeypatch.setattr(line_file.LineFile, call, hang)
    log = open_log(tmp_path / "log.jsonl", clock, live=True)
    assert begun.wait(20)
    log.idle()
    assert caplog.messages == []
    clock.seconds += worker.STALL_SECONDS
    for _ in range(3):
        log.idle()
    (said,) = caplog.messages
    assert f"the log {log.path} takes nothing: its disk hangs" in said
    wake.set()
    log.close()
    assert caplog.messages[1:] == ["the log is being written again"]


@pytest.mark.parametrize("live", [True, False])
def test_a_disk_that_hangs_does_not_hold_the_end_of_the_program(
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    live: bool,
) -> None:
    wake = threading.Event()
    monkeypatch.setattr(line_file.LineFile, "append", lambda _file, _line: wake.wait(200))
    monkeypatch.setattr(log_module, "CLOSE_SECONDS", 0.01)
    monkeypatch.setattr(worker, "STALL_SECONDS", 0.01)
    log = open_log(tmp_path / "log.jsonl", clock, live=live, every_frame=True)
    for number in range(LINES_WAITING - 1):  # the thread has one more, or soon will
        log.write(numbered(number))
    closing = threading.Thread(target=log.close, daemon=True)
    closing.start()
    closing.join(100)
    assert not closing.is_alive()
    assert "still being written" in caplog.text
    wake.set()
