"""The whole program on a page: parts made from a Config, then the loop."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import cv2

from camera_app import __version__
from camera_app.config import Config, DecisionConfig
from camera_app.errors import OutputError, UsageError
from camera_app.inference.bundle import Bundle, load_bundle
from camera_app.inference.classifier import Classifier
from camera_app.inference.net import Net, open_net
from camera_app.inference.preprocess import HALVE_FROM
from camera_app.inference.smoothing import Smoother
from camera_app.inference.still import StillScene
from camera_app.loop import KEY_SECONDS, POLL_SECONDS, Limits, Loop
from camera_app.outputs.base import Output
from camera_app.outputs.log import JsonLinesLog
from camera_app.outputs.overlay import Overlay
from camera_app.outputs.record import VideoRecorder
from camera_app.outputs.screen import Screen, Viewer
from camera_app.outputs.systemd import SystemdNotifier
from camera_app.outputs.terminal import Terminal
from camera_app.outputs.window import Window, open_window
from camera_app.power import Governor
from camera_app.reload import Reloader
from camera_app.service import Service, StopEvent
from camera_app.sources.base import Source
from camera_app.sources.factory import make_source

AUTO: Literal["auto"] = "auto"
NONE: Literal["none"] = "none"

PICTURES_PER_SECOND = 1.0
"""How fast a folder of pictures goes by in a window."""


def run(
    config: Config,
    limits: Limits,
    terminal: Terminal,
    stop: StopEvent,
    *,
    service: Service | None = None,
    make_loop: Callable[..., Loop] = Loop,
) -> int:
    """Build the camera that ``config`` describes and run it until it ends or ``stop`` is set.

    As a ``service`` it tells systemd how it goes, takes up a changed configuration and model when
    asked to, and shows no demo in a camera's place.
    ``make_loop`` gets the parts as :class:`~camera_app.loop.Loop` does; the benchmark puts
    stopwatches around them there, and so measures this very program.

    Returns:
        The process's exit status.

    Raises:
        CameraAppError: a part cannot be made; the loop has not begun.
        StopRequested: ``stop`` was set before the loop began.
    """
    # OpenCV would share out a resize of a fraction of a millisecond, and then wait for a core that
    # decodes the next frame: 0.87 ms for 720 -> 32 beside a film that is read, 0.45 ms alone.
    cv2.setNumThreads(1)
    with contextlib.ExitStack() as parts:
        parts.callback(terminal.close)
        bundle = load_bundle(config.model.bundle)
        net = open_net(bundle, config.model.runtime, config.model.threads)
        parts.callback(net.close)
        source = _make_source(config, bundle, demo_if_none=service is None)
        parts.callback(source.stop)
        source.start()
        stop.interrupts = False
        terminal.say(f"source: {source.describe()}")
        terminal.say(f"model: {bundle.name}, {len(bundle.labels)} labels; {net.choice}")
        outputs: list[Output] = [terminal]
        viewers: list[Viewer] = []
        # Before the log: a refusal to overwrite a video then leaves no trace in any file.
        recorder = _open_recorder(config, source)
        if recorder is not None:
            parts.callback(recorder.close)
            viewers.append(recorder)
            terminal.say(f"recording: {config.record.file}")
        log = _open_log(config, bundle, source, net.runtime.name)
        if log is not None:
            parts.callback(log.close)
            outputs.insert(0, log)
            terminal.say(f"log: {log.path}")
        window = _open_window(config, terminal)
        if window is not None:
            viewers.append(window)
        screen = Screen(viewers, Overlay(live=source.live) if config.display.overlay else None)
        parts.callback(screen.close)
        outputs.insert(0, screen)
        notifier = SystemdNotifier(lambda: source.responsive) if service is not None else None
        if notifier is not None:
            parts.callback(notifier.close)
            outputs.append(notifier)

        def stopped() -> bool:
            # A service goes on without whoever reads what it prints: a journal may be restarted.
            unheard = terminal.broken and service is None
            return stop.is_set() or screen.quit_requested or unheard

        def classifier_of(net: Net) -> Classifier:
            # Of a recording nothing is skipped: the same file gives the same log.
            sparing = source.live and config.power.idle
            still = StillScene(config.power.idle_threshold) if sparing else None
            return Classifier(net.bundle, net.runtime, still=still)

        def smoother_of(decision: DecisionConfig, bundle: Bundle) -> Smoother:
            return _make_smoother(decision, bundle, source)

        pace = source.frames_per_second or PICTURES_PER_SECOND
        loop = make_loop(
            source,
            classifier_of(net),
            smoother_of(config.decision, bundle),
            outputs,
            pace=pace if window is not None and not source.live else None,
            seconds_a_label=_governor(config, log).seconds_a_label if source.live else None,
            look_seconds=POLL_SECONDS if window is None else KEY_SECONDS,
        )
        if service is None:
            loop.run(limits, stopped)
            return 0
        reloader = Reloader(
            service,
            config,
            net,
            loop,
            classifier_of,
            smoother_of,
            say=terminal.say,
            log=log,
            notifier=notifier,
        )
        parts.callback(reloader.close)
        loop.run(limits, stopped, reloader.attend)
    return 0


def default_log_path() -> Path:
    """Where ``log.file: auto`` writes: the user's folder for what a program keeps of its past.

    As the XDG Base Directory Specification says, a value that is no absolute path is ignored.

    Raises:
        OutputError: this user has no home folder.
    """
    home = os.environ.get("XDG_STATE_HOME", "")
    if not Path(home).is_absolute():
        home = "~/.local/state"
    return _path(home, "--log") / "camera-app" / "labels.jsonl"


def _path(text: str, option: str) -> Path:
    """``text`` as a path, in which ``~`` stands for the home folder."""
    try:
        return Path(text).expanduser()
    except RuntimeError:  # no such user, or one without a home
        raise OutputError(
            f"there is no home folder for {text}; name a whole path with {option}"
        ) from None


def _make_source(config: Config, bundle: Bundle, *, demo_if_none: bool) -> Source:
    source = config.source
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
        # What is larger would be halved at once.
        square=None if _somebody_may_look(config) else HALVE_FROM * bundle.input_size,
        demo_if_none=demo_if_none,
    )


def _somebody_may_look(config: Config) -> bool:
    """Whether pictures are for anybody but the net."""
    return config.display.window or config.record.file != NONE


def _open_log(config: Config, bundle: Bundle, source: Source, runtime: str) -> JsonLinesLog | None:
    if config.log.file == NONE:
        return None
    path = default_log_path() if config.log.file == AUTO else _path(config.log.file, "--log")
    if config.record.file != NONE and path == _path(config.record.file, "--record"):
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
            "model": bundle.name,
            "sha256": bundle.sha256,
            "runtime": runtime,
        },
        skipped=lambda: source.skipped,
    )


def _open_recorder(config: Config, source: Source) -> VideoRecorder | None:
    if config.record.file == NONE:
        return None
    return VideoRecorder(
        _path(config.record.file, "--record"),
        fps=source.frames_per_second or float(config.source.fps),
        live=source.live,
    )


def _open_window(config: Config, terminal: Terminal) -> Window | None:
    if not config.display.window:
        return None
    snapshots = _path(config.display.snapshots, "--set display.snapshots")
    return open_window(snapshots=snapshots, say=terminal.say)


def _governor(config: Config, log: JsonLinesLog | None) -> Governor:
    power = config.power
    # Whoever looks wants a picture that moves as the camera's does, and a log of every frame them.
    each_counts = _somebody_may_look(config) or config.log.every_frame or not power.idle
    return Governor(
        max_fps=None if power.max_fps == NONE else power.max_fps,
        hot_fps=power.hot_fps,
        idle_fps=None if each_counts or power.idle_fps == NONE else power.idle_fps,
        temperature_limit=None if power.temperature_limit == NONE else power.temperature_limit,
        tell=lambda message, max_fps: log.power_changed(message, max_fps) if log else None,
    )


def _make_smoother(decision: DecisionConfig, bundle: Bundle, source: Source) -> Smoother:
    # Pictures of a folder have nothing to do with each other: each is answered by itself.
    alone = not source.live and source.frames_per_second is None
    return Smoother(
        bundle.labels,
        unknown_below=(
            bundle.unknown_below if decision.unknown_below == AUTO else decision.unknown_below
        ),
        smoothing_seconds=0.0 if alone else decision.smoothing_seconds,
        enter=decision.enter,
        exit=decision.exit,
        dwell_seconds=0.0 if alone else decision.dwell_seconds,
        top=decision.top,
    )
