"""The command line: options become a Config, errors become one sentence and an exit status."""

import argparse
import contextlib
import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from camera_app import __version__, yaml_before
from camera_app.answer import answer
from camera_app.arguments import Parser, add_model, one_or_all, whole_number
from camera_app.config import Config, Override, load_config, parse_override
from camera_app.errors import (
    EX_CONFIG,
    INTERRUPTED,
    CameraAppError,
    ConfigError,
    in_one_line,
)
from camera_app.native_stderr import mute_native_stderr
from camera_app.quick_start import load_opencv
from camera_app.service import Service, StopRequested, reload_on_hangup, stop_on_signals

if TYPE_CHECKING:
    from camera_app.loop import Limits

PROGRAM = "camera_app"
BENCH = "bench"
DOCTOR = "doctor"
SERVICE = "--service"

# What loads slowly (OpenCV, the runtimes) is imported where it is first needed: --help, --version
# and a mistake in the configuration answer at once, and on a machine that lacks a library.


def main(
    arguments: Sequence[str] | None = None, *, loaded: Callable[[], None] = lambda: None
) -> int:
    """Run the program with ``arguments`` (the process's own if None); returns its exit status.

    ``loaded`` is called once all is loaded and made that the program needs to begin.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _make_standard_streams_safe()
    try:
        return _obey(words, loaded)
    except StopRequested:
        return 0
    except CameraAppError as error:
        return _fail(str(error), _status_of(error, service=SERVICE in words))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return 0  # whoever read our output has seen enough
    finally:
        _let_go_of_standard_streams()


def _obey(words: Sequence[str], loaded: Callable[[], None]) -> int:
    """Do what the command line says; a library that is missing is said like any other error."""
    try:
        if words[:1] == [BENCH]:
            loaded()  # what is measured is to be as it is while the program runs
            _load_libraries()
            from camera_app.bench import main as bench

            return bench(words[1:])
        if words[:1] == [DOCTOR]:
            from camera_app.doctor import main as doctor

            return doctor(words[1:])
        return _run(_parser().parse_args(words), loaded)
    except ImportError as error:
        if isinstance(error, CameraAppError):
            raise
        raise _fault(error) from error


def _run(options: argparse.Namespace, loaded: Callable[[], None]) -> int:
    if not options.verbose:
        mute_native_stderr()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(f"{PROGRAM}: %(message)s"))
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.WARNING, handlers=[handler]
    )
    read_config = partial(load_config, options.config, _overrides(options))
    config = read_config()
    if options.print_config:
        answer(config.as_yaml())
        return 0
    if options.list_sources:
        return _list_sources()
    return _run_until_stopped(config, read_config, options, loaded)


class _Formatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        return in_one_line(super().formatMessage(record))


def _run_until_stopped(
    config: Config,
    read_config: Callable[[], Config],
    options: argparse.Namespace,
    loaded: Callable[[], None],
) -> int:
    with contextlib.ExitStack() as stack:
        # Before the libraries are loaded, which is most of the start: a KeyboardInterrupt that
        # falls where Python lets none out is lost.
        stop = stack.enter_context(stop_on_signals())
        service = None
        if options.service:
            service = Service(stack.enter_context(reload_on_hangup()), read_config)

        def begun() -> None:
            loaded()
            yaml_before.keep()

        try:
            stop.at_once = True
            _load_libraries()
            from camera_app.app import run
            from camera_app.outputs.terminal import Level, Terminal

            stop.at_once = False
            level = (
                Level.QUIET if options.quiet else Level.VERBOSE if options.verbose else Level.NORMAL
            )
            terminal = Terminal(sys.stdout, level)
            terminal.make_way_for(logging.getLogger().handlers)
            return run(config, _limits(options), terminal, stop, service=service, begun=begun)
        except Exception:
            # A library that is being loaded takes what a signal raises in it for its own failure.
            if stop.is_set() and stop.interrupts:
                return 0
            raise


def _limits(options: argparse.Namespace) -> "Limits":
    from camera_app.loop import Limits

    return Limits(frames=options.frames, seconds=options.seconds)


def _load_libraries() -> None:
    """Load NumPy and OpenCV, without which nothing here works.

    Raises:
        RuntimeUnavailableError: one is missing, or not whole, as after a power cut while it was
            installed, or was built for another than is there; then it may raise anything.
    """
    try:
        load_opencv()
    except Exception as error:
        raise _fault(error, "NumPy or OpenCV") from error


def _fault(error: Exception, what: str = "a library") -> CameraAppError:
    from camera_app.library_fault import library_fault  # here: hardly a start needs it

    return library_fault(error, what)


def _list_sources() -> int:
    _load_libraries()
    from camera_app.sources.discovery import list_sources

    found = list_sources()
    width = max(len(source.uri) for source in found)
    answer("".join(f"{source.uri:<{width}}  {source.description}\n" for source in found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        PROGRAM,
        description="A smart camera: names what it sees, live, on the picture and in a log.",
        epilog=f"`python -m {PROGRAM} {BENCH}` measures speed and memory, and `python -m {PROGRAM} "
        f"{DOCTOR}` says what is wrong with this machine; each has a --help.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    what = parser.add_argument_group("what is seen")
    what.add_argument(
        "--source",
        metavar="URI",
        help="auto, 0, /dev/video0, csi:0, a video, a picture or folder, rtsp://…, http://…, demo",
    )
    what.add_argument("--list-sources", action="store_true", help="show what there is, and stop")
    add_model(what)
    what.add_argument("--frames", type=whole_number, metavar="N", help="stop after N frames")
    what.add_argument("--seconds", type=_seconds, metavar="N", help="stop after N seconds")
    where = parser.add_argument_group("where it goes")
    where.add_argument("--headless", action="store_true", help="open no window")
    where.add_argument("--log", metavar="FILE", help="JSON Lines log; none for no log")
    where.add_argument("--log-every-frame", action="store_true", help="not only label changes")
    where.add_argument("--record", metavar="FILE", help="write the annotated video to FILE")
    volume = where.add_mutually_exclusive_group()
    volume.add_argument("--quiet", action="store_true", help="print nothing but errors")
    volume.add_argument("--verbose", action="store_true", help="print more")
    how = parser.add_argument_group("configuration")
    how.add_argument("--config", type=Path, metavar="FILE", help="read FILE, not config.yaml")
    how.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY.PATH=VALUE",
        help="change one value, as in --set source.fps=15; may be given again",
    )
    how.add_argument("--print-config", action="store_true", help="show the result, and stop")
    how.add_argument(
        SERVICE,
        action="store_true",
        help="as the systemd unit runs it: no window, no demo where auto finds no camera, systemd "
        "is told how it goes, SIGHUP reads configuration and model again, and a wrong option or "
        f"configuration ends with status {EX_CONFIG}, not {ConfigError.exit_status}",
    )
    return parser


def _overrides(options: argparse.Namespace) -> list[Override]:
    """What the options change in the configuration; an option beats --set beats the file."""
    chosen = {
        "source.uri": ("--source", options.source),
        "model.bundle": ("--model", one_or_all(options.model)),
        "display.window": (
            "--headless",
            False if options.headless or options.service else None,
        ),
        "log.file": ("--log", options.log),
        "log.every_frame": ("--log-every-frame", options.log_every_frame or None),
        "record.file": ("--record", options.record),
    }
    return [parse_override(text) for text in options.set] + [
        Override(path, value, option)
        for path, (option, value) in chosen.items()
        if value is not None
    ]


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, not {text!r}")
    return seconds


def _status_of(error: CameraAppError, *, service: bool) -> int:
    wrong_config = error.exit_status == ConfigError.exit_status
    return EX_CONFIG if service and wrong_config else error.exit_status


def _fail(message: str, status: int) -> int:
    with contextlib.suppress(OSError):  # nobody may be listening; the status still tells
        print(f"{PROGRAM}: {in_one_line(message)}", file=sys.stderr)
    return status


def _make_standard_streams_safe() -> None:
    """Stand in for streams that are closed, and let none of them choke on a letter.

    With ``>&-``, and under some daemons, the next files to be opened take the streams' numbers,
    and what a library prints would end up in the log.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123  open until the end
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without UTF-8 shows ? instead


def _let_go_of_standard_streams() -> None:
    """Flush; what cannot be said any more must not become a complaint, or a status, of Python's."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
