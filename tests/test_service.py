"""Stop signals: the loop ends in order, a second signal ends the process."""

import signal
import socket
from collections.abc import Iterator

import pytest

from camera_app.service import STOP_SIGNALS, StopEvent, StopRequested, stop_on_signals
from tests.end_to_end import (
    CLOSE_SECONDS,
    PATIENCE_SECONDS,
    QUICK,
    Camera,
    logged,
    read_log,
    wait_for,
)


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


def test_a_terminal_that_closes_under_nohup_ends_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_on_signals() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert not stop.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


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
    assert (process.returncode, errors) == (0, "")
    assert output.splitlines()[-1].startswith(f"{read_log(camera.log)[-1]['frames']} frame")
    assert read_log(camera.log)[-1]["event"] == "stop"
    assert film.stat().st_size > 0


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


def test_a_second_signal_ends_the_process(camera: Camera, silent_server: socket.socket) -> None:
    with camera.running(*QUICK, "--source", address_of(silent_server)) as process:
        connection, _ = silent_server.accept()
        # Closing waits for the server. Two signals of one kind might be delivered as one.
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=CLOSE_SECONDS)
        connection.close()
    assert process.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
