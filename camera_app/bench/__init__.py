"""``python -m camera_app bench``: what the program costs, measured on the program itself."""

import argparse
import dataclasses
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from camera_app.app import run
from camera_app.arguments import Parser, whole_number
from camera_app.bench.clip import moving_pictures, write_clip
from camera_app.bench.idle import IdleLoop, StillCamera
from camera_app.bench.memory import GrowthLoop, memory_of
from camera_app.bench.parts import DRAW, WatchedTimes, time_decoding
from camera_app.bench.report import Growth, Idle, Report
from camera_app.bench.stages import StageTimes
from camera_app.bench.start import measure_start
from camera_app.config import Config, Override, load_config, parse_override
from camera_app.errors import SourceError, UsageError
from camera_app.inference.libraries import MODULES
from camera_app.loop import Limits, Loop
from camera_app.outputs.terminal import Terminal
from camera_app.service import StopEvent
from camera_app.sources.factory import make_source

FRAMES = 300
GROWTH_FRAMES = 20_000
STARTS = 3
IDLE_SECONDS = 10
SETTLE_SECONDS = 3.0
"""Before a still scene is measured: longer than the program waits to believe that it is one."""

WARM_UP = 10
"""Frames that do not count: caches fill, FFmpeg's threads start, the processor wakes up."""

EXTRA_FRAMES = 100
"""At most so many are labelled to time drawing alone, decoding alone, and the start."""


def main(words: Sequence[str]) -> int:
    """Measure as ``words`` say and print a table or JSON; returns the exit status.

    Raises:
        CameraAppError: an option is wrong, or what is to be measured cannot run.
    """
    options = _parser().parse_args(words)
    for option in ("growth", "idle"):
        if getattr(options, option) and options.source:
            raise UsageError(f"--{option} plays pictures from memory: leave --source away")
    if options.growth and options.idle:
        raise UsageError("--growth and --idle are two measurements: run one after the other")
    with tempfile.TemporaryDirectory(prefix="camera-app-bench-") as folder:
        bench = _Bench(Path(folder), options)
        report: Report | Growth | Idle
        if options.growth:
            report = bench.grow(options.growth)
        elif options.idle:
            report = bench.rest(options.idle)
        else:
            report = bench.measure()
    print(json.dumps(report.as_dict(), indent=2) if options.json else report.as_text())
    return 0


def _parser() -> Parser:
    parser = Parser(
        "camera_app bench",
        description="Measures what each stage costs, labels a second, memory and the start, on "
        "the program itself: without a window, with its log, as fast as the net goes.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--source",
        metavar="FILE",
        help="a video or a folder of pictures; if left away, a video 1280x720 made on the spot",
    )
    add("--model", metavar="BUNDLE", help="a bundle's name or folder")
    add("--frames", type=whole_number, default=FRAMES, metavar="N", help=f"default {FRAMES}")
    add(
        "--starts",
        type=whole_number,
        default=STARTS,
        metavar="N",
        help=f"how often the program is started to time its first label; default {STARTS}",
    )
    add(
        "--growth",
        type=whole_number,
        nargs="?",
        const=GROWTH_FRAMES,
        metavar="N",
        help=f"see instead whether memory grows over N (default {GROWTH_FRAMES}) small pictures",
    )
    add(
        "--idle",
        type=whole_number,
        nargs="?",
        const=IDLE_SECONDS,
        metavar="SECONDS",
        help="see instead what a camera that sees nothing new costs, over so long "
        f"(default {IDLE_SECONDS}), with the net resting and without",
    )
    add("--json", action="store_true", help="print JSON instead of a table")
    add("--config", type=Path, metavar="FILE", help="read FILE, not config.yaml")
    add("--set", action="append", default=[], metavar="KEY.PATH=VALUE", help="change one value")
    return parser


