"""``python -m camera_app bench``: what the program costs, measured on the program itself."""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from camera_app.answer import answer
from camera_app.arguments import Parser, add_model, whole_number
from camera_app.bench.compare import OURS, PLAIN, measure_alternatives
from camera_app.bench.growth import measure_growth
from camera_app.bench.idle import measure_idle
from camera_app.bench.live import RATES, measure_live
from camera_app.bench.picture import SUFFIXES, check_picture
from camera_app.bench.recording import MEMORY, Recording, measure_recording
from camera_app.bench.report import Report as StageReport
from camera_app.bench.session import Session
from camera_app.config import parse_override
from camera_app.errors import OutputError, UsageError

FRAMES = 300
GROWTH_FRAMES = 20_000
STARTS = 3
SECONDS = 10

SOURCE = "source.uri"

MODES = ("growth", "idle", "live", "compare")
"""Options that measure something else than the stages of a recording."""


class Report(Protocol):
    """What a measurement gives."""

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""

    def as_text(self) -> str:
        """Lines for a person."""


def main(words: Sequence[str]) -> int:
    """Measure as ``words`` say and print a table or JSON; returns the exit status.

    Raises:
        CameraAppError: an option is wrong, or what is to be measured cannot run.
    """
    options = _parser().parse_args(words)
    for text in options.set:
        if parse_override(text).path == SOURCE:  # --source, or what is made on the spot, beats it
            raise UsageError(f"--set {text}: what is labelled is named with --source")
    modes = [f"--{mode}" for mode in MODES if getattr(options, mode) is not None]
    if len(modes) > 1:
        raise UsageError(f"{' and '.join(modes)} are two measurements: run one after the other")
    if options.picture:
        if modes:
            raise UsageError(f"--picture shows the stages of a recording: leave {modes[0]} away")
        check_picture(options.picture)
    if modes and modes != ["--compare"] and options.source is not None:
        raise UsageError(f"{modes[0]} plays pictures from memory: leave --source away")
    _refuse_what_would_be_ignored(options, modes[0] if modes else None)
    with _temporary_folder() as folder:
        report = _measure(Session(Path(folder), options), options)
    try:
        text = json.dumps(report.as_dict(), indent=2) if options.json else report.as_text()
        answer(f"{text}\n")
    finally:  # minutes of measuring are kept in the one place where the other cannot be written
        if options.picture and isinstance(report, StageReport):
            report.draw_to(options.picture)
    return 0


def _refuse_what_would_be_ignored(options: argparse.Namespace, mode: str | None) -> None:
    """An option that says how long to measure counts for some measurements alone.

    Args:
        options: what was given.
        mode: the option that says what is measured instead of a recording.

    Raises:
        UsageError: one was given to another.
    """
    used = {"--live": ["seconds"], "--compare": ["frames"], None: ["frames", "starts"]}
    for name in ("frames", "starts", "seconds"):
        if getattr(options, name) is not None and name not in used.get(mode, []):
            own = {"--growth": "write --growth N", "--idle": "write --idle SECONDS"}.get(
                mode or "", f"leave --{name} away"
            )
            raise UsageError(f"--{name} does not count for {mode or 'a recording'}: {own}")


def _temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    try:
        return tempfile.TemporaryDirectory(prefix="camera-app-bench-")
    except OSError as error:
        raise OutputError(
            f"cannot make a temporary folder to measure in: {error.strerror}; "
            "let TMPDIR name one that can be written to"
        ) from error


def _measure(session: Session, options: argparse.Namespace) -> Report:
    if options.growth:
        return measure_growth(session, options.growth)
    if options.idle:
        return measure_idle(session, options.idle)
    if options.live is not None:
        return measure_live(session, options.live or RATES, options.seconds or SECONDS)
    recording = Recording(session, options.frames or FRAMES, options.source)
    if options.compare:
        return measure_alternatives(session, recording, options.compare)
    return measure_recording(session, recording, options.starts or STARTS)


def _parser() -> Parser:
    parser = Parser(
        "camera_app bench",
        description="Measures what each stage costs, labels a second, memory and the start, on "
        "the program itself: without a window, with its log, as fast as the net goes.",
        allow_abbrev=False,
    )
    what = parser.add_argument_group("what is labelled")
    what.add_argument(
        "--source",
        metavar="FILE",
        help="a video or a folder of pictures; if left away, a video 1280x720 made on the spot; "
        f"{MEMORY} for pictures of that size that are in memory already",
    )
    add_model(what)
    what.add_argument(
        "--frames",
        type=whole_number,
        metavar="N",
        help=f"how many pictures are measured; default {FRAMES}; with --compare, in each of its "
        "rounds",
    )
    what.add_argument(
        "--starts",
        type=whole_number,
        metavar="N",
        help=f"how often the program is started to time its first label; default {STARTS}",
    )
    other = parser.add_argument_group("what is measured instead")
    other.add_argument(
        "--live",
        type=whole_number,
        nargs="*",
        metavar="FPS",
        help="a camera that gives so many pictures a second (default "
        f"{', '.join(map(str, RATES))}): how old a label is, what is dropped, what it takes",
    )
    other.add_argument(
        "--seconds",
        type=whole_number,
        metavar="N",
        help=f"for each rate of --live; default {SECONDS}",
    )
    other.add_argument(
        "--compare",
        nargs="+",
        metavar="ALTERNATIVE",
        help="two or more in turn, and ratios: values of the configuration, as in --compare "
        "model.runtime=litert model.runtime=ncnn,model.threads=2; "
        f"{OURS}, as configured; {PLAIN}, the loop that tutorials teach",
    )
    other.add_argument(
        "--growth",
        type=whole_number,
        nargs="?",
        const=GROWTH_FRAMES,
        metavar="N",
        help=f"whether memory grows over N (default {GROWTH_FRAMES}) small pictures",
    )
    other.add_argument(
        "--idle",
        type=whole_number,
        nargs="?",
        const=SECONDS,
        metavar="SECONDS",
        help="what a camera that sees nothing new costs, over so long "
        f"(default {SECONDS}), with the net resting and without",
    )
    how = parser.add_argument_group("how")
    how.add_argument("--json", action="store_true", help="print JSON instead of a table")
    how.add_argument(
        "--picture",
        type=Path,
        metavar="FILE",
        help=f"draw the stages of a recording, too: a {' or '.join(SUFFIXES)}",
    )
    how.add_argument("--config", type=Path, metavar="FILE", help="read FILE, not config.yaml")
    how.add_argument(
        "--set", action="append", default=[], metavar="KEY.PATH=VALUE", help="change one value"
    )
    return parser
