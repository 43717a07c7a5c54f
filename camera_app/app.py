"""The whole program on a page: parts made from a Config, then the loop."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import cv2

from camera_app.config import Config
from camera_app.inference.net import Net, open_net
from camera_app.loop import KEY_SECONDS, POLL_SECONDS, Limits, Loop
from camera_app.outputs.base import Output
from camera_app.outputs.log import JsonLinesLog
from camera_app.outputs.terminal import Terminal
from camera_app.parts import (
    PICTURES_PER_SECOND,
    bundle_of,
    classifier_of,
    governor_of,
    idle_fps_of,
    log_of,
    overlay_of,
    recorder_of,
    recording_path,
    smoother_of,
    source_of,
    window_of,
)
from camera_app.service import Service, StopEvent
from camera_app.sources.base import Source

if TYPE_CHECKING:
    from camera_app.outputs.screen import Screen, Viewer
    from camera_app.outputs.systemd import SystemdNotifier
    from camera_app.outputs.window import Window
    from camera_app.power import Governor

STAYS = "the picture stays until q or Esc is pressed in its window, or that is closed"

# What not every start needs (a screen, systemd) is imported where it is: the first label of a
# program without them comes sooner.


def run(
    config: Config,
    limits: Limits,
    terminal: Terminal,
    stop: StopEvent,
    *,
    service: Service | None = None,
    make_loop: Callable[..., Loop] = Loop,
    begun: Callable[[], None] = lambda: None,
) -> int:
    """Build the camera that ``config`` describes and run it until it ends or ``stop`` is set.

    As a ``service`` it tells systemd how it goes, takes up a changed configuration and model when
    asked to, and shows no demo in a camera's place.
    ``make_loop`` gets the parts as :class:`~camera_app.loop.Loop` does; the benchmark puts
    stopwatches around them there, and so measures this very program. ``begun`` is called once all
    parts are made, before the loop begins.

    Returns:
        The process's exit status.

    Raises:
        CameraAppError: a part cannot be made; the loop has not begun.
        StopRequested: ``stop`` was set before the loop began.
    """
    # OpenCV would share out a resize of a fraction of a millisecond, and then wait for a core that
    # decodes the next frame: 0.87 ms for 720 -> 32 beside a film that is read, 0.45 ms alone.
    cv2.setNumThreads(1)
    with contextlib.ExitStack() as to_close:
        to_close.callback(terminal.close)
        bundle = bundle_of(config)
        net = open_net(bundle, config.model.runtime, config.model.threads)
        to_close.callback(net.close)
        source = source_of(config, bundle, demo_if_none=service is None)
        to_close.callback(source.stop)
        terminal.live = source.live
        source.start()
        stop.interrupts = False
        terminal.say(f"source: {source.describe()}")
        terminal.say(f"model: {bundle.name}, {len(bundle.labels)} labels; {net.choice}")
        outputs = _open_outputs(config, net, source, terminal, stop, service, to_close)
        if outputs.window is not None:
            outputs.window.loss.then(stop.set, to_close.close)
        watched = outputs.screen is not None
        governor = governor_of(config, outputs.log, watched=watched) if source.live else None
        make_classifier = partial(classifier_of, power=config.power, source=source)
        make_smoother = partial(smoother_of, source=source)
        loop = make_loop(
            source,
            make_classifier(net),
            make_smoother(config.decision, bundle),
            outputs.in_order,
            **_pace(source, outputs, governor, terminal),
        )
        between_frames = _nothing
        if service is not None:
            from camera_app.reload import Reloader

            def pace(changed: Config) -> None:
                if governor is not None:
                    governor.idle_at(idle_fps_of(changed, watched=watched))

            reloader = Reloader(
                service,
                config,
                net,
                loop,
                make_classifier,
                make_smoother,
                pace=pace,
                say=terminal.say,
                log=outputs.log,
                notifier=outputs.notifier,
            )
            to_close.callback(reloader.close)
            between_frames = reloader.attend

        def stopped() -> bool:
            # A service goes on without whoever reads what it prints: a journal may be restarted.
            broken = terminal.broken or (outputs.log is not None and outputs.log.broken)
            unheard = broken and service is None
            unwanted = outputs.screen is not None and outputs.screen.quit_requested
            return stop.is_set() or unwanted or unheard

        begun()
        loop.run(limits, stopped, between_frames)
    return 1 if outputs.window is not None and outputs.window.loss.seen else 0


class _Outputs(NamedTuple):
    """Where results go: those that others must know of, and all in the order they are told in."""

    screen: "Screen | None"
    window: "Window | None"
    log: JsonLinesLog | None
    notifier: "SystemdNotifier | None"
    in_order: list[Output]


def _open_outputs(
    config: Config,
    net: Net,
    source: Source,
    terminal: Terminal,
    stop: StopEvent,
    service: Service | None,
    to_close: contextlib.ExitStack,
) -> _Outputs:
    """Open what ``config`` asks for, and tell a person where things go."""
    # Before the log: a refusal to overwrite a video then leaves no trace in any file.
    recording = recording_path(config, numbered=service is not None)
    recorder = recorder_of(config, source, recording, stop.is_set)
    if recorder is not None:
        to_close.callback(recorder.close)
        terminal.say(f"recording: {recording}")
    log = log_of(config, net, source, stop.is_set)
    if log is not None:
        to_close.callback(log.close)
        terminal.say(f"log: {log.path}")
    window = window_of(config, terminal)
    screen = None
    viewers: list[Viewer] = [viewer for viewer in (recorder, window) if viewer is not None]
    if viewers:
        from camera_app.outputs.screen import Screen

        screen = Screen(viewers, overlay_of(config, source, net.bundle))
        to_close.callback(screen.close)
    notifier = None
    if service is not None:
        from camera_app.outputs.systemd import SystemdNotifier

        notifier = SystemdNotifier(lambda: source.responsive)
        to_close.callback(notifier.close)
    in_order: list[Output | None] = [screen, log, terminal, notifier]
    return _Outputs(
        screen,
        window,
        log,
        notifier,
        in_order=[output for output in in_order if output is not None],
    )


def _pace(
    source: Source, outputs: _Outputs, governor: "Governor | None", terminal: Terminal
) -> dict[str, object]:
    """How fast the loop may go, as arguments of it."""
    look_seconds = POLL_SECONDS if outputs.window is None else KEY_SECONDS
    if governor is not None:
        return {"seconds_a_label": governor.seconds_a_label, "look_seconds": look_seconds}
    if outputs.window is None:
        return {}  # a recording that nobody watches goes as fast as the net does
    if source.frames_per_second is not None:
        return {"pace": source.frames_per_second}
    # Who opens one picture wants to look at it. A script that reads what is printed, or throws it
    # away, does not: nobody may be there to close the window.
    stay = partial(terminal.say, STAYS) if terminal.interactive else None
    return {"pace": PICTURES_PER_SECOND, "stay": stay}


def _nothing() -> None:
    """What a program that is no service does between two frames."""
