"""Taking up a changed configuration and model without letting go of the camera."""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from camera_app.config import Config, DecisionConfig
from camera_app.errors import CameraAppError
from camera_app.inference.bundle import Bundle
from camera_app.inference.classifier import Classifier
from camera_app.inference.net import Net, open_net
from camera_app.inference.smoothing import Smoother
from camera_app.loop import Loop
from camera_app.outputs.log import JsonLinesLog
from camera_app.outputs.systemd import SystemdNotifier
from camera_app.parts import bundle_of
from camera_app.service import Service
from camera_app.threads import start_thread

logger = logging.getLogger(__name__)


class Reloader:
    """Reads configuration and model anew when asked, between two frames.

    The new net is opened and tried in a thread of its own, which may take half a minute on a small
    board, while the old one names the frames that come. Whatever is wrong with it, or with the
    configuration, is refused in one sentence, and the old goes on. The model, the decision
    and how often the log is written are taken up; for anything else the program must be restarted,
    and that is said.

    Args:
        service: says when, and reads the configuration.
        config: what the program runs with.
        net: what it names frames with; the Reloader closes it, or what has taken its place.
        loop: gets the new parts.
        make_classifier: makes one of a net.
        make_smoother: makes one of a ``decision`` section and a model.
        pace: is told of the configuration that goes by now, for how often a label is wanted.
        say: tells a person.
        log: is told what was taken up or refused.
        notifier: is told that a reload goes on.
    """

    def __init__(
        self,
        service: Service,
        config: Config,
        net: Net,
        loop: Loop,
        make_classifier: Callable[[Net], Classifier],
        make_smoother: Callable[[DecisionConfig, Bundle], Smoother],
        *,
        pace: Callable[[Config], None],
        say: Callable[[str], None],
        log: JsonLinesLog | None,
        notifier: SystemdNotifier | None,
    ) -> None:
        self._service = service
        self._config = config
        self._net = net
        self._loop = loop
        self._make_classifier = make_classifier
        self._make_smoother = make_smoother
        self._pace = pace
        self._say = say
        self._log = log
        self._notifier = notifier
        self._change: _Change | None = None

    @property
    def busy(self) -> bool:
        """Whether a reload has begun that is not over."""
        return self._change is not None

    def attend(self) -> None:
        """Begin a reload, if one was asked for; end one, if its net is open."""
        if self._change is None:
            if not self._service.reload.take():
                return
            if self._notifier is not None:
                self._notifier.reloading()
        try:
            change = self._change = self._change or self._begin(self._service.read_config())
            if change.opening is not None and not change.opening.over:
                return
            news = self._take_up(change)
        except CameraAppError as error:
            logger.error("the reload is refused and nothing has changed: %s", error)
            news = {"refused": str(error)}
        self._change = None
        if self._log is not None:
            self._log.reloaded(news)
        if self._notifier is not None:
            self._notifier.reloaded()

    def close(self) -> None:
        """Let go of the net that is at work now."""
        self._net.close()

    def _begin(self, wanted: Config) -> "_Change":
        config = _taken_up(self._config, wanted)
        bundle = bundle_of(config)
        same_net = bundle == self._net.bundle and config.model == self._config.model
        return _Change(config, wanted, None if same_net else _Opening(bundle, config))

    def _take_up(self, change: "_Change") -> dict[str, Any]:
        """Take up what can be; returns what to log."""
        config, wanted, opening = change
        before, old = self._config, self._net
        net = old if opening is None else opening.net()
        if net is not old or config.decision != before.decision:
            smoother = self._make_smoother(config.decision, net.bundle)
            self._loop.use(self._make_classifier(net), smoother)
        if self._log is not None:
            self._log.write_as(
                every_frame=config.log.every_frame, heartbeat_seconds=config.log.heartbeat_seconds
            )
        self._pace(config)
        self._config, self._net = config, net
        if net is not old:
            old.close()
        self._say(f"reloaded: {net.bundle.name}, {len(net.bundle.labels)} labels; {net.choice}")
        left = _differences(config, wanted)
        if left:
            logger.warning("%s will be taken up by a restart, not by a reload", ", ".join(left))
        return {**net.facts(), **({"needs_restart": left} if left else {})}


class _Opening:
    """A net that is being opened in a thread of its own."""

    def __init__(self, bundle: Bundle, config: Config) -> None:
        self._bundle = bundle
        self._config = config
        self._net: Net | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._open, name="reload", daemon=True)
        start_thread(self._thread)

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def net(self) -> Net:
        """The net, once it is :attr:`over`; raises what was raised where it could not be opened."""
        if self._net is None:
            raise self._error or RuntimeError("the net is not open yet")
        return self._net

    def _open(self) -> None:
        try:
            net = open_net(self._bundle, self._config.model.runtime, self._config.model.threads)
            with contextlib.ExitStack() as to_close:
                to_close.callback(net.close)
                # One that fails as it is run must not take the place of one that works.
                net.runtime.run(
                    np.zeros((net.bundle.input_size, net.bundle.input_size, 3), np.uint8)
                )
                to_close.pop_all()
            self._net = net
        except Exception as error:  # whatever it is, it is the loop's to deal with
            self._error = error


class _Change(NamedTuple):
    """What a reload is to bring; a net only where that is another."""

    config: Config
    wanted: Config
    opening: _Opening | None


def _taken_up(running: Config, wanted: Config) -> Config:
    """``running`` with all of ``wanted`` that needs no restart."""
    log = running.log._replace(
        every_frame=wanted.log.every_frame,
        heartbeat_seconds=wanted.log.heartbeat_seconds,
    )
    return running._replace(model=wanted.model, decision=wanted.decision, log=log)


def _differences(one: Config, other: Config) -> list[str]:
    """Key paths of the values that are not the same, e.g. ``source.fps``."""
    theirs = other.as_dict()
    return [
        f"{section}.{key}"
        for section, values in one.as_dict().items()
        for key, value in values.items()
        if theirs[section][key] != value
    ]
