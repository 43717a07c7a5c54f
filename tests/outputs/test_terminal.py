"""What a person reads, on a terminal, in a pipe, and when nobody reads any more."""

import contextlib
import fcntl
import io
import logging
import os
import pty
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_app.outputs.terminal import Level, Terminal
from camera_app.sources.base import SourceState

from .conftest import Clock, make_result

REPOSITORY = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def terminal_on(stream: TextIO, clock: Clock, level: Level = Level.NORMAL) -> Terminal:
    return Terminal(stream, level, clock=clock, wall_clock=lambda: 3723.0)


def test_pipe_gets_changes_and_a_summary(clock: Clock) -> None:
    stream = io.StringIO()
    terminal = terminal_on(stream, clock)
    terminal.say("source: demo")
    clock.seconds += 60  # while the net is loaded
    for label in ("cat", "cat", "dog"):
        terminal.write(make_result(label))
    terminal.source_changed(SourceState.LOST, "unplugged")
    clock.seconds += 1.5
    terminal.close()
    terminal.close()
    assert stream.getvalue().splitlines() == [
        "source: demo",
        "01:02:03  cat 97%",
        "01:02:03  dog 97%",
        "01:02:03  source lost: unplugged",
        "3 frames in 1.5 s: cat 2, dog 1",
    ]


def test_each_picture_of_a_folder_has_its_line(clock: Clock) -> None:
    stream = io.StringIO()
    terminal = terminal_on(stream, clock)
    for name in ("a.jpg", "b.jpg"):
        result = make_result("cat")
        terminal.write(result._replace(frame=result.frame._replace(name=name)))
    assert stream.getvalue().splitlines() == [
        "01:02:03  cat 97%  a.jpg",
        "01:02:03  cat 97%  b.jpg",
    ]


def test_unknown_is_not_said_to_be_sure(clock: Clock) -> None:
    stream = io.StringIO()
    unsure = make_result("unknown", 0.41)._replace(top=(("cat", 0.41), ("dog", 0.3)))
    terminal_on(stream, clock).write(unsure)
    assert stream.getvalue() == "01:02:03  unknown (perhaps cat, 41%)\n"


def test_a_label_that_another_is_about_to_replace_has_no_percentage(
    clock: Clock,
) -> None:
    stream = io.StringIO()
    terminal_on(stream, clock).write(
        make_result("bird", 0.0)._replace(top=(("airplane", 1.0), ("bird", 0.0)))
    )
    assert "bird (perhaps airplane by now, 100%)" in stream.getvalue()


def test_summary_of_many_labels_is_short(clock: Clock) -> None:
    stream = io.StringIO()
    terminal = terminal_on(stream, clock)
    for number in range(8):
        terminal.write(make_result(f"label {number}"))
    terminal.close()
    assert stream.getvalue().splitlines()[-1].endswith("label 4 1 and 3 more")


def test_quiet_prints_nothing(clock: Clock) -> None:
    stream = io.StringIO()
    terminal = terminal_on(stream, clock, Level.QUIET)
    terminal.say("source: demo")
    terminal.write(make_result())
    terminal.close()
    assert stream.getvalue() == ""


def test_verbose_says_what_each_stage_took(clock: Clock) -> None:
    stream = io.StringIO()
    terminal_on(stream, clock, Level.VERBOSE).write(make_result(skipped=3, name="a.png"))
    line = stream.getvalue()
    for part in ("a.png", "prepare 0.4 ms", "net 12.6 ms", "age 34 ms", "skipped 3", "dog 2%"):
        assert part in line


def test_verbose_says_that_the_net_rests(clock: Clock) -> None:
    stream = io.StringIO()
    result = make_result()
    spared = result.prediction._replace(invoke_seconds=0.0, spared=True)
    terminal_on(stream, clock, Level.VERBOSE).write(result._replace(prediction=spared))
    assert "net rests, age" in stream.getvalue()


END = b"<end>"


class Tty:
    """A terminal of 60 columns, and what is written on it."""

    def __init__(self, columns: int = 60) -> None:
        self.reader, writer = pty.openpty()
        termios.tcsetwinsize(writer, (24, columns))
        settings = termios.tcgetattr(writer)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(writer, termios.TCSANOW, settings)
        self.stream = os.fdopen(writer, "w", encoding="utf-8")

    def read(self) -> str:
        """All that was written since the last time."""
        os.write(self.stream.fileno(), END)
        text = b""
        while not text.endswith(END):
            text += os.read(self.reader, 100_000)
        return text.removesuffix(END).decode()

    def read_some(self) -> str:
        """What was written and not read, without a word of ours, for which there may be no room."""
        os.set_blocking(self.reader, False)
        text = b""
        with contextlib.suppress(BlockingIOError):
            while True:
                text += os.read(self.reader, 100_000)
        return text.decode()

    def close(self) -> None:
        self.stream.close()
        os.close(self.reader)


