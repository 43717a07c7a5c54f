"""A reload takes up what is right, and what is wrong changes nothing."""

import io
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from camera_app.config import Config, DecisionConfig, load_config
from camera_app.errors import ModelError
from camera_app.frame import Frame
from camera_app.inference.bundle import Bundle
from camera_app.inference.cascade import load_model
from camera_app.inference.classifier import Classifier
from camera_app.inference.fake import FakeRuntime
from camera_app.inference.net import Net, open_net
from camera_app.inference.smoothing import Smoother
from camera_app.loop import Loop
from camera_app.outputs.fake import FakeSystemd
from camera_app.outputs.log import JsonLinesLog
from camera_app.outputs.systemd import SystemdNotifier
from camera_app.outputs.terminal import Terminal
from camera_app.parts import idle_fps_of
from camera_app.reload import Reloader
from camera_app.service import ReloadRequest, Service
from tests.end_to_end import BUNDLE, RUNTIME, events
from tests.outputs.conftest import make_result, wait_until

GREY = Frame(np.full((64, 64, 3), 128, np.uint8), 0, 0.0)


@dataclass
class Uses:
    """Stands in for the loop: what it was told to use."""

    parts: list[tuple[Classifier, Smoother]] = field(default_factory=list)

    def use(self, classifier: Classifier, smoother: Smoother) -> None:
        self.parts.append((classifier, smoother))


def make_smoother(decision: DecisionConfig, bundle: Bundle) -> Smoother:
    return Smoother(
        bundle.labels,
        unknown_below=0.0,
        smoothing_seconds=0.0,
        enter=0.0,
        exit=0.0,
        dwell_seconds=0.0,
        top=decision.top,
    )


