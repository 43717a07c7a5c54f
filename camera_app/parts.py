"""The program's parts, each made as a Config describes it; none knows of another's making."""

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from camera_app import __version__
from camera_app.config import Config, DecisionConfig, PowerConfig
from camera_app.errors import OutputError, UsageError
from camera_app.folders import user_folder
from camera_app.inference.bundle import Bundle
from camera_app.inference.cascade import load_model
from camera_app.inference.classifier import Classifier
from camera_app.inference.net import Net
from camera_app.inference.preprocess import SAMPLES, crop_mean, crop_resize, samples
from camera_app.inference.smoothing import Smoother
from camera_app.inference.still import StillScene
from camera_app.outputs.log import JsonLinesLog
from camera_app.outputs.terminal import Terminal
from camera_app.sources.base import Pixels, Source
from camera_app.sources.factory import make_source

if TYPE_CHECKING:
    from camera_app.outputs.overlay import Overlay
    from camera_app.outputs.record import VideoRecorder
    from camera_app.outputs.window import Window
    from camera_app.power import Governor

logger = logging.getLogger(__name__)

# A window, a recorder and what spares power are loaded where they are wanted: what is without them
# starts sooner.

AUTO: Literal["auto"] = "auto"
NONE: Literal["none"] = "none"

EXIT_SHARE = 0.5
"""Of the probability at which a label is taken up: where it is given up, unless set otherwise."""

PICTURES_PER_SECOND = 1.0
"""How fast a folder of pictures goes by, in a window and in a video."""


def source_of(config: Config, bundle: Bundle, *, demo_if_none: bool) -> Source:
    """Where frames come from; not yet started.

    Raises:
        CameraAppError: there is no such source.
    """
    source = config.source
    only_the_net_looks = not config.display.window and config.record.file == NONE
    square = SAMPLES * bundle.input_size if only_the_net_looks else None
    return make_source(
        source.uri,
        width=source.width,
        height=source.height,
        fps=source.fps,
        rotate=source.rotate,
        flip=source.flip,
        retry_seconds=source.retry_seconds,
        retry_limit_seconds=source.retry_limit_seconds,
        read_timeout_seconds=source.read_timeout_seconds,
        # No more is looked at of what is larger.
        square=square,
        shrink=shrink_of(bundle),
        shrink_alone=partial(crop_mean, size=bundle.input_size),
        reduce=None if square is None else partial(samples, side=square),
        demo_if_none=demo_if_none,
    )


def bundle_of(config: Config) -> Bundle:
    """The model, and the one that is asked before it, if there are two.

    Raises:
        ModelError: a bundle cannot be loaded, or the first is not fitted to be asked before it.
    """
    bundle = load_model(config.model.bundle)
    # Frames that are not averaged over time are not to be mixed with the look before either.
    both_looks = config.model.mirrored and config.decision.smoothing_seconds > 0
    return bundle if both_looks else bundle._replace(mirrored=None)


def shrink_of(bundle: Bundle) -> Callable[[Pixels], Pixels]:
    """What makes the net's input of a picture ahead of the classifier."""
    return partial(crop_resize, size=bundle.input_size)


def classifier_of(net: Net, power: PowerConfig, source: Source) -> Classifier:
    """What names a frame by itself."""
    # Of a recording nothing is skipped: the same file gives the same log.
    sparing = source.live and power.idle
    still = StillScene(power.idle_threshold) if sparing else None
    return Classifier(net.bundle, net.runtime, still=still)


def smoother_of(decision: DecisionConfig, bundle: Bundle, source: Source) -> Smoother:
    """What makes a label that holds still of single answers."""
    unknown_below = _number(decision.unknown_below, bundle.published.unknown_below)
    enter = max(unknown_below, _number(decision.enter, unknown_below))
    # Pictures of a folder have nothing to do with each other: each is answered by itself.
    alone = not source.live and source.frames_per_second is None
    return Smoother(
        bundle.labels,
        unknown_below=unknown_below,
        smoothing_seconds=0.0 if alone else decision.smoothing_seconds,
        enter=enter,
        exit=min(enter, _number(decision.exit, enter * EXIT_SHARE)),
        dwell_seconds=0.0 if alone else decision.dwell_seconds,
        top=decision.top,
    )


def _number(setting: float | Literal["auto"], automatic: float) -> float:
    return automatic if setting == AUTO else setting


def idle_fps_of(config: Config, *, watched: bool) -> float | None:
    """Labels a second while nothing moves; None for as many as come."""
    power = config.power
    # Whoever looks wants a picture that moves as the camera's does, and a log of every frame them.
    each_counts = watched or config.log.every_frame or not power.idle
    return None if each_counts or power.idle_fps == NONE else power.idle_fps


