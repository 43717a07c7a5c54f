"""Signals, and the program under systemd.

Stop signals: the loop ends in order, a second signal ends the process.
"""

import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from camera_app.errors import EX_CONFIG
from camera_app.outputs.fake import FakeSystemd
from camera_app.service import STOP_SIGNALS, StopEvent, StopRequested, stop_on_signals
from camera_app.sources.discovery import list_sources
from tests.end_to_end import (
    CLOSE_SECONDS,
    PATIENCE_SECONDS,
    QUICK,
    Camera,
    complaints,
    events,
    logged,
    read_log,
    refused,
    wait_for,
)

SERVICE = ("--service", *QUICK[1:])


@pytest.fixture
def silent_server() -> Iterator[socket.socket]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_SECONDS)
        yield server


def address_of(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}/stream"


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_sets_the_event_and_the_old_handler_comes_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_on_signals() as stop:
        stop.interrupts = False
        assert not stop.is_set()
        signal.raise_signal(number)
        assert stop.is_set()
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_breaks_off_what_comes_before_the_loop(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(StopRequested), stop_on_signals():
        signal.raise_signal(number)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_so_does_one_that_comes_where_python_lets_nothing_out(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    """As while the import system lets go of a module's lock."""

    def wait() -> None:
        going = StopEvent()
        reference = weakref.ref(going, lambda _: signal.raise_signal(number))
        del going
        time.sleep(PATIENCE_SECONDS)
        pytest.fail(f"{reference} went, and nothing came of it")

    hook, alarm = sys.unraisablehook, signal.getsignal(signal.SIGALRM)
    with pytest.raises(StopRequested), stop_on_signals():
        wait()
    assert capsys.readouterr().err == ""
    assert (sys.unraisablehook, signal.getsignal(signal.SIGALRM)) == (hook, alarm)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_nobody_waits_for_libraries_to_be_loaded(number: signal.Signals) -> None:
    """That is most of a start; what is raised there Python swallows, or NumPy prints."""
    code = f"""
import atexit, signal, sys, weakref
atexit.register(print, "went on")
class Signals:
    def find_spec(self, name, path=None, target=None):
        if name == "cv2":
            sys.meta_path.remove(self)
            reference = weakref.ref(self, lambda _: signal.raise_signal({number.value}))
            del self
            gone.append(reference)
gone = []
sys.meta_path.insert(0, Signals())
from camera_app.__main__ import run
run()
"""
    words = ("--headless", "--source", "demo", "--log", "none", "--frames", "1")
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_else_python_swallows_is_said_as_ever() -> None:
    told: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "unraisablehook", told.append)
        with stop_on_signals():
            going = StopEvent()
            reference = weakref.ref(going, lambda _: 1 / 0)
            del going
    assert reference() is None
    assert len(told) == 1


def test_a_terminal_that_closes_under_nohup_ends_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_on_signals() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert not stop.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_terminal_that_closes_says_so_twice() -> None:
    """Its shell and the kernel: that is no impatience, and all is still closed in order."""
    with stop_on_signals() as stop:
        stop.interrupts = False
        for _ in range(2):
            signal.raise_signal(signal.SIGHUP)
        assert stop.is_set()


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGHUP])
def test_the_end_of_a_session_is_no_impatience(first: signal.Signals) -> None:
    """systemd sends both at once, and Python handles what is pending in the numbers' order."""
    with stop_on_signals() as stop:
        stop.interrupts = False
        signal.raise_signal(first)
        signal.raise_signal(signal.SIGHUP if first == signal.SIGTERM else signal.SIGTERM)
        assert stop.is_set()