class Bench:
    """A Reloader with real parts, and files to change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config_file = folder / "config.yaml"
        self.settings: dict[str, Any] = {
            "model": {"bundle": str(self.copy("old")), "runtime": RUNTIME, "threads": 1},
            "log": {"file": "none"},
        }
        config = self.write()
        bundle = load_model(config.model.bundle)
        self.net = open_net(bundle, RUNTIME, 1)
        self.uses = Uses()
        self.printed = io.StringIO()
        self.paces: list[Config] = []
        self.log = JsonLinesLog(folder / "labels.jsonl", live=True)
        self.systemd = FakeSystemd(str(folder / "notify"))
        notifier = SystemdNotifier(lambda: True, environment=self.systemd.environment)
        notifier.write(make_result())
        self.systemd.received()
        self.request = ReloadRequest()
        self.reloader = Reloader(
            Service(self.request, lambda: load_config(self.config_file)),
            config,
            self.net,
            cast(Loop, self.uses),
            lambda net: Classifier(net.bundle, net.runtime),
            make_smoother,
            pace=self.paces.append,
            say=Terminal(self.printed).say,
            log=self.log,
            notifier=notifier,
        )

    def copy(self, place: str, /, **changes: Any) -> Path:
        """A bundle with other words in its description."""
        folder = self.folder / place
        shutil.copytree(BUNDLE, folder)
        file = folder / "model.yaml"
        file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | changes))
        return folder

    def write(self, **changes: Any) -> Config:
        """Write the configuration, some sections with other values."""
        for section, values in changes.items():
            self.settings[section] = self.settings.get(section, {}) | values
        self.config_file.write_text(yaml.safe_dump(self.settings))
        return load_config(self.config_file)

    def reload(self) -> list[dict[str, Any]]:
        """What the log says of it."""
        self.attend()
        kinds = [message.split("=")[0] for message in self.systemd.received()]
        assert kinds == ["RELOADING", "READY"]
        self.log.close()
        return [
            {key: value for key, value in event.items() if key not in ("time", "event")}
            for event in events(self.log.path, "reload")
        ]

    def attend(self) -> None:
        self.request.make()
        self.reloader.attend()
        assert wait_until(lambda: not self.reloader.busy, self.reloader.attend)

    def close(self) -> None:
        self.reloader.close()
        self.log.close()
        self.systemd.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_unasked_nothing_happens(bench: Bench) -> None:
    bench.write(model={"bundle": "no-such-model"})
    bench.reloader.attend()
    assert bench.systemd.received() == []
    assert bench.uses.parts == []


def test_one_request_is_one_reload(bench: Bench) -> None:
    bench.reload()
    bench.reloader.attend()
    assert bench.systemd.received() == []


def test_another_model_takes_the_place_of_the_old_which_is_let_go(bench: Bench) -> None:
    labels = [f"class {number}" for number in range(10)]
    black = np.zeros((32, 32, 3), np.uint8)
    bench.net.runtime.run(black)
    bench.write(model={"bundle": str(bench.copy("new", name="letters", labels=labels))})
    (event,) = bench.reload()
    assert (event["model"], event["runtime"]) == ("letters", RUNTIME)
    ((classifier, smoother),) = bench.uses.parts
    decision = smoother.update(classifier.classify(GREY).probabilities, 0.0)
    assert decision.top[0][0] in labels
    assert "reloaded: letters, 10 labels" in bench.printed.getvalue()
    with pytest.raises(AttributeError):
        bench.net.runtime.run(black)


def test_the_old_net_goes_on_while_a_new_one_is_opened(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = threading.Event()

    def open_slowly(*arguments: Any) -> Net:
        opened.wait(20)
        return open_net(*arguments)

    monkeypatch.setattr("camera_app.reload.open_net", open_slowly)
    bench.write(model={"bundle": str(bench.copy("new", name="letters"))})
    bench.request.make()
    for _ in range(3):
        bench.reloader.attend()
        bench.request.make()
        assert bench.reloader.busy
        assert bench.uses.parts == []
        bench.net.runtime.run(np.zeros((32, 32, 3), np.uint8))
    assert [message.split("=")[0] for message in bench.systemd.received()] == ["RELOADING"]
    opened.set()
    assert wait_until(lambda: not bench.reloader.busy, bench.reloader.attend)
    assert len(bench.uses.parts) == 1
    bench.systemd.received()
    bench.reloader.attend()  # what was asked for meanwhile
    assert [m.split("=")[0] for m in bench.systemd.received()] == ["RELOADING", "READY"]


def test_a_bundle_changed_in_its_place_is_taken_up(bench: Bench) -> None:
    file = bench.folder / "old/model.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"temperature": 2.5}))
    bench.reload()
    assert len(bench.uses.parts) == 1


def test_nothing_new_disturbs_nothing(bench: Bench) -> None:
    assert [event["model"] for event in bench.reload()] == [bench.net.bundle.name]
    assert bench.uses.parts == [], "the published label and its waits go on"
    bench.net.runtime.run(np.zeros((32, 32, 3), np.uint8))


def test_a_changed_decision_keeps_the_net(bench: Bench) -> None:
    bench.write(decision={"top": 1})
    bench.reload()
    ((classifier, smoother),) = bench.uses.parts
    assert len(smoother.update(classifier.classify(GREY).probabilities, 0.0).top) == 1
    bench.net.runtime.run(np.zeros((32, 32, 3), np.uint8))


def test_how_often_is_logged_is_taken_up(bench: Bench) -> None:
    bench.write(log={"every_frame": True})
    bench.attend()
    bench.log.write(make_result())
    bench.log.close()
    assert len(events(bench.log.path, "frame")) == 1
    (config,) = bench.paces
    assert idle_fps_of(config, watched=False) is None, "each frame is to be logged, still or not"


def test_what_waits_for_a_restart_is_said_until_it_comes(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.write(source={"fps": 5}, log={"backups": 1}, decision={"top": 2})
    bench.attend()
    bench.systemd.received()
    for event in bench.reload():
        assert event["needs_restart"] == ["source.fps", "log.backups"]
    assert "source.fps, log.backups will be taken up by a restart" in caplog.text
    assert len(bench.uses.parts) == 1, "the rest was"


def no_such_key(bench: Bench) -> str:
    bench.config_file.write_text("source: {fsp: 3}")
    return "did you mean source.fps?"


def no_file(bench: Bench) -> str:
    bench.config_file.unlink()
    return "cannot read the configuration"


def no_such_bundle(bench: Bench) -> str:
    bench.write(model={"bundle": "no-such-model"})
    return "no-such-model"


def damaged_net(bench: Bench) -> str:
    (bench.copy("new") / "model.tflite").write_bytes(b"half")
    bench.write(model={"bundle": str(bench.folder / "new")})
    return "truncated, damaged"


def labels_of_another(bench: Bench) -> str:
    bench.write(model={"bundle": str(bench.copy("new", labels=["cat"]))})
    return "has 1 labels"


@pytest.mark.parametrize(
    "spoil", [no_such_key, no_file, no_such_bundle, damaged_net, labels_of_another]
)
def test_what_is_wrong_is_refused_in_a_sentence_and_the_old_goes_on(
    bench: Bench, caplog: pytest.LogCaptureFixture, spoil: Callable[[Bench], str]
) -> None:
    words = spoil(bench)
    (event,) = bench.reload()
    assert words in event["refused"]
    (record,) = caplog.records
    assert record.getMessage().startswith("the reload is refused and nothing has changed: ")
    assert words in record.getMessage()
    assert bench.uses.parts == []
    bench.net.runtime.run(np.zeros((32, 32, 3), np.uint8))


def test_without_another_thread_the_old_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    bench.write(model={"bundle": str(bench.copy("new"))})
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        (news,) = bench.reload()
    assert "the system starts no further thread" in news["refused"]
    assert not bench.uses.parts


def test_a_net_that_fails_as_it_is_run_is_refused_and_let_go(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fails(FakeRuntime):
        def run(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:  # noqa: ARG002
            raise ModelError("cannot be run")

    runtime = Fails([[1, 0]])
    monkeypatch.setattr("camera_app.reload.open_net", lambda new, *_: Net(new, runtime, ""))
    bench.write(model={"bundle": str(bench.copy("new", name="letters"))})
    (event,) = bench.reload()
    assert event["refused"] == "cannot be run"
    assert bench.uses.parts == []
    assert runtime.closed


def test_a_net_that_answers_nonsense_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise ModelError("gives the same answer whatever it is shown")

    monkeypatch.setattr("camera_app.inference.net.choose_runtime", refuse)
    bench.write(model={"bundle": str(bench.copy("new", name="letters"))})
    (event,) = bench.reload()
    assert "the same answer" in event["refused"]
    assert bench.uses.parts == []