@pytest.fixture
def tty() -> Iterator[Tty]:
    opened = Tty()
    yield opened
    opened.close()


def rows(text: str) -> list[str]:
    """What stands on the screen after ``text``."""
    lines, column = [""], 0
    for character in text:
        if character == "\n":
            lines.append("")
            column = 0
        elif character == "\r":
            column = 0
        else:
            lines[-1] = lines[-1][:column] + character + lines[-1][column + 1 :]
            column += 1
    return [line.rstrip() for line in lines]


def test_tty_has_one_live_line_below_the_changes(tty: Tty, clock: Clock) -> None:
    terminal = terminal_on(tty.stream, clock)
    terminal.write(make_result("automobile"))
    for _ in range(3):
        clock.seconds += 1
        terminal.write(make_result("automobile", 0.5))
    terminal.write(make_result("cat"))
    clock.seconds += 1
    terminal.write(make_result("cat"))
    assert rows(tty.read()) == [
        "01:02:03  automobile 97%",
        "01:02:03  cat 97%",
        "01:02:03  cat 97%   29.8 fps   34 ms old",
    ]
    terminal.close()
    assert rows(tty.read())[-2].startswith("6 frames")


def test_a_recording_is_of_no_age(tty: Tty, clock: Clock) -> None:
    terminal = terminal_on(tty.stream, clock, Level.VERBOSE)
    terminal.live = False
    terminal.write(make_result())
    printed = tty.read()
    assert "29.8 fps" in printed
    assert " old" not in printed
    assert "age " not in printed


def test_a_rate_that_is_not_known_is_not_said_to_be_zero(tty: Tty, clock: Clock) -> None:
    terminal_on(tty.stream, clock).write(make_result()._replace(frames_per_second=0.0))
    assert rows(tty.read())[-1] == "01:02:03  cat 97%   34 ms old"


def test_one_frame_has_no_duration(clock: Clock) -> None:
    stream = io.StringIO()
    terminal = terminal_on(stream, clock)
    terminal.write(make_result())
    terminal.close()
    assert stream.getvalue().splitlines()[-1] == "1 frame: cat 1"


def test_live_line_is_not_renewed_for_every_frame(tty: Tty, clock: Clock) -> None:
    terminal = terminal_on(tty.stream, clock)
    for _ in range(100):
        clock.seconds += 0.01
        terminal.write(make_result())
    assert tty.read().count("fps") <= 6


def test_warning_takes_the_place_of_the_live_line(tty: Tty, clock: Clock) -> None:
    terminal = terminal_on(tty.stream, clock)
    handler = logging.StreamHandler(tty.stream)
    terminal.make_way_for([handler])
    terminal.write(make_result())
    handler.handle(logging.LogRecord("x", logging.WARNING, "", 0, "short", None, None))
    assert rows(tty.read()) == ["01:02:03  cat 97%", "short", ""]


@settings(max_examples=30, deadline=None)
@given(label=st.text(max_size=80), columns=st.integers(1, 120))
def test_live_line_never_wraps(label: str, columns: int) -> None:
    tty = Tty(columns)
    terminal = terminal_on(tty.stream, Clock())
    terminal.write(make_result(label))
    live = rows(tty.read())[-1]
    assert len(live) < columns
    assert live.isprintable()
    tty.close()


def test_nothing_wraps_on_a_terminal_that_was_made_narrower(tty: Tty, clock: Clock) -> None:
    terminal = terminal_on(tty.stream, clock)
    terminal.write(make_result())
    tty.read()
    termios.tcsetwinsize(tty.stream, (24, 12))
    clock.seconds += 1
    terminal.write(make_result())
    terminal.write(make_result("dog"))
    assert all(len(part) < 12 for part in tty.read().split("dog")[0].split("\r")[:-1])


def test_nothing_wraps_where_a_warning_comes_first_on_a_narrower_terminal(
    tty: Tty, clock: Clock
) -> None:
    terminal = terminal_on(tty.stream, clock)
    terminal.write(make_result())
    tty.read()
    termios.tcsetwinsize(tty.stream, (24, 12))
    terminal.close()
    assert tty.read().startswith("\r" + " " * 11 + "\r")