@pytest.mark.parametrize(
    ("first", "second"), [("SIGTERM", "SIGHUP"), ("SIGHUP", "SIGTERM"), ("SIGHUP", "SIGHUP")]
)
def test_a_signal_in_the_midst_of_another_holds_nothing_up(first: str, second: str) -> None:
    """The second may come at whatever step of Python's the first has got to: it does at each."""
    code = f"""
import signal, sys
from camera_app.service import stop_on_signals

wanted, sent = -1, True
while sent:
    wanted, steps, sent = wanted + 1, 0, False

    def step(frame, event, argument):
        global steps, sent
        frame.f_trace_opcodes = True
        if steps == wanted and not sent:
            sent = True
            signal.raise_signal(signal.{second})
        steps += 1
        return step

    with stop_on_signals() as stop:
        stop.interrupts = False
        sys.settrace(step)
        signal.raise_signal(signal.{first})
        sys.settrace(None)
        assert stop.is_set()
assert wanted > 10
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE_SECONDS)


def test_a_request_without_a_signal_does_the_same() -> None:
    stop = StopEvent()
    with pytest.raises(StopRequested):
        stop.request()
    assert stop.is_set()


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_the_program_closes_in_order(camera: Camera, number: signal.Signals) -> None:
    film = camera.folder / "film.mp4"
    with camera.running(*QUICK, "--source", "demo", "--record", film) as process:
        wait_for(logged(camera.log, "label"), "a first label")
        process.send_signal(number)
        output, errors = process.communicate(timeout=CLOSE_SECONDS)
    assert (process.returncode, complaints(errors)) == (0, [])
    assert output.splitlines()[-1].startswith(f"{read_log(camera.log)[-1]['frames']} frame")
    assert read_log(camera.log)[-1]["event"] == "stop"
    assert film.stat().st_size > 0


@pytest.mark.parametrize(
    ("hanging", "printed"), [(0, ["done", "shut down by Python"]), (1, ["done"])]
)
def test_python_is_not_shut_down_around_a_thread_that_hangs(
    hanging: int, printed: list[str]
) -> None:
    code = f"""
import atexit, threading, time
import camera_app.__main__ as program, camera_app.cli

def main(loaded):
    for _ in range({hanging}):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    print("done", flush=True)
    return 3

atexit.register(print, "shut down by Python")
camera_app.cli.main = main
program.run()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (3, printed, "")


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_nobody_waits_for_a_camera_that_does_not_answer(
    camera: Camera, silent_server: socket.socket, number: signal.Signals
) -> None:
    with camera.running(*QUICK, "--source", address_of(silent_server)) as process:
        connection, _ = silent_server.accept()
        process.send_signal(number)
        output, errors = process.communicate(timeout=CLOSE_SECONDS)
        connection.close()
    assert (process.returncode, output) == (0, "")
    assert len(errors.splitlines()) <= 1  # that the driver hangs
    assert "Traceback" not in errors
    assert not camera.log.exists()


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_nobody_waits_for_a_runtime_that_hangs(
    camera: Camera, tmp_path: Path, number: signal.Signals
) -> None:
    libraries, trace = tmp_path / "libraries", tmp_path / "trace"
    libraries.mkdir()
    (libraries / "ncnn.py").write_text(
        "import os, pathlib, threading\n"
        f"pathlib.Path({str(trace)!r}).write_text(str(os.getpid()))\n"
        "threading.Event().wait()\n"
    )
    paths = f"{camera.environment['PYTHONPATH']}:{libraries}"
    words = ("--headless", "--source", "demo", "--set", "model.runtime=ncnn")
    with camera.running(*words, env={"PYTHONPATH": paths}) as process:
        wait_for(lambda: trace.exists() and trace.read_text(), "the runtime to be tried")
        process.send_signal(number)
        output, errors = process.communicate(timeout=CLOSE_SECONDS)
    assert (process.returncode, output, errors) == (0, "", "")
    assert not Path("/proc", trace.read_text()).exists(), "the trial has ended with the program"


def test_a_library_that_a_signal_breaks_off_is_not_called_broken(
    camera: Camera, tmp_path: Path
) -> None:
    """As pybind11 does it, while the module is loaded."""
    (tmp_path / "ai_edge_litert").mkdir()
    (tmp_path / "ai_edge_litert" / "__init__.py").touch()
    (tmp_path / "ai_edge_litert" / "interpreter.py").write_text(
        "import signal\n"
        "try:\n"
        "    signal.raise_signal(signal.SIGTERM)\n"
        "except BaseException as error:\n"
        "    raise ImportError('initialization failed') from error\n"
    )
    paths = f"{camera.environment['PYTHONPATH']}:{tmp_path}"
    words = ("--headless", "--source", "demo", "--set", "model.runtime=litert")
    with camera.running(*words, "--set", "model.threads=1", env={"PYTHONPATH": paths}) as process:
        output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, output, errors) == (0, "", "")