def governor_of(config: Config, log: JsonLinesLog | None, *, watched: bool) -> "Governor":
    """What says how many labels a second there are; ``watched`` is whether pictures are shown."""
    from camera_app.power import Governor

    power = config.power
    return Governor(
        max_fps=None if power.max_fps == NONE else power.max_fps,
        hot_fps=power.hot_fps,
        idle_fps=idle_fps_of(config, watched=watched),
        temperature_limit=None if power.temperature_limit == NONE else power.temperature_limit,
        tell=lambda message, max_fps: log.power_changed(message, max_fps) if log else None,
    )


def log_of(
    config: Config, net: Net, source: Source, stopped: Callable[[], bool]
) -> JsonLinesLog | None:
    """The log, its first line written; None if none is wanted.

    Raises:
        OutputError: it cannot be written.
        UsageError: it is where the video is to be.
    """
    if config.log.file == NONE:
        return None
    path = default_log_path() if config.log.file == AUTO else _path(config.log.file, "--log")
    if config.record.file != NONE and _same(path, _path(config.record.file, "--record")):
        raise UsageError(f"{path} cannot be both the log and the video; change --log or --record")
    return JsonLinesLog(
        path,
        live=source.live,
        every_frame=config.log.every_frame,
        max_bytes=config.log.max_bytes,
        backups=config.log.backups,
        heartbeat_seconds=config.log.heartbeat_seconds,
        header={
            "version": __version__,
            "source": source.describe(),
            **net.facts(),
        },
        skipped=lambda: source.skipped,
        stopped=stopped,
    )


def recording_path(config: Config, *, numbered: bool) -> Path | None:
    """Where the annotated video goes; None if none is wanted.

    Args:
        config: names it.
        numbered: whether one that is there is left alone and the next free number taken,
            ``flight-2.mkv`` after ``flight.mkv``: a service is started anew after a power cut.

    Raises:
        OutputError: its user has no home folder.
        UsageError: it is no name of a file.
    """
    if config.record.file == NONE:
        return None
    path = first = _path(config.record.file, "--record")
    number = 1
    while numbered and os.path.lexists(path):
        number += 1
        path = first.with_stem(f"{first.stem}-{number}")
    return path


def recorder_of(
    config: Config, source: Source, path: Path | None, stopped: Callable[[], bool]
) -> "VideoRecorder | None":
    """What writes the annotated video to ``path``; None if none is wanted.

    Raises:
        OutputError: it cannot be written.
        UsageError: its name is no video's.
    """
    if path is None:
        return None
    from camera_app.outputs.record import VideoRecorder

    return VideoRecorder(
        path,
        fps=source.frames_per_second
        or (float(config.source.fps) if source.live else PICTURES_PER_SECOND),
        live=source.live,
        timed=source.live or source.frames_per_second is not None,
        stopped=stopped,
    )


def overlay_of(config: Config, source: Source, bundle: Bundle) -> "Overlay | None":
    """What draws on pictures; None if they are shown as they are.

    Labels that it has no letters for are said.
    """
    if not config.display.overlay:
        return None
    from camera_app.outputs.font import drawable
    from camera_app.outputs.overlay import Overlay

    strange = [label for label in bundle.labels if not drawable(label)]
    if strange:
        logger.warning(
            "%d of the %d labels of %s, such as %s, have letters that are drawn as ? on pictures; "
            "the log has them right",
            len(strange),
            len(bundle.labels),
            bundle.name,
            strange[0],
        )
    return Overlay(live=source.live)


def window_of(config: Config, terminal: Terminal) -> "Window | None":
    """The window, open; None if none is wanted, or there is nowhere to open one.

    Raises:
        OutputError: there is no place for its snapshots.
    """
    if not config.display.window:
        return None
    from camera_app.outputs.window import open_window

    snapshots = _path(config.display.snapshots, "--set display.snapshots")
    return open_window(snapshots=snapshots, say=terminal.say)


def default_log_path() -> Path:
    """Where ``log.file: auto`` writes: the user's folder for what a program keeps of its past.

    Raises:
        OutputError: this user has no home folder.
    """
    try:
        return user_folder("XDG_STATE_HOME", "~/.local/state") / "camera-app" / "labels.jsonl"
    except RuntimeError:
        raise _homeless("~/.local/state", "--log") from None


def _path(text: str, option: str) -> Path:
    """``text`` as a path, in which ``~`` stands for the home folder."""
    if text == "-":  # elsewhere that is standard output, and here it would be a file of that name
        raise UsageError(f"{option}: '-' is no file; name one, or write ./- if you mean that")
    try:
        return Path(text).expanduser()
    except RuntimeError:  # no such user, or one without a home
        raise _homeless(text, option) from None


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _homeless(text: str, option: str) -> OutputError:
    return OutputError(f"there is no home folder for {text}; name a whole path with {option}")