def at_once(tty: Tty, act: Callable[[], object]) -> None:
    """Fail where ``act`` waits for the terminal, which is made to take all again then."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(10)
    waited = thread.is_alive()
    while thread.is_alive():
        termios.tcflow(tty.stream, termios.TCOON)
        tty.read_some()
        thread.join(0.1)
    assert not waited


def test_a_terminal_that_takes_nothing_holds_no_camera_up(tty: Tty, clock: Clock) -> None:
    """Somebody pressed Ctrl-S; as long as that goes on nothing may wait, nor get lost unsaid."""
    terminal = terminal_on(tty.stream, clock)
    handler = logging.StreamHandler(tty.stream)
    terminal.make_way_for([handler])
    record = logging.LogRecord("x", logging.WARNING, "", 0, "a warning", None, None)
    terminal.write(make_result("cat"))
    termios.tcflow(tty.stream, termios.TCOOFF)
    at_once(tty, lambda: terminal.write(make_result("dog")))
    at_once(tty, lambda: handler.handle(record))
    clock.seconds += 1
    at_once(tty, lambda: terminal.write(make_result("dog")))
    termios.tcflow(tty.stream, termios.TCOON)
    handler.handle(record)
    terminal.write(make_result("frog"))
    assert rows(tty.read())[2:] == [
        "(2 lines are missing: the terminal took nothing)",
        "a warning",
        "01:02:03  frog 97%",
        "",
    ]


def test_a_terminal_that_nobody_reads_holds_no_camera_up(clock: Clock) -> None:
    """A connection that broke off: what the system keeps for it is full some day."""
    tty = Tty()
    terminal = terminal_on(tty.stream, clock)

    def say_much() -> None:
        for _ in range(300):
            terminal.say("-" * 1000)

    at_once(tty, say_much)
    assert "-" * 1000 in tty.read_some()
    terminal.say("back")
    assert rows(tty.read_some())[-2] == "back"
    tty.close()


@pytest.fixture
def full_pipe() -> Iterator[tuple[int, TextIO]]:
    """A pipe that takes nothing more: its end to read from, and a stream to it."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writer, b"-" * fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ))
    with os.fdopen(writer, "w") as stream:
        yield reader, stream
    os.close(reader)


def test_a_pipe_that_nobody_reads_holds_no_camera_up(
    clock: Clock, full_pipe: tuple[int, TextIO]
) -> None:
    """It is the shell's, or that of a program that hangs; whoever shares it goes on waiting."""
    reader, stream = full_pipe
    terminal = terminal_on(stream, clock)
    handler = logging.StreamHandler(stream)
    terminal.make_way_for([handler])
    record = logging.LogRecord("x", logging.WARNING, "", 0, "a warning", None, None)
    terminal.write(make_result("cat"))
    handler.handle(record)
    terminal.write(make_result("dog"))
    os.read(reader, 100_000)
    handler.handle(record)
    terminal.write(make_result("frog"))
    assert os.read(reader, 100_000).decode().splitlines() == [
        "a warning",
        "",
        "(2 lines are missing: nobody read on)",
        "01:02:03  frog 97%",
    ]
    assert os.get_blocking(stream.fileno())


def test_a_recording_waits_for_who_reads_it(clock: Clock, full_pipe: tuple[int, TextIO]) -> None:
    reader, stream = full_pipe
    terminal = terminal_on(stream, clock)
    terminal.live = False
    thread = threading.Thread(target=terminal.say, args=["kept"], daemon=True)
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    os.read(reader, 100_000)
    thread.join(10)
    assert os.read(reader, 100_000) == b"kept\n"


def test_terminal_of_few_letters(clock: Clock) -> None:
    raw = io.BytesIO()
    terminal = terminal_on(io.TextIOWrapper(raw, encoding="ascii"), clock)
    terminal.write(make_result("Müller\x1b[2J"))
    assert raw.getvalue() == b"01:02:03  M?ller?[2J 97%\n"


def test_reader_who_has_gone_breaks_the_terminal_quietly(clock: Clock) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    stream = os.fdopen(writer, "w")
    terminal = terminal_on(stream, clock)
    terminal.say("hello")
    terminal.write(make_result())
    terminal.close()
    assert terminal.broken
    stream.close()


def test_full_disk_behind_it_is_a_warning_and_no_reason_to_stop(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    stream = Path("/dev/full").open("w")  # noqa: SIM115 - closing it fails, which is the point
    terminal = terminal_on(stream, clock)
    terminal.say("hello")
    terminal.write(make_result())
    assert not terminal.broken
    assert len(caplog.records) == 1
    with pytest.raises(OSError, match="No space"):
        stream.close()


def test_head_ends_the_program() -> None:
    program = """
import sys
from camera_app.outputs.terminal import Terminal
from tests.outputs.conftest import make_result
terminal = Terminal(sys.stdout)
labels = 0
while not terminal.broken:
    terminal.write(make_result(f"label {labels}"))
    labels += 1
print("broken", file=sys.stderr)
import os; os._exit(0)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "label 0" in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == "broken\n"


def test_age_that_is_huge_is_still_a_line(clock: Clock) -> None:
    stream = io.StringIO()
    terminal = terminal_on(stream, clock, Level.VERBOSE)
    terminal.write(make_result()._replace(age_seconds=float("inf")))
    assert stream.getvalue().count("\n") == 1