class _Bench:
    """The measurements, all of one configuration, with their files in one folder."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self._options = options
        self._clip = folder / "clip.mp4"
        self._log = folder / "labels.jsonl"
        overrides = {
            "source.uri": options.source or str(self._clip),
            "model.bundle": options.model,
            "display.window": False,
            "log.file": str(self._log),
        }
        self._config = load_config(
            options.config,
            [parse_override(text) for text in options.set]
            + [
                Override(path, value, "bench")
                for path, value in overrides.items()
                if value is not None
            ],
        )

    def measure(self) -> Report:
        """Every figure but growth."""
        frames: int = self._options.frames
        # The loop must ask once more after the last frame that counts, which ends that frame.
        wanted = WARM_UP + frames + 1
        if not self._options.source:
            write_clip(self._clip, wanted)
        times = StageTimes(WARM_UP)
        self._run(times.make_loop, Limits(frames=wanted))
        if not times.frames:
            raise SourceError(
                f"{self._config.source.uri} has too few frames to measure: "
                f"it takes {WARM_UP + 2} and more"
            )
        header = self._header()
        drawn = WatchedTimes(WARM_UP)
        self._run(drawn.make_loop, Limits(frames=min(wanted, WARM_UP + EXTRA_FRAMES + 1)))
        decode_ms, decode_processor_ms = time_decoding(
            make_source(self._config.source.uri), EXTRA_FRAMES
        )
        start, memory = measure_start(
            self._command(), ["cv2", MODULES[header["runtime"]]], self._options.starts
        )
        loop_processor_ms, process_processor_ms = times.processor_ms()
        return Report(
            version=header["version"],
            source=header["source"],
            model=header["model"],
            runtime=header["runtime"],
            frames=times.frames,
            stages=times.stages(),
            frame=times.whole_frame(),
            beside_call=times.beside_the_call(),
            labels_per_second=times.labels_per_second(),
            loop_processor_ms=loop_processor_ms,
            process_processor_ms=process_processor_ms,
            decode_ms=decode_ms,
            decode_processor_ms=decode_processor_ms,
            draw=drawn.stages()[DRAW],
            start=start,
            memory=memory,
        )

    def grow(self, frames: int) -> Growth:
        """What the process holds after a tenth of ``frames``, and after all of them."""
        write_clip(self._clip, 1)  # the program needs a source; the loop gets another
        growth = GrowthLoop(frames, memory_of)
        self._run(growth.make_loop, Limits(frames=frames))
        return Growth(frames, growth.early, growth.late)

    def rest(self, seconds: int) -> Idle:
        """What a still scene takes with the net resting, and without."""
        source = self._config.source
        scene = next(moving_pictures(1, source.width // 2 * 2, source.height))
        camera = StillCamera(scene, source.fps)
        measured = []
        for idle in (False, True):
            loop = IdleLoop(camera, SETTLE_SECONDS)
            power = dataclasses.replace(self._config.power, idle=idle)
            # The app's own source must be a camera, of which no frame is asked.
            live = dataclasses.replace(source, uri="demo")
            config = dataclasses.replace(self._config, power=power, source=live)
            try:
                self._run(loop.make_loop, Limits(seconds=SETTLE_SECONDS + seconds), config)
            finally:
                loop.stop()
            rest = loop.rest()
            if rest is None:
                raise SourceError("no label came in time; give --idle more seconds")
            measured.append(rest)
        return Idle(camera.describe(), self._header()["runtime"], *measured)

    def _header(self) -> dict[str, Any]:
        """What the last run wrote when it started."""
        header: dict[str, Any] = json.loads(self._log.read_text("utf-8").partition("\n")[0])
        return header

    def _run(
        self, make_loop: Callable[..., Loop], limits: Limits, config: Config | None = None
    ) -> None:
        self._log.unlink(missing_ok=True)
        # The terminal prints for nobody, as it does to a pipe.
        run(
            config or self._config,
            limits,
            Terminal(io.StringIO()),
            StopEvent(),
            make_loop=make_loop,
        )

    def _command(self) -> list[str]:
        """Words that make the program do the same in a process of its own."""
        options: dict[str, Any] = vars(self._options)
        words = ["--headless", "--source", self._config.source.uri, "--log", str(self._log)]
        words += ["--frames", str(min(options["frames"], EXTRA_FRAMES))]
        words += [word for text in options["set"] for word in ("--set", text)]
        words += ["--model", options["model"]] if options["model"] else []
        return words + (["--config", str(options["config"])] if options["config"] else [])