def test_a_second_signal_ends_the_process(camera: Camera, silent_server: socket.socket) -> None:
    with camera.running(*QUICK, "--source", address_of(silent_server)) as process:
        connection, _ = silent_server.accept()
        # Closing waits for the server. Two signals of one kind might be delivered as one.
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=CLOSE_SECONDS)
        connection.close()
    assert process.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)


class Messages:
    """What systemd has been told so far."""

    def __init__(self, systemd: FakeSystemd) -> None:
        self._systemd = systemd
        self.all: list[str] = []

    def told(self, beginning: str) -> bool:
        self.all += self._systemd.received()
        return any(message.startswith(beginning) for message in self.all)


def test_systemd_is_told_from_the_first_label_to_the_end(
    camera: Camera, systemd: FakeSystemd
) -> None:
    messages = Messages(systemd)
    variables = systemd.environment | {"WATCHDOG_USEC": "400000"}
    with camera.running(*SERVICE, "--source", "demo", env=variables) as process:
        wait_for(lambda: messages.told("READY=1"), "readiness")
        # In the log's thread, the line may be on its way.
        wait_for(logged(camera.log, "label"), "the label that makes it ready")
        wait_for(lambda: messages.told("STATUS=streaming: "), "the status")
        wait_for(lambda: messages.told("WATCHDOG=1"), "the watchdog's food")
        assert not messages.told("STOPPING=1")
        process.send_signal(signal.SIGTERM)
        assert process.wait(CLOSE_SECONDS) == 0
    assert messages.told("STOPPING=1")


def test_a_service_goes_on_when_nobody_reads_what_it_prints(
    camera: Camera, systemd: FakeSystemd
) -> None:
    messages = Messages(systemd)
    arguments = ("--source", "demo", "--frames", "10")
    with camera.running(*SERVICE, *arguments, env=systemd.environment) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        wait_for(lambda: messages.told("STOPPING=1"), "the end")
        assert process.wait(CLOSE_SECONDS) == 0
    assert read_log(camera.log)[-1]["frames"] == 10


def test_a_hangup_reloads_and_what_is_wrong_is_refused(
    camera: Camera, systemd: FakeSystemd
) -> None:
    config, messages = camera.folder / "my.yaml", Messages(systemd)
    config.write_text("source: {uri: demo}")
    arguments = (*SERVICE, "--config", config)
    with camera.running(*arguments, env=systemd.environment) as process:
        wait_for(lambda: messages.told("READY=1"), "readiness")
        config.write_text("source: {uri: demo}\nmodel: {bundle: nowhere}")
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: messages.told("RELOADING=1"), "the reload")
        wait_for(logged(camera.log, "reload"), "the refusal")
        config.write_text("source: {uri: demo}\ndecision: {top: 1}")
        process.send_signal(signal.SIGHUP)
        wait_for(logged(camera.log, "reload", model="fastnet-cifar10"), "the reload")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=CLOSE_SECONDS)
    assert process.returncode == 0
    assert len(errors.splitlines()) == 1
    assert "the reload is refused and nothing has changed: no model 'nowhere'" in errors
    refusal, news = events(camera.log, "reload")
    assert "no model 'nowhere'" in refusal["refused"]
    assert news["model"] == "fastnet-cifar10"


def test_a_program_that_is_no_service_ends_when_its_terminal_does(camera: Camera) -> None:
    with camera.running(*QUICK, "--source", "demo") as process:
        wait_for(logged(camera.log, "label"), "a first label")
        process.send_signal(signal.SIGHUP)
        assert process.wait(CLOSE_SECONDS) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "source.fsp=3"], "did you mean source.fps?"),
        (["--config", "nowhere.yaml"], "nowhere.yaml"),
        (["--no-such-option"], "--no-such-option"),
        (["--source", "csi:x"], "csi:x"),
        (["--source", "demo", "--model", "fastnet"], "no model 'fastnet'"),
        (["--source", "demo", "--record", "film.txt"], "film.txt: the name must end in"),
    ],
)
def test_a_service_that_only_a_person_can_mend_ends_with_78(
    camera: Camera, arguments: list[str], words: str
) -> None:
    refused(camera.run(*SERVICE, *arguments), EX_CONFIG, words)
    refused(camera.run(*QUICK, *arguments), 2, words)


def test_a_service_without_a_camera_shows_no_demo(camera: Camera) -> None:
    if len(list_sources()) > 1:
        pytest.skip("this machine has a camera")
    refused(camera.run(*SERVICE), 1, "no camera was found; connect a camera")
