"""The program run for a measurement: no window, a log that goes away, prints for nobody."""

import argparse
import io
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from camera_app.app import run
from camera_app.arguments import one_or_all
from camera_app.bench.clip import write_clip
from camera_app.config import Config, Override, load_config, parse_override
from camera_app.inference.cascade import load_model
from camera_app.loop import Limits, Loop
from camera_app.outputs.terminal import Terminal
from camera_app.parts import NONE
from camera_app.service import StopEvent
from camera_app.sources.base import Source
from camera_app.sources.factory import DEMO

Header = dict[str, Any]
"""The log's first line: ``version``, ``source``, ``model``, ``runtime``."""

LOG_BYTES = 10_000_000_000
"""The most that a log may have: it must not be rotated, since its first line is read in the end."""


class Session:
    """Runs of the program with one configuration, their files in one folder.

    Args:
        folder: of the files.
        options: of the benchmark's command line.

    Attributes:
        folder: of the files.
        clip: where a video can be written.
        log: of the last run.
        config: what the program runs with.
    """

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self._options = options
        self.folder = folder
        self.clip = folder / "clip.mp4"
        self.log = folder / "labels.jsonl"
        self._one_picture = folder / "one.mp4"
        self._recordings = folder / "recordings"
        self.config = self.config_with([])

    def config_with(self, overrides: Sequence[Override]) -> Config:
        """The configuration with some values changed, and a log of the benchmark's own.

        Where it records, that goes to a file of the benchmark's own, too: the user's would be in
        the way of the next run, and the next run in the way of the user's.

        Raises:
            ConfigError: there is no such key, or it cannot have that value.
            ModelError: there is no such model; said here, before minutes of measuring.
        """
        options = self._options
        ours = {
            "source.uri": options.source or str(self.clip),
            "model.bundle": one_or_all(options.model),
            "display.window": False,
        }
        config = load_config(
            options.config,
            [
                *map(parse_override, options.set),
                *(
                    Override(key, value, "bench")
                    for key, value in ours.items()
                    if value is not None
                ),
                *overrides,
                Override("log.file", str(self.log), "bench"),
                Override("log.max_bytes", LOG_BYTES, "bench"),
            ],
        )
        load_model(config.model.bundle)
        if config.record.file == NONE:
            return config
        recording = self._recordings / Path(config.record.file).name
        return config._replace(record=config.record._replace(file=str(recording)))

    def run(
        self,
        make_loop: Callable[..., Loop],
        limits: Limits,
        *,
        config: Config | None = None,
        source: Source | None = None,
    ) -> Header:
        """Run the program until ``limits``.

        Args:
            make_loop: gets the parts.
            limits: after which it ends.
            config: taken instead of the session's.
            source: not yet started; it is put in the place of the configured one.

        Raises:
            CameraAppError: the program cannot run.
        """
        config = config or self.config
        if source is not None:
            config = config._replace(source=config.source._replace(uri=self._stand_in(source)))
            make_loop = _in_place(source, make_loop)
        self.log.unlink(missing_ok=True)
        self.forget_recordings()
        try:
            # The terminal prints for nobody, as it does to a pipe.
            run(config, limits, Terminal(io.StringIO()), StopEvent(), make_loop=make_loop)
        finally:
            if source is not None:
                source.stop()
        header: Header = json.loads(self.log.read_text("utf-8").partition("\n")[0])
        return header if source is None else {**header, "source": source.describe()}

    def forget_recordings(self) -> None:
        """Remove what a run has recorded: the next one overwrites nothing."""
        shutil.rmtree(self._recordings, ignore_errors=True)

    def _stand_in(self, source: Source) -> str:
        """What the program may open and is not asked for frames, of the same kind as ``source``."""
        if source.live:
            return DEMO
        if not self._one_picture.exists():
            write_clip(self._one_picture, 1)
        return str(self._one_picture)

    def command(self, frames: int) -> list[str]:
        """Words that make the program do the same in a process of its own, and then end.

        Recordings are to be forgotten before each such run.
        """
        options: dict[str, Any] = vars(self._options)
        words = ["--headless", "--source", self.config.source.uri, "--log", str(self.log)]
        words += ["--frames", str(frames), "--record", self.config.record.file]
        words += [word for text in options["set"] for word in ("--set", text)]
        words += [word for model in options["model"] or () for word in ("--model", model)]
        return words + (["--config", str(options["config"])] if options["config"] else [])


def _in_place(source: Source, make_loop: Callable[..., Loop]) -> Callable[..., Loop]:
    """``make_loop`` with another source than it is given."""

    def make(theirs: Source, *parts: Any, **options: Any) -> Loop:
        theirs.stop()
        source.start()
        return make_loop(source, *parts, **options)

    return make
